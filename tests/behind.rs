//! A part behind a reference, a box, an `Arc` or a shared form behaves as it does directly.

use persevere::backoff::{Context, Decorrelated, Linear};
use persevere::classify::ByError;
use persevere::sleeper::{blocking_from_fn, from_fn};
use persevere::{Backoff, CancelToken, Classifier, Policy, Random, Retryable, Sleeper, Verdict};
use persevere_testkit::VirtualTime;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A backoff that draws its delays keeps its range, by which the worst case is computed.
#[test]
fn backoff_keeps_its_range() {
    let open = Policy::decorrelated(SECOND).max_attempts(6).max_delay(9 * SECOND);
    let worst = open.worst_case();
    assert!(
        worst.total_delay > 5 * SECOND,
        "it is not the shortest delays: {worst:?}"
    );
    let backoff = Decorrelated::new(SECOND);
    let limited = |backoff: Box<dyn Backoff + Send + Sync>| Policy::new(backoff).max_attempts(6).max_delay(9 * SECOND);
    assert_eq!(limited(Box::new(backoff)).worst_case(), worst, "in a box");
    let by_reference: &dyn Backoff = &backoff;
    let policy = Policy::new(by_reference).max_attempts(6).max_delay(9 * SECOND);
    assert_eq!(policy.worst_case(), worst, "by reference");
    let policy = Policy::new(Arc::new(backoff)).max_attempts(6).max_delay(9 * SECOND);
    assert_eq!(policy.worst_case(), worst, "in an `Arc`");
    assert_eq!(open.shared::<()>().worst_case(), worst, "shared");
}

/// A backoff keeps its delay.
#[test]
fn backoff_keeps_its_delay() {
    fn delay(backoff: impl Backoff) -> Option<Duration> {
        backoff.delay(&mut Context::new(3, &mut Random::seeded(1)))
    }

    let linear = Linear::new(SECOND);
    let borrowed = &linear;
    assert_eq!(delay(linear), Some(3 * SECOND));
    assert_eq!(delay(borrowed), Some(3 * SECOND), "by reference");
    assert_eq!(delay(Arc::new(linear)), Some(3 * SECOND), "in an `Arc`");
    assert_eq!(delay(Box::new(linear)), Some(3 * SECOND), "in a box");
    let dynamic: Box<dyn Backoff> = Box::new(linear);
    assert_eq!(delay(dynamic), Some(3 * SECOND), "as a trait object");
}

/// A sleeper keeps its time, and whether its runs are to end.
#[test]
fn sleeper_keeps_its_time_and_its_token() {
    fn told(sleeper: impl Sleeper) -> (Duration, bool) {
        (sleeper.now(), sleeper.is_cancelled())
    }

    let time = VirtualTime::new();
    time.advance(7 * SECOND);
    let token = CancelToken::new();
    let sleeper = time.asynchronous().cancelled_by(&token);
    for cancelled in [false, true] {
        let expected = (7 * SECOND, cancelled);
        assert_eq!(told(&sleeper), expected, "by reference");
        assert_eq!(told(Arc::new(sleeper.clone())), expected, "in an `Arc`");
        assert_eq!(told(sleeper.clone().shared()), expected, "shared");
        token.cancel();
    }
    let now = || time.elapsed();
    assert_eq!(told(from_fn(|_| ready(()), now)), (7 * SECOND, false), "of closures");
    assert_eq!(
        told(blocking_from_fn(|_| (), now)),
        (7 * SECOND, false),
        "of closures that block"
    );
}

/// One of three verdicts.
struct Classified(u32);

impl Retryable for Classified {
    fn verdict(&self) -> Verdict {
        match self.0 {
            0 => Verdict::Stop,
            1 => Verdict::Retry,
            seconds => Verdict::RetryAfter(seconds * SECOND),
        }
    }
}

#[test]
fn error_keeps_its_verdict() {
    for (number, verdict) in [
        (0, Verdict::Stop),
        (1, Verdict::Retry),
        (7, Verdict::RetryAfter(7 * SECOND)),
    ] {
        let error = Classified(number);
        assert_eq!(ByError.classify(&&error), verdict, "by reference");
        assert_eq!(ByError.classify(&Box::new(Classified(number))), verdict, "in a box");
        let dynamic: Box<dyn Retryable> = Box::new(Classified(number));
        assert_eq!(ByError.classify(&dynamic), verdict, "as a trait object");
        assert_eq!(ByError.classify(&Arc::new(error)), verdict, "in an `Arc`");
    }
}

/// A shared policy that classifies whole outcomes makes the same calls and waits as the policy that it was made of.
#[test]
fn shared_policy_of_outcomes_decides_alike() {
    let until_ten = |outcome: &Result<u32, &'static str>| match outcome {
        Ok(value) if *value < 10 => Verdict::Retry,
        Ok(_) => Verdict::Accept,
        Err(_) => Verdict::Stop,
    };
    let open = Policy::exponential(SECOND)
        .max_attempts(8)
        .seed(3)
        .classify_outcome_with(until_ten);
    let shared = open.shared::<u32, &'static str>();
    for (calls, fails) in [([1, 5, 10, 0], false), ([1, 2, 3, 4], true)] {
        let (one, other) = (VirtualTime::new(), VirtualTime::new());
        let operation = || {
            let mut left = calls.iter();
            move || left.next().copied().ok_or("no more")
        };
        let outcome = open.on(&one).run_blocking(operation());
        assert_eq!(outcome.is_err(), fails);
        assert_eq!(shared.on(&other).run_blocking(operation()), outcome);
        assert_eq!(one.waits(), other.waits());
        assert!(!one.waits().is_empty());
    }
}
