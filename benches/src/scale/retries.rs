//! Many runs at once on tokio. Each fails twice and waits 10 to 100 ms after a failure, by the same random numbers for all
//! contestants.

use backon::{BackoffBuilder, Retryable};
use persevere::backoff::{Context, FromFn};
use persevere::{Jitter, Policy, TokioSleeper, backoff};
use rustix::time::{ClockId, clock_gettime};
use std::future::{Future, Ready, ready};
use std::time::{Duration, Instant};

const FAILURES: u32 = 2;

fn delay() -> Duration {
    Duration::from_nanos(fastrand::u64(10_000_000..=100_000_000))
}

/// Fails twice, then succeeds.
fn operation() -> impl FnMut() -> Ready<Result<u32, u32>> {
    let mut left = FAILURES;
    move || {
        if left == 0 {
            return ready(Ok(7));
        }
        left -= 1;
        ready(Err(left))
    }
}

/// The seconds that passed, the seconds of CPU, the KiB of memory at their peak, and the bytes of a future.
pub(super) fn measure(contestant: &str, runs: usize) -> Option<String> {
    Some(match contestant {
        "hand-written" => all(runs, || by_hand(operation())),
        "persevere" => all(runs, || POLICY.on(TokioSleeper).run(operation())),
        "persevere, inlined" => all(runs, || Policy::inlined(|| &POLICY).on(TokioSleeper).run(operation())),
        "backon" => all(runs, || operation().retry(Uniform).sleep(tokio::time::sleep)),
        "tokio-retry" => all(runs, || {
            tokio_retry::Retry::start(std::iter::repeat_with(delay).take(FAILURES as usize), operation())
        }),
        "tryhard" => all(runs, || {
            tryhard::retry_fn(operation())
                .retries(FAILURES)
                .custom_backoff(|_: u32, _: &u32| delay())
        }),
        _ => return None,
    })
}

type Delay = fn(&mut Context<'_>) -> Option<Duration>;

static POLICY: Policy<FromFn<Delay>> = Policy::new(backoff::from_fn((|_| Some(delay())) as Delay))
    .max_attempts(FAILURES + 1)
    .jitter(Jitter::None);

async fn by_hand<F: Future<Output = Result<u32, u32>>>(mut operation: impl FnMut() -> F) -> Result<u32, u32> {
    let mut attempt = 0;
    loop {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(error) if attempt >= FAILURES => return Err(error),
            Err(_) => {
                tokio::time::sleep(delay()).await;
                attempt += 1;
            }
        }
    }
}

/// backon's own backoffs draw other delays.
struct Uniform;

impl BackoffBuilder for Uniform {
    type Backoff = std::iter::Take<std::iter::RepeatWith<fn() -> Duration>>;

    fn build(self) -> Self::Backoff {
        std::iter::repeat_with(delay as fn() -> Duration).take(FAILURES as usize)
    }
}

/// Spawns all runs, and then awaits them. All are there before the first begins, since there is one thread.
fn all<R, E>(runs: usize, run: impl Fn() -> R) -> String
where
    R: IntoFuture<Output = Result<u32, E>, IntoFuture: Send + 'static>,
    E: Send + 'static,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let (start, cpu) = (Instant::now(), cpu_time());
    let succeeded = runtime.block_on(async {
        let tasks: Vec<_> = (0..runs).map(|_| tokio::spawn(run().into_future())).collect();
        let mut succeeded = 0;
        for task in tasks {
            succeeded += usize::from(matches!(task.await, Ok(Ok(7))));
        }
        succeeded
    });
    assert_eq!(succeeded, runs, "runs that succeeded");
    let (wall, cpu) = (start.elapsed(), cpu_time() - cpu);
    let future = size_of::<R::IntoFuture>();
    format!(
        "{} {} {} {future}",
        wall.as_secs_f64(),
        cpu.as_secs_f64(),
        peak_memory()
    )
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}

/// The peak memory in KiB, as the kernel reports it.
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux's /proc");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak = peak.and_then(|rest| rest.trim().strip_suffix(" kB")?.parse().ok());
    peak.expect("VmHWM in /proc/self/status")
}
