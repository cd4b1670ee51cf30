//! Runs on an async delay beside runs on virtual waits.

#![allow(missing_docs)]

use embedded_hal_async::delay::DelayNs;
use persevere::{Policy, StopReason, Verdict};
use persevere_embedded_hal_async::run_delaying;
use proptest::prelude::*;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// Adds up its waits, and is pending once in each.
#[derive(Default)]
struct Delay {
    nanos: u128,
    calls: u32,
}

impl DelayNs for Delay {
    async fn delay_ns(&mut self, ns: u32) {
        self.wait(u128::from(ns)).await;
    }

    async fn delay_ms(&mut self, ms: u32) {
        self.wait(u128::from(ms) * 1_000_000).await;
    }
}

impl Delay {
    async fn wait(&mut self, nanos: u128) {
        let mut is_first = true;
        std::future::poll_fn(|_| {
            if std::mem::take(&mut is_first) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        self.nanos += nanos;
        self.calls += 1;
    }
}

/// Polls until it is ready.
fn complete<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

proptest! {
    #[test]
    fn waits_are_those_of_the_policy(base in 0..10_000_000_000_u64, attempts in 1..8_u32, seed: u64) {
        let policy = Policy::exponential(Duration::from_nanos(base)).max_attempts(attempts).seed(seed);
        let mut delay = Delay::default();
        let mut calls = 0;
        let error = complete(run_delaying(&policy, &mut delay, async |_| {
            calls += 1;
            Err::<(), _>("down")
        })).unwrap_err();
        let planned: Duration = policy.delays().take(attempts as usize - 1).sum();
        prop_assert_eq!(delay.nanos, planned.as_nanos());
        prop_assert_eq!((calls, error.attempts(), error.reason()), (attempts, attempts, StopReason::Attempts));
        prop_assert_eq!(error.waited(), planned);
    }
}

#[test]
fn limit_of_time_counts_waits() {
    let policy = Policy::fixed(Duration::from_secs(2))
        .max_attempts(9)
        .max_elapsed(Duration::from_secs(5));
    let mut delay = Delay::default();
    let error = complete(run_delaying(policy, &mut delay, async |_| Err::<(), _>("down"))).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 3));
    assert_eq!(delay.nanos, 4_000_000_000);
}

#[test]
fn wait_of_a_year_is_divided() {
    let policy = Policy::fixed(Duration::from_secs(365 * 24 * 3600)).max_attempts(2);
    let mut delay = Delay::default();
    assert!(complete(run_delaying(policy, &mut delay, async |_| Err::<(), _>("down"))).is_err());
    assert_eq!((delay.nanos, delay.calls), (31_536_000_000_000_000, 8));
}

#[test]
fn operation_borrows_the_driver() {
    let mut register = vec![0_u8];
    let mut delay = Delay::default();
    let policy = Policy::fixed(Duration::from_millis(1));
    let outcome = complete(run_delaying(policy, &mut delay, async |attempt| {
        register.push(attempt.number() as u8);
        if register.len() < 3 {
            Err("busy")
        } else {
            Ok(register.len())
        }
    }));
    assert_eq!(outcome.unwrap(), 3);
    assert_eq!(register, [0, 1, 2]);
}

#[test]
fn zero_delay_does_not_call_the_delay() {
    let policy = Policy::fixed(Duration::ZERO).max_attempts(3);
    let mut delay = Delay::default();
    let error = complete(run_delaying(policy, &mut delay, async |_| Err::<(), _>("down"))).unwrap_err();
    assert_eq!((error.attempts(), delay.calls), (3, 0));
}

#[test]
fn longest_delay_is_waited_for() {
    let policy = Policy::fixed(Duration::MAX).max_attempts(2);
    let mut delay = Delay::default();
    let error = complete(run_delaying(policy, &mut delay, async |_| Err::<(), _>("down"))).unwrap_err();
    // Delays end at 64-bit nanoseconds.
    assert_eq!((error.attempts(), delay.nanos), (2, u128::from(u64::MAX)));
}

#[test]
fn value_that_is_not_accepted_is_retried() {
    let policy = Policy::fixed(Duration::from_millis(1))
        .max_attempts(2)
        .classify_outcome_with(|outcome: &Result<u32, &str>| match outcome {
            Ok(7) => Verdict::Accept,
            _ => Verdict::Retry,
        });
    let mut delay = Delay::default();
    let mut last = 5;
    let outcome = complete(run_delaying(&policy, &mut delay, async |_| {
        last += 1;
        Ok(last)
    }));
    assert_eq!(outcome.unwrap(), 7);
    let error = complete(run_delaying(&policy, &mut delay, async |_| Ok(9))).unwrap_err();
    assert_eq!(
        (error.attempts(), error.last_error(), delay.nanos),
        (2, None, 2_000_000)
    );
}

#[test]
fn attempt_does_not_time_out() {
    let policy = Policy::fixed(Duration::ZERO).attempt_timeout(Duration::from_nanos(1));
    let mut delay = Delay::default();
    let mut other = Delay::default();
    let outcome = complete(run_delaying(policy, &mut delay, async |_| {
        other.wait(1_000_000).await;
        Ok::<_, &str>(7)
    }));
    assert_eq!(outcome.unwrap(), 7);
}

#[test]
fn dropped_run_neither_waits_nor_calls_again() {
    let policy = Policy::fixed(Duration::from_millis(1));
    let (mut delay, mut calls) = (Delay::default(), 0);
    let mut run = Box::pin(run_delaying(policy, &mut delay, async |_| {
        calls += 1;
        Err::<(), _>("down")
    }));
    assert!(run.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(run);
    assert_eq!((calls, delay.calls), (1, 0));
}
