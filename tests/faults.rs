//! Inputs on which a run once did not do what its users expect, each with the value that it should have.

use persevere::classify::{ByError, within};
use persevere::gate::{Ended, Gate, Rejected, Report};
use persevere::{Jitter, Machine, Policy, RetryError, Step, StopReason, Verdict};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::Cell;
use std::future::pending;
use std::io;
use std::task::Poll;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// Two attempts are refused and the third hangs: the error says "refused".
#[test]
fn timeout_after_errors_keeps_the_last_error() {
    let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
    for by_attempt in [true, false] {
        let time = VirtualTime::new();
        let policy = Policy::fixed(SECOND).max_attempts(3);
        let policy = if by_attempt {
            policy.attempt_timeout(5 * SECOND)
        } else {
            policy
        };
        let calls = Cell::new(0);
        let run = policy.on(time.asynchronous()).timeout(10 * SECOND).run(|| {
            calls.set(calls.get() + 1);
            let n = calls.get();
            async move {
                if n < 3 {
                    Err(refused())
                } else {
                    pending::<io::Result<()>>().await
                }
            }
        });
        let mut run = Polled::new(run);
        let error = loop {
            match run.poll() {
                Poll::Ready(result) => break result.unwrap_err(),
                Poll::Pending => {
                    time.advance_to_next();
                }
            }
        };
        let reason = if by_attempt {
            StopReason::AttemptTimedOut
        } else {
            StopReason::Elapsed
        };
        assert_eq!((error.reason(), error.attempts()), (reason, 3));
        assert_eq!(error.last_error().unwrap().kind(), io::ErrorKind::ConnectionRefused);
        assert!(error.to_string().ends_with(": connection refused"), "{error}");
        assert_eq!(io::Error::from(error).kind(), io::ErrorKind::ConnectionRefused);
    }
}

/// A retry around a retry makes the calls of one of them.
#[test]
fn retry_around_a_retry_does_not_multiply() {
    let policy = Policy::fixed(Duration::ZERO).max_attempts(4);
    let calls = Cell::new(0);
    let inner = || {
        calls.set(calls.get() + 1);
        Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionReset))
    };
    let time = VirtualTime::new();
    let outer = policy
        .classify(ByError)
        .on(&time)
        .run_blocking(|| policy.on(&time).run_blocking(inner));
    let error: RetryError<RetryError<io::Error>> = outer.unwrap_err();
    assert_eq!((error.reason(), calls.replace(0)), (StopReason::Permanent, 4));

    let outer = policy
        .classify(ByError)
        .on(&time)
        .run_blocking(|| policy.on(&time).run_blocking(inner).map_err(io::Error::from));
    assert_eq!((outer.unwrap_err().reason(), calls.get()), (StopReason::Permanent, 4));
}

/// The reset is three errors down, in an `io::Error::other`.
#[test]
fn error_within_an_error_is_found() {
    let reset = || io::Error::from(io::ErrorKind::ConnectionReset);
    let policy = Policy::fixed(Duration::ZERO).classify(within::<io::Error, _>(ByError));
    let time = VirtualTime::new();
    let nested = || Err::<(), _>(io::Error::other(io::Error::other(reset())));
    assert_eq!(policy.on(&time).run_blocking(nested).unwrap_err().attempts(), 3);
    let unrelated = || Err::<(), _>(io::Error::other("corrupt"));
    assert_eq!(policy.on(&time).run_blocking(unrelated).unwrap_err().attempts(), 1);
}

/// A gate that rejects the given number of times.
struct Closed(Cell<u32>);

impl Gate for &Closed {
    type Permit = ();

    fn admit(&self, _: Duration) -> Result<(), Rejected> {
        match self.0.get().checked_sub(1) {
            Some(left) => {
                self.0.set(left);
                Err(Rejected::for_now(SECOND / 10))
            }
            None => Ok(()),
        }
    }
}

impl<T, E> Report<T, E> for &Closed {
    fn report(&self, (): (), _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}
}

/// A rejection moves no curve and uses up no schedule.
#[test]
fn rejection_is_no_attempt() {
    let time = VirtualTime::new();
    let policy = Policy::exponential(SECOND)
        .jitter(Jitter::None)
        .max_attempts(2)
        .retry_rejected(true)
        .exact_hints();
    let gate = Closed(Cell::new(1));
    let error = policy
        .on(&time)
        .gate(&gate)
        .run_blocking(|| Err::<(), _>("down"))
        .unwrap_err();
    assert_eq!((error.attempts(), error.waited()), (2, SECOND / 10 + SECOND));

    let schedule = Policy::schedule([SECOND, 2 * SECOND])
        .retry_rejected(true)
        .exact_hints();
    let gate = Closed(Cell::new(2));
    let error = schedule
        .on(&time)
        .gate(&gate)
        .run_blocking(|| Err::<(), _>("down"))
        .unwrap_err();
    assert_eq!((error.attempts(), error.waited()), (3, 2 * SECOND / 10 + 3 * SECOND));
}

/// On a simulated clock the timer of an attempt that is ready at once takes no time.
#[test]
fn attempt_that_is_ready_at_once_takes_no_time() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(SECOND).max_attempts(5).attempt_timeout(5 * SECOND);
    let mut run = Polled::new(policy.on(&time).run(|| async { Err::<(), _>("down") }));
    assert!(run.poll().is_ready());
    assert_eq!(time.elapsed(), 4 * SECOND);
}

/// The worst case takes no longer for more attempts.
#[test]
fn worst_case_of_billions_of_attempts_is_at_once() {
    let start = Instant::now();
    let delays = vec![SECOND; 1_000_000];
    let worst = Policy::schedule(&delays).worst_case();
    assert_eq!((worst.attempts, worst.total_delay), (1_000_001, 1_000_000 * SECOND));
    let worst = Policy::exponential(SECOND)
        .max_delay(4 * SECOND)
        .max_attempts(u32::MAX - 1)
        .worst_case();
    assert_eq!(worst.total_delay, (1 + 2) * SECOND + (u32::MAX - 2 - 2) * (4 * SECOND));
    let within_a_day = Policy::fixed(SECOND)
        .unlimited_attempts()
        .max_elapsed(86_400 * SECOND)
        .worst_case();
    assert_eq!(
        (within_a_day.attempts, within_a_day.total_delay),
        (86_400, 86_399 * SECOND)
    );
    assert!(start.elapsed() < 20 * SECOND, "{:?}", start.elapsed());
}

/// A thousand callers with the same hint come back at different times, and none before the time of the hint.
#[test]
fn hint_for_many_is_spread() {
    let policy = Policy::fixed(SECOND).classify_with(|_: &&str| Verdict::RetryAfter(60 * SECOND));
    let waits: std::collections::BTreeSet<_> = (0..1_000)
        .map(
            |_| match Machine::start(Duration::ZERO).step(&policy, Verdict::RetryAfter(60 * SECOND), Duration::ZERO) {
                Step::Wait(delay) => delay,
                Step::Stop(reason) => panic!("{reason:?}"),
            },
        )
        .collect();
    assert!(waits.len() > 990, "{}", waits.len());
    assert!(waits.iter().all(|wait| (60 * SECOND..=66 * SECOND).contains(wait)));
}

/// A hint of 633 years is not obeyed, whatever the policy's cap.
#[test]
fn absurd_hint_stops_the_run_without_a_cap() {
    let policy = Policy::exponential(SECOND).classify_with(|_: &&str| Verdict::RetryAfter(Duration::MAX));
    let time = VirtualTime::new();
    let error = policy.on(&time).run_blocking(|| Err::<(), _>("throttled")).unwrap_err();
    assert_eq!((error.reason(), error.waited()), (StopReason::Hint, Duration::ZERO));
    assert!(error.hint().unwrap() > 365 * 86_400 * SECOND);
}

/// Other code that seeds its own generator does not make two runs alike.
#[test]
fn seeds_of_other_code_change_no_delay() {
    let delays = || {
        fastrand::seed(42);
        Policy::exponential(SECOND).delays().collect::<Vec<_>>()
    };
    assert_ne!(delays(), delays());
    fastrand::seed(42);
    let alone = fastrand::u64(..);
    fastrand::seed(42);
    let _ = Policy::exponential(SECOND).delays().count();
    assert_eq!(fastrand::u64(..), alone, "a retry disturbs no other generator");
}

/// A watch that was healthy for hours is not given up at its first drop.
#[test]
fn time_counts_from_the_first_failure_if_set() {
    for since_first_failure in [true, false] {
        let time = VirtualTime::new();
        let policy = Policy::fixed(SECOND).max_elapsed(5 * SECOND).max_attempts(9);
        let policy = if since_first_failure {
            policy.since_first_failure()
        } else {
            policy
        };
        let calls = Cell::new(0);
        let result = policy.on(&time).run_blocking(|| {
            calls.set(calls.get() + 1);
            if calls.get() == 1 {
                time.advance(3_600 * SECOND);
                return Err("dropped");
            }
            Ok(())
        });
        assert_eq!(result.is_ok(), since_first_failure);
    }
}
