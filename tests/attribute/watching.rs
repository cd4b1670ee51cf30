//! Observers, attempts that time out, and runs that are cancelled.

use crate::calls::{Calls, yielding};
use persevere::backoff::Exponential;
use persevere::{CancelToken, Event, Policy, RetryError, Sleeper, StopReason, ThreadSleeper, retry};
use persevere_contract::executor::block_on;
use persevere_testkit::VirtualTime;
use std::cell::RefCell;
use std::time::Duration;

const POLICY: Policy<Exponential> = Policy::exponential(Duration::from_millis(10)).jitter(persevere::Jitter::None);

#[test]
fn observers_receive_every_event() {
    type Log = RefCell<Vec<String>>;

    #[retry(
        max_attempts = 2,
        backoff = fixed("1s"),
        on_retry = |attempt, error, delay| log.borrow_mut().push(format!("{attempt} {error:?} {delay:?}")),
        on_event = |event| if let Event::GaveUp { .. } | Event::Succeeded { .. } = event { log.borrow_mut().push("ended".to_owned()) },
        observe = &persevere::observe::from_fn(|event: &Event<'_, &'static str>| log.borrow_mut().push(format!("{event:?}"))),
        sleeper = yielding(),
    )]
    async fn run(log: &Log, calls: &Calls) -> Result<u32, &'static str> {
        log.borrow_mut().push("called".to_owned());
        calls.call_async().await
    }

    let log = Log::default();
    assert_eq!(block_on(run(&log, &Calls::failing(1))), Ok(2));
    assert_eq!(
        log.into_inner(),
        [
            "Started",
            "AttemptStarted { attempt: 1 }",
            "called",
            "Failed { attempt: 1, failure: Error(\"no\"), verdict: Retry, took: None }",
            "1 Some(\"no\") 1s",
            "Waiting { attempt: 1, failure: Error(\"no\"), delay: 1s }",
            "AttemptStarted { attempt: 2 }",
            "called",
            "ended",
            "Succeeded { attempts: 2, waited: 1s, took: None }",
        ]
    );
}

#[test]
fn attempt_past_its_limit_times_out() {
    #[retry(max_attempts = 3, backoff = fixed("1s"), attempt_timeout = "2s", sleeper = time.asynchronous())]
    async fn alone(time: &VirtualTime, takes: Duration) -> Result<u32, RetryError<&'static str>> {
        time.pass(takes).await;
        Ok(7)
    }

    #[retry(backoff = fixed("1s"), timeout = "2s", sleeper = time.asynchronous())]
    async fn whole_run(time: &VirtualTime, takes: Duration) -> Result<u32, RetryError<&'static str>> {
        time.pass(takes).await;
        Ok(7)
    }

    static TIMED: Policy<Exponential> = POLICY.attempt_timeout(Duration::from_secs(2));

    #[retry(policy = TIMED, sleeper = time.asynchronous())]
    async fn of_policy(time: &VirtualTime, takes: Duration) -> Result<u32, RetryError<&'static str>> {
        time.pass(takes).await;
        Ok(7)
    }

    #[retry(policy = TIMED, sleeper = time.asynchronous())]
    async fn plain(time: &VirtualTime, takes: Duration) -> Result<u32, &'static str> {
        time.pass(takes).await;
        Ok(7)
    }

    let (long, short) = (Duration::from_secs(3), Duration::from_secs(1));
    let time = VirtualTime::new();
    let error = time.block_on(alone(&time, long)).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 3));
    assert_eq!(time.elapsed(), Duration::from_secs(3 * 2 + 2));
    let error = time.block_on(of_policy(&time, long)).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 3));
    let before = time.elapsed();
    let error = time.block_on(whole_run(&time, long)).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 1));
    assert_eq!(time.elapsed() - before, Duration::from_secs(2));
    assert_eq!(time.block_on(whole_run(&time, short)).unwrap(), 7);
    assert_eq!(time.block_on(alone(&time, short)).unwrap(), 7);
    assert_eq!(time.block_on(of_policy(&time, short)).unwrap(), 7);
    assert_eq!(
        time.block_on(plain(&time, long)),
        Ok(7),
        "a function without `RetryError` has no attempt timeout"
    );
    assert_eq!(time.pending(), 0);
}

#[test]
fn cancelled_run_ends() {
    const LONG: Duration = Duration::from_secs(3_600);

    #[retry(policy = Policy::fixed(LONG), sleeper = ThreadSleeper.cancelled_by(token))]
    fn whole(token: &CancelToken, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        token.cancel();
        calls.call()
    }

    #[retry(policy = Policy::fixed(LONG), sleeper = ThreadSleeper.cancelled_by(token))]
    fn plain(token: &CancelToken, calls: &Calls) -> Result<u32, &'static str> {
        token.cancel();
        calls.call()
    }

    #[retry(policy = Policy::fixed(LONG), sleeper = VirtualTime::new().asynchronous().cancelled_by(token))]
    async fn awaited(token: &CancelToken, calls: &Calls) -> Result<u32, RetryError<&'static str>> {
        token.cancel();
        calls.call_async().await
    }

    let error = whole(&CancelToken::new(), &Calls::always_failing()).unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), error.into_last_error()),
        (StopReason::Cancelled, 1, Some("no"))
    );
    let error = block_on(awaited(&CancelToken::new(), &Calls::always_failing())).unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    let calls = Calls::always_failing();
    assert_eq!(plain(&CancelToken::new(), &calls), Err("no"));
    assert_eq!(calls.made(), 1);

    // Cancelled before it began.
    let (token, calls) = (CancelToken::new(), Calls::always_failing());
    token.cancel();
    assert_eq!(whole(&token, &calls).unwrap_err().reason(), StopReason::Cancelled);
    assert_eq!(
        block_on(awaited(&token, &calls)).unwrap_err().reason(),
        StopReason::Cancelled
    );
    assert_eq!(calls.made(), 0);
    assert_eq!(
        plain(&token, &calls),
        Err("no"),
        "a function without `RetryError` makes one attempt"
    );
    assert_eq!(calls.made(), 1);
}
