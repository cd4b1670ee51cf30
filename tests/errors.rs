//! The error of a run that failed.

use persevere::classify::{ByError, not, when};
use persevere::{CancelToken, Classifier, Policy, RetryError, Sleeper, StopReason, Verdict};
use persevere_testkit::VirtualTime;
use persevere_tests::script::{Call, Fault, scripted, verdict};
use persevere_tests::strategy::{cases, plan, script};
use proptest::prelude::*;
use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// An error that can be neither cloned nor copied, with a cause of its own.
#[derive(Debug)]
struct Whole(Box<str>, std::num::ParseIntError);

impl fmt::Display for Whole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            write!(f, "{} because {}", self.0, self.1)
        } else {
            f.write_str(&self.0)
        }
    }
}

impl Error for Whole {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.1)
    }
}

fn whole(text: &str) -> Whole {
    Whole(text.into(), "x".parse::<u8>().unwrap_err())
}

proptest! {
    #![proptest_config(cases(512))]

    /// E1: the error has the attempts, the time waited, the time elapsed and the last error of the run.
    #[test]
    fn error_prints_what_happened(plan in plan(), calls in script()) {
        let time = VirtualTime::new();
        let script = scripted(&time, calls);
        if let Err(error) = plan.policy().on(&time).run_blocking(|| script.call()) {
            let attempts = script.started().len();
            prop_assert_eq!(error.attempts() as usize, attempts);
            prop_assert_eq!(error.waited(), time.waits().iter().sum::<Duration>());
            prop_assert_eq!(error.elapsed(), plan.max_elapsed.map(|_| time.elapsed()));
            let last = error.last_error().map(|fault| fault.number);
            prop_assert!(last.is_none_or(|number| number == attempts), "a blocking attempt does not time out");
            prop_assert_eq!(error.clone().into_last_error(), error.last_error().copied());
        }
    }

    /// E2: each outcome is classified exactly once, and one that stops is the last, with no sleep after it.
    #[test]
    fn each_outcome_is_classified_once(plan in plan(), calls in script()) {
        let time = VirtualTime::new();
        let script = scripted(&time, calls);
        let asked = Cell::new(0);
        let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(plan.max_attempts).classify_outcome_with(|outcome| {
            asked.set(asked.get() + 1);
            verdict(outcome)
        });
        let _ = policy.on(&time).run_blocking(|| script.call());
        prop_assert_eq!(asked.get(), script.started().len());
        asked.set(0);
        let before = script.started().len();
        let _ = time.block_on(policy.on(time.asynchronous()).run(|| script.call_async()));
        prop_assert_eq!(asked.get(), script.started().len() - before);
    }
}

/// E1: the text has the last error, `source` is its source, and the last error comes back owned.
#[test]
fn last_error_comes_back_whole() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(SECOND);
    let mut calls = 0;
    let error = policy
        .on(&time)
        .run_blocking(|| {
            calls += 1;
            Err::<(), _>(whole(&format!("failure {calls}")))
        })
        .unwrap_err();
    assert!(error.source().unwrap().is::<std::num::ParseIntError>());
    assert_eq!(error.to_string(), "gave up after 3 attempts: failure 3");
    assert_eq!(
        format!("{error:#}"),
        "gave up after 3 attempts: failure 3 because invalid digit found in string"
    );
    assert_eq!(error.summary().to_string(), "gave up after 3 attempts");
    assert_eq!(&*error.into_last_error().unwrap().0, "failure 3");
}

fn fail(calls: &[Call], set: impl FnOnce(Policy) -> Policy) -> RetryError<Fault> {
    let time = VirtualTime::new();
    let script = scripted(&time, calls);
    let policy = set(Policy::default().jitter(persevere::Jitter::None)).classify(ByError);
    time.block_on(policy.on(time.asynchronous()).run(|| script.call_async()))
        .unwrap_err()
}

/// E1: each reason is printed in words, with the number of attempts and the last error.
#[test]
fn each_reason_has_its_words() {
    let retry = Call::fails(Verdict::Retry);
    let hint = Call::fails(Verdict::RetryAfter(SECOND * 301));
    let stop = Call::fails(Verdict::Stop);
    let slow = Call::succeeds().after(SECOND);
    let timed = |policy: Policy| policy.attempt_timeout(Duration::from_millis(9)).max_attempts(2);
    let short = |policy: Policy| policy.max_elapsed(Duration::from_millis(50));
    let told = [
        (fail(&[stop], |p| p), "not retryable", ": call 1 failed"),
        (
            fail(&[retry, stop], |p| p),
            "not retryable after 2 attempts",
            ": call 2 failed",
        ),
        (
            fail(&[retry], |p| p.max_attempts(1)),
            "gave up after 1 attempt",
            ": call 1 failed",
        ),
        (fail(&[retry], short), "out of time after 1 attempt", ": call 1 failed"),
        (
            fail(&[slow], timed),
            "gave up after 2 attempts, the last attempt timed out",
            "",
        ),
        (
            fail(&[hint], |p| p),
            "gave up after 1 attempt, asked to wait for too long",
            ": call 1 failed",
        ),
    ];
    for (error, words, cause) in told {
        assert_eq!(error.to_string(), format!("{words}{cause}"));
        assert_eq!(format!("{error:#}"), format!("{words}{cause}"));
        assert_eq!(error.summary().to_string(), words);
        assert!(error.source().is_none(), "the last error has no source");
    }
}

/// `unwrap` and `main` print all that the error has.
#[test]
fn error_is_printed_by_what_it_tells() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(SECOND).max_attempts(2).max_elapsed(SECOND * 60);
    let error = policy.on(&time).run_blocking(|| Err::<(), _>("down")).unwrap_err();
    assert_eq!(
        format!("{error:?}"),
        r#"RetryError { reason: Attempts, attempts: 2, waited: 1s, elapsed: Some(1s), retry_after: None, last_error: Some("down") }"#
    );
}

/// E1: an `Ok` that was not accepted leaves no last error; an `Err` that was accepted is permanent.
#[test]
fn outcomes_against_the_grain() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(SECOND).classify_outcome_with(verdict);
    let run = |call| policy.on(&time).run_blocking(|| scripted(&time, [call]).call());
    let ok = |verdict| Call {
        verdict,
        ..Call::succeeds()
    };
    let (unfinished, refused) = (
        run(ok(Verdict::Retry)).unwrap_err(),
        run(ok(Verdict::Stop)).unwrap_err(),
    );
    assert_eq!((unfinished.reason(), unfinished.attempts()), (StopReason::Attempts, 3));
    assert_eq!((refused.reason(), refused.attempts()), (StopReason::Permanent, 1));
    assert!(unfinished.source().is_none() && refused.last_error().is_none());
    let accepted = run(Call::fails(Verdict::Accept)).unwrap_err();
    assert_eq!((accepted.reason(), accepted.attempts()), (StopReason::Permanent, 1));
    assert!(accepted.last_error().is_some());
}

/// E1: a run that is cancelled while it waits keeps the error of its last attempt.
#[test]
fn run_cancelled_in_wait_keeps_last_error() {
    let token = CancelToken::new();
    let time = VirtualTime::new();
    let sleeper = time.asynchronous().cancelled_by(&token);
    let policy = Policy::fixed(SECOND);
    let run = policy
        .on(sleeper)
        .on_retry(|_, _: Option<&Whole>, _| token.cancel())
        .run(|| async { Err::<(), _>(whole("the cause")) });
    let error = time.block_on(run).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    assert_eq!(error.to_string(), "cancelled after 1 attempt: the cause");
    assert_eq!(&*error.into_last_error().unwrap().0, "the cause");
}

proptest! {
    /// Predicates compose as the operators of logic do.
    #[test]
    fn predicates_compose_as_logic_does(n in 0u32..64) {
        let bit = |bit: u32| when(move |n: &u32| n & bit != 0);
        let has = |bit: u32| n & bit != 0;
        let retries = |classifier: &dyn Classifier<u32>| classifier.classify(&n) == Verdict::Retry;
        prop_assert_eq!(retries(&bit(1).or(bit(2)).and(not(bit(4)))), (has(1) || has(2)) && !has(4));
        prop_assert_eq!(retries(&not(bit(1).and(bit(2)))), !(has(1) && has(2)));
        prop_assert_eq!(retries(&not(bit(1)).or(not(bit(2)))), !(has(1) && has(2)));
        prop_assert_eq!(retries(&not(not(bit(8)))), has(8));
    }
}

/// Hints compose: either's for `or`, the longer for `and`, none for `not`.
#[test]
fn hints_compose() {
    use persevere::classify::from_fn;
    let says = |verdict| from_fn(move |(): &()| verdict);
    let after = |seconds| Verdict::RetryAfter(SECOND * seconds);
    let (short, long, plain, stop) = (
        says(after(1)),
        says(after(9)),
        says(Verdict::Retry),
        says(Verdict::Stop),
    );
    let accept = says(Verdict::Accept);
    assert_eq!(short.and(long).classify(&()), after(9));
    assert_eq!(long.and(short).classify(&()), after(9));
    assert_eq!(plain.and(short).classify(&()), after(1));
    assert_eq!(short.and(plain).classify(&()), after(1));
    assert_eq!(short.and(stop).classify(&()), Verdict::Stop);
    assert_eq!(short.or(long).classify(&()), after(1), "the second is not asked");
    assert_eq!(stop.or(long).classify(&()), after(9));
    assert_eq!(stop.or(accept).classify(&()), Verdict::Accept);
    assert_eq!(accept.and(plain).classify(&()), Verdict::Accept);
    assert_eq!(not(short).classify(&()), Verdict::Stop);
    assert_eq!(not(accept).classify(&()), Verdict::Accept);
}
