//! The endings of runs: a value or error, the last `Ok`, or everything that is known; and boxed errors.

use persevere::backoff::Fixed;
use persevere::classify::{FromFn, Outcomes};
use persevere::{AsyncSleeper, Jitter, Policy, RetryError, Sleeper, StopReason, ThreadSleeper, Verdict};
use persevere_testkit::{Polled, VirtualTime, script, script_async};
use std::error::Error;
use std::future::pending;
use std::io;
use std::task::Poll;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

type Outcome = Result<u16, &'static str>;

/// Accepts an `Ok` of 200, retries all else; 429 has a hint of two seconds.
fn verdict(outcome: &Outcome) -> Verdict {
    match outcome {
        Ok(200) => Verdict::Accept,
        Ok(429) => Verdict::RetryAfter(2 * SECOND),
        Ok(_) | Err(_) => Verdict::Retry,
    }
}

type Judged = FromFn<fn(&Outcome) -> Verdict>;

fn policy() -> Policy<Fixed, Judged, Outcomes> {
    let policy = Policy::fixed(SECOND).jitter(Jitter::None).exact_hints();
    policy.classify_outcome_with(verdict)
}

#[test]
fn whole_run_that_succeeded_has_attempts_and_waits() {
    let time = VirtualTime::new();
    let policy = policy();
    let ended = policy
        .on(&time)
        .whole()
        .run_blocking(script([Err("reset"), Ok(429), Ok(200)]));
    assert_eq!((ended.outcome, ended.reason), (Some(Ok(200)), None));
    assert_eq!((ended.attempts, ended.waited, ended.retry_after), (3, 3 * SECOND, None));
}

#[test]
fn whole_run_that_gave_up_has_its_last_outcome() {
    let time = VirtualTime::new();
    let policy = policy().max_attempts(2);
    let ended = policy.on(&time).whole().run_blocking(script([Err("reset"), Ok(429)]));
    assert_eq!(
        (ended.outcome, ended.reason),
        (Some(Ok(429)), Some(StopReason::Attempts))
    );
    assert_eq!(
        (ended.attempts, ended.waited, ended.retry_after),
        (2, SECOND, Some(2 * SECOND))
    );

    let run = policy
        .on(time.asynchronous())
        .whole()
        .run(script_async([Ok(503), Err("reset")]));
    let ended = time.block_on(run);
    assert_eq!(
        (ended.outcome, ended.reason),
        (Some(Err("reset")), Some(StopReason::Attempts))
    );
}

#[test]
fn whole_run_without_an_outcome_has_none() {
    let time = VirtualTime::new();
    let policy = policy().max_attempts(1).attempt_timeout(SECOND);
    let run = policy.on(time.asynchronous()).whole().run(pending);
    let ended = time.block_on(run);
    assert_eq!((ended.outcome, ended.reason), (None, Some(StopReason::AttemptTimedOut)));
    assert_eq!(ended.attempts, 1);
}

#[test]
fn last_ok_is_accepted_where_the_run_gives_up() {
    let time = VirtualTime::new();
    let policy = policy().max_attempts(2);
    let last = |answers| policy.on(&time).accept_last().run_blocking(script(answers));
    assert_eq!(last([Ok(429), Ok(503)]), Ok(503));
    assert_eq!(last([Ok(429), Ok(200)]), Ok(200));
    let error = last([Ok(503), Err("reset")]).unwrap_err();
    assert_eq!(
        (error.last_error(), error.reason()),
        (Some(&"reset"), StopReason::Attempts)
    );

    let hung = policy.attempt_timeout(SECOND).max_attempts(1);
    let error = time.block_on(hung.on(time.asynchronous()).accept_last().run(pending));
    assert_eq!(error.unwrap_err().reason(), StopReason::AttemptTimedOut);
}

#[test]
fn boxed_error_prints_its_cause_and_can_be_downcast() {
    let failed = || {
        Err::<(), _>(Box::<dyn Error + Send + Sync>::from(io::Error::from(
            io::ErrorKind::TimedOut,
        )))
    };
    let run = Policy::fixed(Duration::ZERO).max_attempts(1).into_run(ThreadSleeper);
    let error = run.run_blocking(failed).unwrap_err().boxed();
    assert_eq!(error.to_string(), "gave up after 1 attempt: timed out");
    let last = error.into_last_error().expect("the attempt failed");
    assert_eq!(format!("{last} {last:?}"), "timed out Kind(TimedOut)");
    assert!(last.source().is_none());
    assert!(last.downcast_ref::<io::Error>().is_some());
    assert!(last.into_inner().downcast::<io::Error>().is_ok());

    let nested = RetryError::permanent(io::Error::other(io::Error::from(io::ErrorKind::TimedOut))).boxed();
    assert_eq!(
        nested.source().map(ToString::to_string),
        None,
        "an error is printed or a source, and never both"
    );
}

#[test]
fn local_sleeper_waits_as_the_sleeper_in_it() {
    fn shared(sleeper: impl AsyncSleeper<Sleep: 'static> + 'static) -> persevere::LocalSharedSleeper {
        sleeper.shared_local()
    }
    let time = VirtualTime::new();
    let sleeper = shared(time.asynchronous());
    let mut sleep = Polled::new(sleeper.clone().sleep(SECOND));
    assert!(sleep.poll().is_pending());
    time.advance(SECOND);
    assert_eq!((sleep.poll(), sleeper.now()), (Poll::Ready(()), SECOND));
    assert_eq!(format!("{sleeper:?}"), "LocalSharedSleeper");
    let policy = Policy::fixed(SECOND).jitter(Jitter::None).max_attempts(2);
    let error = time
        .block_on(policy.on(sleeper).run(|| async { Err::<(), _>("down") }))
        .unwrap_err();
    assert_eq!(error.waited(), SECOND);
}
