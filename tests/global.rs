//! The observer of the program receives the same events as the observers of a run.

use persevere::breaker::{BreakerError, CircuitBreaker};
use persevere::gate::{Ended, Gate, Rejected, Report};
use persevere::limit::Bulkhead;
use persevere::observe::{self, GlobalIsSet, Misplaced, UnknownError};
use persevere::{
    CancelToken, Event, Failure, Observer, Policy, Step, ThreadSleeper, TokioSleeper, Verdict, budget::WindowedRatio,
    retry,
};
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Keeps each event as a line, with the kind of a failure in place of its error.
#[derive(Debug, Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

impl<E: fmt::Debug> Observer<E> for Lines {
    fn on_event(&self, event: &Event<'_, E>) {
        let line = match event {
            Event::Failed {
                attempt,
                failure,
                verdict,
                ..
            } => format!("failed {attempt} {} {verdict:?}", failure.as_str()),
            Event::Waiting {
                attempt,
                failure,
                delay,
                ..
            } => format!("waiting {attempt} {} {delay:?}", failure.as_str()),
            Event::GaveUp {
                reason,
                attempts,
                waited,
                failure,
                ..
            } => {
                let failure = failure.map(|failure| failure.as_str());
                format!("gave up {reason:?} {attempts} {waited:?} {failure:?}")
            }
            Event::Succeeded { attempts, waited, .. } => format!("succeeded {attempts} {waited:?}"),
            other => format!("{other:?}"),
        };
        self.0.lock().unwrap().push(line);
    }
}

impl Lines {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// An observer that replaces the observer of the program.
struct Own;

impl<E> Observer<E> for Own {
    fn on_event(&self, _: &Event<'_, E>) {}

    fn replaces_global(&self) -> bool {
        true
    }
}

/// Rejects all.
#[derive(Debug)]
struct Closed;

impl Gate for Closed {
    type Permit = ();

    fn admit(&self, _: Duration) -> Result<(), Rejected> {
        Err(Rejected::for_now(Duration::ZERO))
    }
}

impl<T, E> Report<T, E> for Closed {
    fn report(&self, (): (), _: Ended<'_, T, E>, _: impl Fn() -> Duration) {}
}

/// The name of the type of an error, as the observer of the program receives it.
static TYPE: Mutex<Option<&str>> = Mutex::new(None);

/// The misplaced parts that were reported to the observer of the program.
static MISPLACED: Mutex<Vec<Misplaced>> = Mutex::new(Vec::new());

/// Keeps lines, the name of the last error's type, and parts that are misplaced.
struct WithTypes(Lines);

impl Observer<UnknownError> for WithTypes {
    fn on_event(&self, event: &Event<'_, UnknownError>) {
        if let Event::Failed {
            failure: Failure::Error(error),
            ..
        } = event
        {
            *TYPE.lock().unwrap() = Some(error.type_name());
        }
        self.0.on_event(event);
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        MISPLACED.lock().unwrap().push(misplaced);
        true
    }
}

/// Reports parts that are misplaced itself.
#[derive(Default)]
struct Reports(Mutex<Vec<Misplaced>>);

impl<E> Observer<E> for Reports {
    fn on_event(&self, _: &Event<'_, E>) {}

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        self.0.lock().unwrap().push(misplaced);
        true
    }
}

static SEEN: std::sync::LazyLock<Lines> = std::sync::LazyLock::new(Lines::default);
static OF_THE_ATTRIBUTE: std::sync::LazyLock<Lines> = std::sync::LazyLock::new(Lines::default);

#[retry(max_attempts = 2, backoff = fixed("1ms"), observe = &*OF_THE_ATTRIBUTE)]
fn attributed() -> Result<(), &'static str> {
    Err("no")
}

/// O1.
#[tokio::test]
async fn observer_of_the_program_receives_every_run() {
    let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(3);
    let own = Lines::default();
    let _ = policy
        .on(ThreadSleeper)
        .observe(&own)
        .run_blocking(|| Err::<(), _>("no"));
    assert!(!own.take().is_empty() && SEEN.take().is_empty(), "it is not set");

    observe::set_global(WithTypes(SEEN.clone())).unwrap();
    assert_eq!(observe::set_global(SEEN.clone()), Err(GlobalIsSet));

    let same = |case: &str| {
        let (own, seen) = (own.take(), SEEN.take());
        assert!(own.len() > 1, "{case}");
        assert_eq!(own, seen, "{case}");
        own
    };

    let _ = policy
        .on(ThreadSleeper)
        .observe(&own)
        .run_blocking(|| Err::<(), _>("no"));
    let expected = [
        "Started",
        "AttemptStarted { attempt: 1 }",
        "failed 1 error Retry",
        "waiting 1 error 1ms",
        "AttemptStarted { attempt: 2 }",
        "failed 2 error Retry",
        "waiting 2 error 1ms",
        "AttemptStarted { attempt: 3 }",
        "failed 3 error Retry",
        "gave up Attempts 3 2ms Some(\"error\")",
    ];
    assert_eq!(same("blocking"), expected);

    let fail_once = |attempt: u32| if attempt == 1 { Err("no") } else { Ok(()) };
    let run = policy.on(TokioSleeper).observe(&own);
    run.run_with(|attempt| async move { fail_once(attempt.number()) })
        .await
        .unwrap();
    same("async");

    let mut calls = 0;
    let run = policy.on(TokioSleeper).observe(&own);
    let counted = run.run_mut(async || {
        calls += 1;
        fail_once(calls)
    });
    counted.await.unwrap();
    same("async, lending");

    let mut steps = policy.on(ThreadSleeper).observe(&own).steps();
    while let Ok(attempt) = steps.begin() {
        let outcome = fail_once(attempt.number());
        match steps.settle(&outcome) {
            Some(Step::Wait(_)) => {}
            Some(Step::Stop(_)) | None => break,
        }
    }
    same("steps");

    let timed = policy.attempt_timeout(Duration::from_millis(1));
    let run = timed.on(TokioSleeper).observe(&own);
    let _ = run.run(std::future::pending::<Result<(), &str>>).await;
    assert!(same("timeouts").contains(&"failed 1 timed_out Retry".to_owned()));

    let polling = policy.classify_outcome_with(|_: &Result<(), &str>| Verdict::Retry);
    let _ = polling.on(ThreadSleeper).observe(&own).run_blocking(|| Ok(()));
    assert!(same("unaccepted").contains(&"failed 1 unaccepted Retry".to_owned()));

    let patient = policy.retry_rejected(true);
    let run = patient.on(ThreadSleeper).gate(Closed).observe(&own);
    let _ = run.run_blocking(|| Err::<(), _>("no"));
    assert!(same("rejections").contains(&"waiting 1 rejected 1ms".to_owned()));

    let empty = WindowedRatio::new().reserve(0);
    let run = policy.on(ThreadSleeper).budget(&empty).observe(&own);
    let _ = run.run_blocking(|| Err::<(), _>("no"));
    same("budget");

    let token = CancelToken::new();
    token.cancel();
    let run = policy.on(ThreadSleeper.cancelled_by(&token)).observe(&own);
    let _ = run.run_blocking(|| Err::<(), _>("no"));
    same("cancelled");

    let _ = attributed();
    assert_eq!(SEEN.take(), OF_THE_ATTRIBUTE.take(), "attribute");

    let run = policy.on(ThreadSleeper).observe((&own, Some(&Own)));
    let _ = run.run_blocking(|| Err::<(), _>("no"));
    assert_eq!((own.take().len(), SEEN.take().len()), (10, 0), "replaced");

    let _ = policy
        .on(ThreadSleeper)
        .run_blocking(|| Err::<(), _>(std::io::Error::other("no")));
    assert_eq!(*TYPE.lock().unwrap(), Some("std::io::error::Error"));

    right_orders_are_not_reported();
    wrong_orders_are_reported_once();
}

/// A breaker that is open.
fn open() -> CircuitBreaker {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    let _ = breaker.on(ThreadSleeper).run_blocking(|| Err::<(), _>("down"));
    breaker
}

/// P7: rejections that are handled, ignored, or older.
fn right_orders_are_not_reported() {
    let policy = Policy::fixed(Duration::ZERO).max_attempts(2);
    let (open, calls) = (open(), Bulkhead::new(1));
    let rejected = || open.on(ThreadSleeper).run_blocking(|| Ok::<(), &str>(()));

    // The value of a fallback; and a rejection before the calls that fail.
    let _ = policy
        .on(ThreadSleeper)
        .run_blocking(|| rejected().or(Ok::<_, &str>(())));
    assert!(matches!(rejected(), Err(BreakerError::Rejected(_))));
    let outer = CircuitBreaker::consecutive_failures(9).build();
    let _ = outer.on(ThreadSleeper).run_blocking(|| Err::<(), _>("down"));
    assert!(matches!(rejected(), Err(BreakerError::Rejected(_))));
    let _ = policy.on(ThreadSleeper).run_blocking(|| Err::<(), _>("down"));

    // A rejection that stops the run, or is waited for; and a rejection that the outer breaker ignores.
    let stops = policy.classify_with(|error: &BreakerError<&str>| match error {
        BreakerError::Rejected(_) => Verdict::RetryAfter(Duration::from_nanos(1)),
        BreakerError::Inner(_) => Verdict::Retry,
    });
    let _ = stops.on(ThreadSleeper).run_blocking(rejected);
    let _ = policy.max_attempts(1).on(ThreadSleeper).run_blocking(rejected);
    let careful = CircuitBreaker::consecutive_failures(9)
        .ignore_if(|error: &BreakerError<&str>| matches!(error, BreakerError::Rejected(_)))
        .build();
    let _ = careful.on(ThreadSleeper).run_blocking(rejected);

    // Of two runs, one within the other, one makes a single attempt.
    let once = policy.max_attempts(1);
    for (outer, inner) in [(once, policy), (policy, once)] {
        let run = || inner.on(ThreadSleeper).run_blocking(|| Ok::<_, &str>(()));
        outer.on(ThreadSleeper).run_blocking(run).unwrap();
    }

    // The guards of a run are inside of it, whatever they reject.
    let place = calls.try_acquire();
    let run = policy
        .retry_rejected(true)
        .into_run(ThreadSleeper)
        .bulkhead(&calls)
        .breaker(&open);
    let _ = run.run_blocking(|| Ok::<(), &str>(()));
    drop(place);
    assert_eq!(*MISPLACED.lock().unwrap(), []);
}

/// P7, in debug builds alone.
fn wrong_orders_are_reported_once() {
    let policy = Policy::fixed(Duration::ZERO).max_attempts(3);
    let (open, calls, reports) = (open(), Bulkhead::new(1), Reports::default());
    for _ in 0..2 {
        // A run within an attempt of another, whose observer reports it.
        let inner = || {
            policy
                .on(ThreadSleeper)
                .observe(&reports)
                .run_blocking(|| Ok::<_, &str>(()))
        };
        policy.on(ThreadSleeper).run_blocking(inner).unwrap();

        // A breaker within the attempts, whose rejections are retried.
        let rejected = || open.on(ThreadSleeper).run_blocking(|| Ok::<(), &str>(()));
        let error = policy.on(ThreadSleeper).run_blocking(rejected).unwrap_err();
        assert_eq!(error.attempts(), 3);

        // A breaker around a run with a bulkhead, whose rejections it counts.
        let outer = CircuitBreaker::consecutive_failures(9).build();
        let place = calls.try_acquire();
        let run = || {
            let run = policy.on(ThreadSleeper).bulkhead(&calls);
            run.run_blocking(|| Ok::<(), &str>(()))
        };
        assert!(outer.on(ThreadSleeper).run_blocking(run).is_err());
        drop(place);
    }
    let (own, program) = (reports.0.lock().unwrap(), MISPLACED.lock().unwrap());
    if cfg!(debug_assertions) {
        assert_eq!(*own, [Misplaced::Nested]);
        assert_eq!(*program, [Misplaced::RetriedRejection, Misplaced::CountedRejection]);
    } else {
        assert!(own.is_empty() && program.is_empty());
    }
}
