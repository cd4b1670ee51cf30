//! The sleeper on embassy's mock driver, whose time the test advances. The driver is one for the process: one test.

#![allow(missing_docs)]

use embassy_time::{Duration as Ticks, MockDriver};
use persevere::breaker::{CircuitBreaker, State};
use persevere::{Policy, Sleeper, StopReason};
use persevere_embassy::EmbassySleeper;
use std::future::{Future, pending};
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Polls a future, and advances the time by a tick whenever it is pending. Returns its output and the time that it took.
fn complete<F: Future>(future: F, step: Duration) -> (F::Output, Duration) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let start = EmbassySleeper.now();
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return (output, EmbassySleeper.now() - start),
            Poll::Pending => MockDriver::get().advance(Ticks::from_micros(step.as_micros() as u64)),
        }
    }
}

fn waits_are_never_short() {
    for (delay, ticks) in [(0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (2_500_000, 2_500)] {
        let (_, took) = complete(
            EmbassySleeper.sleep(Duration::from_nanos(delay)),
            Duration::from_micros(1),
        );
        // The timer is pending once, even if its time has come.
        assert!(took >= Duration::from_nanos(delay), "{delay}");
        assert!(took <= Duration::from_micros(ticks.max(1)), "{delay}: {took:?}");
    }
}

fn longest_wait_does_not_panic() {
    let mut sleep = pin!(EmbassySleeper.sleep(Duration::MAX));
    let mut context = Context::from_waker(Waker::noop());
    assert!(sleep.as_mut().poll(&mut context).is_pending());
    MockDriver::get().advance(Ticks::from_secs(1_000_000_000));
    assert!(sleep.as_mut().poll(&mut context).is_pending());
}

fn runs_retry_time_out_and_end() {
    let mut calls = 0;
    let policy = Policy::fixed(ms(10)).max_attempts(3);
    let run = policy.on(EmbassySleeper).run_mut(async || {
        calls += 1;
        if calls < 3 { Err("busy") } else { Ok(21) }
    });
    let (degrees, took) = complete(run, ms(1));
    assert_eq!((degrees, took), (Ok(21), ms(20)));

    let hangs = || pending::<Result<(), &str>>();
    let (error, took) = complete(policy.attempt_timeout(ms(5)).on(EmbassySleeper).run(hangs), ms(1));
    assert_eq!(
        (error.unwrap_err().reason(), took),
        (StopReason::AttemptTimedOut, ms(35))
    );

    let (error, took) = complete(policy.on(EmbassySleeper).timeout(ms(7)).run(hangs), ms(1));
    assert_eq!((error.unwrap_err().reason(), took), (StopReason::Elapsed, ms(7)));
}

fn breaker_closes_again_by_the_clock() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(100)).build();
    let policy = Policy::fixed(ms(1)).max_attempts(1);
    let fails = || async { Err::<(), _>("no answer") };
    let (outcome, _) = complete(policy.on(EmbassySleeper).breaker(&breaker).run(fails), ms(1));
    assert!(outcome.is_err());
    assert_eq!(breaker.state(EmbassySleeper.now()), State::Open);
    MockDriver::get().advance(Ticks::from_millis(100));
    assert_eq!(breaker.state(EmbassySleeper.now()), State::HalfOpen);
}

#[test]
fn embassy_sleeper_keeps_the_rules_of_sleepers() {
    waits_are_never_short();
    longest_wait_does_not_panic();
    runs_retry_time_out_and_end();
    breaker_closes_again_by_the_clock();
}
