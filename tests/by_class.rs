//! A curve for throttled attempts beside the curve for all others.

use persevere::backoff::{ByClass, Fixed, Linear};
use persevere::budget::Class;
use persevere::{Backoff, ClassifiedBy, Jitter, Policy, StopReason, Verdict};
use persevere_testkit::{VirtualTime, script};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

const CURVES: ByClass<Fixed, Linear> = ByClass::new(Fixed::new(SECOND))
    .throttled(Linear::new(Duration::from_secs(10)))
    .throttled_retries(2);

fn verdict(status: &u16) -> Verdict {
    match status {
        429 => Verdict::RetryAs(Class::Throttling),
        _ => Verdict::Retry,
    }
}

fn policy<B: Backoff + Copy>(curves: B) -> ClassifiedBy<u16, B> {
    let policy = Policy::new(curves).jitter(Jitter::None).max_attempts(9);
    policy.classify_with(verdict)
}

#[test]
fn class_of_the_failure_chooses_the_curve() {
    let time = VirtualTime::new();
    let policy = policy(CURVES);
    let answers = [Err(500), Err(429), Err(500), Err(500), Ok(())];
    assert_eq!(policy.on(&time).run_blocking(script(answers)), Ok(()));
    // The second failure is the second of all: the linear curve has grown.
    assert_eq!(time.waits(), [1, 20, 1, 1].map(Duration::from_secs));
}

#[test]
fn throttled_retries_end_the_run_before_the_policy_does() {
    let time = VirtualTime::new();
    let policy = policy(CURVES);
    let error = policy.on(&time).run_blocking(|| Err::<(), _>(429)).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 3));
    assert_eq!(time.waits(), [10, 20].map(Duration::from_secs));
}

#[test]
fn one_curve_is_for_all_classes_by_default() {
    let time = VirtualTime::new();
    let policy = policy(ByClass::new(Fixed::new(SECOND))).max_attempts(4);
    let error = policy.on(&time).run_blocking(|| Err::<(), _>(429)).unwrap_err();
    assert_eq!((error.attempts(), error.waited()), (4, 3 * SECOND));
}

#[test]
fn worst_case_takes_the_longer_delay_and_the_most_attempts() {
    let policy = Policy::new(CURVES).jitter(Jitter::None).max_attempts(5);
    let worst = policy.worst_case();
    // Throttled twice, then other failures.
    assert_eq!(
        (worst.attempts, worst.total_delay),
        (5, Duration::from_secs(10 + 20 + 1 + 1))
    );
    // Five seconds are enough for five waits of a second, and for no throttled one.
    let short = policy.max_attempts(9).max_elapsed(5 * SECOND).worst_case();
    assert_eq!((short.attempts, short.total_delay), (5, 5 * SECOND));
    let delays: Vec<_> = policy.delays().collect();
    assert_eq!(delays, [SECOND; 4], "of failures without a class");
}
