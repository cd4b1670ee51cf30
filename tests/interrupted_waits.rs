//! Contract L10: a caller's loop ends a wait early, to try now.

use persevere::backoff::Fixed;
use persevere::breaker::CircuitBreaker;
use persevere::{CancelToken, Jitter, Policy, Sleeper, Stats, StopReason};
use persevere_testkit::{Polled, VirtualTime};
use std::future::{pending, ready};
use std::task::Poll;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn policy() -> Policy<Fixed> {
    Policy::fixed(10 * SECOND).max_attempts(3).jitter(Jitter::None)
}

#[test]
fn async_wait_ends_with_the_signal_and_is_not_counted() {
    let (time, stats) = (VirtualTime::new(), Stats::new());
    let policy = policy();
    let mut steps = policy.on(time.asynchronous()).observe(&stats).steps();
    let mut first = Polled::new(steps.backoff_until("down", time.pass(3 * SECOND)));
    assert!(first.poll().is_pending());
    time.advance(3 * SECOND);
    assert_eq!(first.poll(), Poll::Ready(Ok(())));
    drop(first);
    let mut second = Polled::new(steps.backoff_until("down", pending::<()>()));
    assert!(second.poll().is_pending());
    time.advance(10 * SECOND);
    assert_eq!(second.poll(), Poll::Ready(Ok(())), "the delay has passed");
    drop(second);
    let mut third = Polled::new(steps.backoff_until("down", ready(())));
    let Poll::Ready(Err(error)) = third.poll() else {
        panic!("a run without attempts left ends, whether the signal is ready or not")
    };
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 3));
    assert_eq!((error.waited(), time.elapsed()), (10 * SECOND, 13 * SECOND));
    assert_eq!(stats.snapshot().attempts, 3);
}

#[test]
fn signal_ends_one_wait_and_no_wait_for_a_breaker() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(60 * SECOND).build();
    let policy = policy().retry_rejected(true).exact_hints();
    let mut steps = policy.on(time.asynchronous()).breaker(&breaker).steps();
    let mut backoff = Polled::new(steps.backoff_until("down", ready(())));
    assert!(backoff.poll_until_idle().is_pending(), "it waits for the breaker");
    time.advance(59 * SECOND);
    assert!(backoff.poll_until_idle().is_pending());
    time.advance(SECOND);
    assert_eq!(backoff.poll_until_idle(), Poll::Ready(Ok(())));
}

#[test]
fn cancelling_ends_it_too() {
    let (time, token) = (VirtualTime::new(), CancelToken::new());
    let policy = policy();
    let mut steps = policy.on(time.asynchronous().cancelled_by(&token)).steps();
    let mut backoff = Polled::new(steps.backoff_until("down", pending::<()>()));
    assert!(backoff.poll().is_pending());
    token.cancel();
    let Poll::Ready(Err(error)) = backoff.poll() else {
        panic!("it is cancelled")
    };
    assert_eq!(error.reason(), StopReason::Cancelled);
}

#[test]
fn dropped_wait_leaves_the_run_ready() {
    let time = VirtualTime::new();
    let policy = policy();
    let mut steps = policy.on(time.asynchronous()).steps();
    let mut backoff = Polled::new(steps.backoff_until("down", pending::<()>()));
    assert!(backoff.poll().is_pending());
    drop(backoff);
    assert_eq!(steps.begin().map(|attempt| attempt.number()), Ok(2));
    assert_eq!(steps.into_error(Some("down")).waited(), Duration::ZERO);
}

#[test]
fn blocking_wait_ends_as_its_function_says() {
    let time = VirtualTime::new();
    let policy = policy();
    let mut steps = policy.on(&time).steps();
    let mut asked = Vec::new();
    for is_whole in [false, true] {
        let outcome = steps.backoff_by("down", |delay| {
            asked.push(delay);
            is_whole
        });
        assert_eq!(outcome, Ok(()));
    }
    let error = steps
        .backoff_by("down", |_| unreachable!("the run has ended"))
        .unwrap_err();
    assert_eq!(asked, [10 * SECOND; 2]);
    assert_eq!((error.waited(), error.attempts()), (10 * SECOND, 3));
    assert_eq!(time.elapsed(), Duration::ZERO, "the sleeper does not wait");
}
