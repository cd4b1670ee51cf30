//! Parts that hold a closure or a trait object can still be printed, by their names.

use persevere::backoff::{self, Fixed};
use persevere::breaker::CircuitBreaker;
use persevere::classify::{AnyError, from_fn};
use persevere::{Backoff, CancelToken, Policy, Sleeper, Stats, StopReason, ThreadSleeper, Verdict, observe, sleeper};
use persevere_testkit::{VirtualTime, script_async};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::future::{Ready, ready};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn asynchronous() -> impl Sleeper<Sleep = Ready<()>> + Send + Sync + std::fmt::Debug + 'static {
    sleeper::from_fn(|_| ready(()), || Duration::ZERO)
}

#[test]
fn closures_are_printed_by_what_they_stand_for() {
    assert_eq!(format!("{:?}", backoff::from_fn(|_| Some(SECOND))), "FromFn");
    assert_eq!(format!("{:?}", from_fn(|_: &()| Verdict::Stop)), "FromFn");
    assert_eq!(format!("{:?}", asynchronous()), "FromFn");
    assert_eq!(
        format!("{:?}", sleeper::blocking_from_fn(|_| (), || Duration::ZERO)),
        "BlockingFromFn"
    );
    assert_eq!(
        format!("{:?}", observe::from_fn(|_: &persevere::Event<'_, ()>| ())),
        "FromFn"
    );
    let policy = Policy::fixed(SECOND);
    let run = policy.on(ThreadSleeper).on_retry(|_, _: Option<&()>, _| ());
    let text = format!("{run:?}");
    assert!(text.contains("ThreadSleeper") && text.contains("OnRetry"), "{text}");
}

#[test]
fn shared_forms_are_printed_by_their_names() {
    let policy = Policy::fixed(SECOND).max_attempts(7);
    let shared = format!("{:?}", policy.retry_if(|_: &()| true).shared::<()>());
    for part in ["SharedBackoff", "SharedClassifier", "7"] {
        assert!(shared.contains(part), "{part} is in {shared}");
    }
    let outcomes = policy.classify_outcome_with(on_any).shared::<(), ()>();
    assert!(format!("{outcomes:?}").contains("SharedClassifier"), "{outcomes:?}");
    assert_eq!(format!("{:?}", asynchronous().shared()), "SharedSleeper");
}

fn on_any(_: &Result<(), ()>) -> Verdict {
    Verdict::Accept
}

#[test]
fn inlined_policy_is_printed_as_the_policy() {
    static POLICY: Policy<Fixed> = Policy::fixed(SECOND);
    let inlined = format!("{:?}", Policy::inlined(|| &POLICY));
    assert_eq!(inlined, format!("Inlined({POLICY:?})"));
}

#[test]
fn sleep_that_can_be_cancelled_is_printed_with_its_token() {
    let token = CancelToken::new();
    let sleep = asynchronous().cancelled_by(&token).sleep(SECOND);
    let sleep = format!("{sleep:?}");
    assert!(
        sleep.starts_with("CancellableSleep") && sleep.contains("CancelToken"),
        "{sleep}"
    );
}

/// Each reason to stop has a text of its own.
#[test]
fn reasons_differ() {
    let reasons = [
        StopReason::Permanent,
        StopReason::Attempts,
        StopReason::Elapsed,
        StopReason::AttemptTimedOut,
        StopReason::Hint,
        StopReason::Budget,
        StopReason::Rejected,
        StopReason::Cancelled,
    ];
    let mut texts = reasons.map(|reason| reason.to_string()).to_vec();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), reasons.len(), "{texts:?}");
    assert_eq!(StopReason::Budget.to_string(), "the retry budget is exhausted");
    assert_eq!(StopReason::Rejected.to_string(), "rejected by a breaker or limit");
}

/// Parts without a closure are printed in full.
#[test]
fn plain_parts_are_printed_in_full() {
    let policy = Policy::new(Fixed::new(SECOND)).classify(AnyError);
    let text = format!("{policy:?}");
    assert!(text.contains("Fixed") && text.contains("AnyError"), "{text}");
    let backoff: &dyn Backoff = &Fixed::new(SECOND);
    assert_eq!(Policy::new(backoff).delays().next(), Some(SECOND));
}

/// As many bytes of a text as there is room for.
struct Room(usize);

impl std::fmt::Write for Room {
    fn write_str(&mut self, more: &str) -> std::fmt::Result {
        self.0 = self.0.checked_sub(more.len()).ok_or(std::fmt::Error)?;
        Ok(())
    }
}

/// Text that does not fit is an error, wherever it ends.
#[test]
fn statistics_that_do_not_fit_are_an_error() {
    let stats = Stats::new();
    let policy = Policy::fixed(Duration::ZERO).max_attempts(2);
    for answer in [Ok(()), Err(())] {
        let run = policy.on(ThreadSleeper).observe(&stats).run_blocking(|| answer);
        assert_eq!(run.is_ok(), answer.is_ok());
    }
    let seen = stats.snapshot();
    let length = seen.to_string().len();
    for room in 0..=length {
        let written = write!(Room(room), "{seen}");
        assert_eq!(written.is_ok(), room == length, "{room} of {length}");
    }
}

#[test]
fn curve_is_printed_with_its_settings() {
    let text = format!("{:?}", backoff::Exponential::new(SECOND).factor(1.5));
    assert!(
        text.starts_with("Exponential") && text.contains("1s") && text.contains("1.5"),
        "{text}"
    );
}

#[test]
fn failure_is_printed_as_its_error_or_its_kind() {
    let (time, seen) = (VirtualTime::new(), RefCell::new(Vec::new()));
    let policy = Policy::fixed(SECOND).max_attempts(2).attempt_timeout(SECOND);
    let breaker = CircuitBreaker::consecutive_failures(2).build();
    let outcomes = policy.classify_outcome_with(|outcome: &Result<u8, &str>| match outcome {
        Ok(0) => Verdict::Accept,
        _ => Verdict::Retry,
    });
    let note = observe::from_fn(|event: &persevere::Event<'_, &'static str>| {
        let failure = match *event {
            persevere::Event::Failed { failure, .. } => failure,
            persevere::Event::GaveUp {
                failure: Some(failure), ..
            } => failure,
            _ => return,
        };
        seen.borrow_mut()
            .push((failure.to_string(), failure.as_str(), failure.error().is_some()));
    });
    let run = || outcomes.on(time.asynchronous()).observe(&note).breaker(&breaker);
    let _ = time.block_on(run().run(script_async([Err("reset"), Ok(1)])));
    for _ in 0..2 {
        let _ = time.block_on(run().run(std::future::pending));
    }
    let kinds: BTreeSet<_> = seen.take().into_iter().collect();
    let expected = [
        ("reset", "error", true),
        ("rejected by a breaker or limit", "rejected", false),
        ("the attempt timed out", "timed_out", false),
        ("the result was not accepted", "unaccepted", false),
    ];
    assert_eq!(
        kinds,
        expected
            .map(|(text, name, is_error)| (text.to_owned(), name, is_error))
            .into()
    );
}
