use persevere::{Policy, ThreadSleeper};

fn main() {
    let policy = Policy::default();
    let run = policy.on(ThreadSleeper).breaker("a breaker");
    let _ = run.run_blocking(|| Ok::<_, u8>(7));
}
