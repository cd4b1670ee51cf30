//! A run takes its settings in any order, and each more than once: the last seed, the strictest deadline.

use persevere::{Policy, ThreadSleeper};
use std::io;
use std::time::Duration;

fn main() {
    let (policy, second) = (Policy::default(), Duration::from_secs(1));
    let read = || Ok::<_, io::Error>(7);
    let log = |_: &persevere::Event<'_, io::Error>| ();
    let mut sum = 0;
    sum += policy.on(ThreadSleeper).seed(1).timeout(second).on_event(log).run_blocking(read).unwrap();
    sum += policy.on(ThreadSleeper).seed(1).on_event(log).timeout(second).run_blocking(read).unwrap();
    sum += policy.on(ThreadSleeper).timeout(second).seed(1).on_event(log).run_blocking(read).unwrap();
    sum += policy.on(ThreadSleeper).timeout(second).on_event(log).seed(1).run_blocking(read).unwrap();
    sum += policy.on(ThreadSleeper).on_event(log).seed(1).timeout(second).run_blocking(read).unwrap();
    sum += policy.on(ThreadSleeper).on_event(log).timeout(second).seed(1).run_blocking(read).unwrap();
    sum += policy.on(ThreadSleeper).timeout(second).timeout(second * 2).run_blocking(read).unwrap();
    sum += policy.on(ThreadSleeper).seed(1).seed(2).run_blocking(read).unwrap();
    assert_eq!(sum, 56);
}
