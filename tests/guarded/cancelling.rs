//! The table of cancelling (C1 to C3): driver × time limit × source of the signal × breaker × budget × statistics.

use persevere::breaker::{CircuitBreaker, State};
use persevere::budget::{Class, TokenBucket};
use persevere::{AsyncSleeper, CancelToken, Policy, RetryError, Sleeper, Stats, StopReason, TokioSleeper, retry};
use persevere_testkit::Recorder;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// The moment at which the run is cancelled, 100 ms after it began.
#[derive(Debug, Clone, Copy, PartialEq)]
enum During {
    /// A healthy call of two seconds.
    Attempt,
    /// The wait of an hour after a failure.
    Wait,
}

async fn call(during: During) -> Result<(), &'static str> {
    match during {
        During::Attempt => {
            tokio::time::sleep(2 * SECOND).await;
            Ok(())
        }
        During::Wait => Err("refused"),
    }
}

#[derive(Debug, Clone, Copy)]
enum Driver {
    Run,
    RunWith,
    RunMut,
    Attribute,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum By {
    Signal,
    Sleeper,
}

#[retry(policy = policy, sleeper = sleeper, breaker = breaker, budget = bucket, observe = stats)]
async fn attributed(
    policy: Policy<persevere::backoff::Fixed>,
    sleeper: impl AsyncSleeper + persevere::Clock,
    breaker: &CircuitBreaker,
    bucket: &TokenBucket,
    stats: &Stats,
    during: During,
) -> Result<(), RetryError<&'static str>> {
    call(during).await
}

struct World {
    policy: Policy<persevere::backoff::Fixed>,
    breaker: CircuitBreaker,
    bucket: TokenBucket,
    stats: Stats,
}

impl World {
    async fn drive(
        &self,
        driver: Driver,
        by: By,
        during: During,
        token: &CancelToken,
    ) -> Result<(), RetryError<&'static str>> {
        match by {
            By::Signal => {
                let run = self.policy.on(TokioSleeper).cancelled_by(token.cancelled());
                let run = run.breaker(&self.breaker).budget(&self.bucket).observe(&self.stats);
                match driver {
                    Driver::Run => run.run(|| call(during)).await,
                    Driver::RunWith => run.run_with(|_| call(during)).await,
                    Driver::RunMut => run.run_mut(async || call(during).await).await,
                    Driver::Attribute => unreachable!("the attribute has no signal"),
                }
            }
            By::Sleeper => {
                let sleeper = TokioSleeper.cancelled_by(token);
                let run = self.policy.on(&sleeper);
                let run = run.breaker(&self.breaker).budget(&self.bucket).observe(&self.stats);
                match driver {
                    Driver::Run => run.run(|| call(during)).await,
                    Driver::RunWith => run.run_with(|_| call(during)).await,
                    Driver::RunMut => run.run_mut(async || call(during).await).await,
                    Driver::Attribute => {
                        attributed(self.policy, &sleeper, &self.breaker, &self.bucket, &self.stats, during).await
                    }
                }
            }
        }
    }
}

/// Whatever drives the run and whatever limits it, cancelling ends it at once and counts nowhere as a failure.
#[tokio::test(start_paused = true)]
async fn cancelling_means_the_same_in_every_driver() {
    let limits: [fn(Policy<persevere::backoff::Fixed>) -> Policy<persevere::backoff::Fixed>; 4] = [
        |policy| policy,
        |policy| policy.attempt_timeout(30 * SECOND),
        |policy| policy.max_elapsed(7_200 * SECOND),
        |policy| policy.attempt_timeout(30 * SECOND).max_elapsed(7_200 * SECOND),
    ];
    for driver in [Driver::Run, Driver::RunWith, Driver::RunMut, Driver::Attribute] {
        for by in [By::Signal, By::Sleeper] {
            if matches!(driver, Driver::Attribute) && by == By::Signal {
                continue;
            }
            for during in [During::Attempt, During::Wait] {
                for limit in limits {
                    let world = World {
                        policy: limit(Policy::fixed(3_600 * SECOND).max_attempts(9)),
                        breaker: CircuitBreaker::consecutive_failures(2).build(),
                        bucket: TokenBucket::new(100).cost(Class::Transient, 5).cost(Class::Timeout, 5),
                        stats: Stats::new(),
                    };
                    // Five callers that go away.
                    for _ in 0..5 {
                        let case = format!("{driver:?} {by:?} {during:?} {:?}", world.policy);
                        let (token, start) = (CancelToken::new(), tokio::time::Instant::now());
                        let cancel = async {
                            tokio::time::sleep(SECOND / 10).await;
                            token.cancel();
                        };
                        let (result, ()) = tokio::join!(world.drive(driver, by, during, &token), cancel);
                        let error = result.unwrap_err();
                        assert_eq!(start.elapsed(), SECOND / 10, "{case}");
                        assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1), "{case}");
                        let last = (during == During::Wait).then_some(&"refused");
                        assert_eq!(error.last_error(), last, "{case}");
                        assert_eq!(error.waited(), Duration::ZERO, "{case}");
                        if during == During::Wait {
                            break;
                        }
                    }
                    let stats = world.stats.snapshot();
                    let failures = u64::from(during == During::Wait);
                    assert_eq!(world.breaker.state(TokioSleeper.now()), State::Closed);
                    assert_eq!(stats.failures, failures);
                    assert_eq!(stats.gave_up.cancelled, stats.started);
                    assert_eq!(
                        world.bucket.available(),
                        100,
                        "what was withdrawn for the wait is given back"
                    );
                }
            }
        }
    }
}

/// A signal that is ready before the run begins leaves no attempt.
#[tokio::test(start_paused = true)]
async fn cancelled_before_the_start_makes_no_attempt() {
    let token = CancelToken::new();
    token.cancel();
    let policy = Policy::fixed(SECOND);
    let log = Recorder::new();
    let run = policy.on(TokioSleeper).cancelled_by(token.cancelled()).observe(&log);
    let error = run
        .run(|| async { panic!("it is called") as Result<(), &str> })
        .await
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 0));
    assert_eq!(error.to_string(), "cancelled before the first attempt");
    assert_eq!(log.entries().len(), 2, "a start and an end: {log:?}");
    let run = policy.on(TokioSleeper).cancelled_by(token.cancelled());
    let error = run
        .run_mut(async || panic!("it is called") as Result<(), &str>)
        .await
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 0));
}

/// The output of a signal is ignored, even an error: here the sender of a channel is dropped.
#[tokio::test(start_paused = true)]
async fn signal_that_fails_cancels() {
    let (sender, receiver) = tokio::sync::oneshot::channel::<()>();
    let mut sender = Some(sender);
    let policy = Policy::fixed(3_600 * SECOND);
    let run = policy.on(TokioSleeper).cancelled_by(receiver);
    let attempt = async || {
        drop(sender.take());
        Err::<(), _>("refused")
    };
    let error = run.run_mut(attempt).await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    assert_eq!(error.last_error(), Some(&"refused"));
}

/// A blocking attempt is not interrupted, and can read whether it is cancelled.
#[test]
fn blocking_attempt_finds_whether_it_is_cancelled() {
    use persevere::ThreadSleeper;
    let token = CancelToken::new();
    let error = Policy::fixed(3_600 * SECOND)
        .on(ThreadSleeper.cancelled_by(&token))
        .run_blocking_with(|attempt| {
            assert!(!attempt.is_cancelled());
            token.cancel();
            assert!(attempt.is_cancelled());
            Err::<(), _>("refused")
        })
        .unwrap_err();
    assert_eq!(
        (error.reason(), error.last_error()),
        (StopReason::Cancelled, Some(&"refused"))
    );
}
