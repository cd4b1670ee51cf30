//! The traits of every public type: `Send`, `Sync`, `Unpin`, unwind safe, `Clone`, `Copy`; and the traits behind `dyn`.

mod spawning;

use persevere::backoff::{Decorrelated, Exponential, Fibonacci, Fixed, Linear, Schedule};
use persevere::cancel::{Cancellable, CancellableSleep};
use persevere::classify::{AnyError, ByError, Errors, not, when};
use persevere::shared::{BoxSleep, SharedBackoff, SharedClassifier};
use persevere::{
    AsyncStdSleeper, Attempt, Backoff, CancelToken, CancellableThreadSleeper, Classifier, DelaySleeper, Delays, Event,
    Failure, FuturesTimerSleeper, InvalidPolicy, Jitter, Machine, Observer, Policy, Random, Ratio, Retry, RetryError,
    RetryIf, Run, SharedPolicy, SharedSleeper, Sleeper, SmolSleeper, Step, StopReason, ThreadSleeper, TokioSleeper,
    Verdict, WorstCase, backoff, classify, observe, sleeper,
};
use persevere_testkit::{Recorder, VirtualTime};
use persevere_tests::device::CountingDelay;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::error::Error;
use std::fmt::Debug;
use std::future::{Future, Ready};
use std::hash::Hash;
use std::io;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;
use std::time::Duration;

const MILLI: Duration = Duration::from_millis(1);

fn threads<T: Send + Sync>() {}
fn plain<T: Send + Sync + Unpin + UnwindSafe + RefUnwindSafe + Debug + 'static>() {}
fn copy<T: Copy + PartialEq + Debug>() {}
fn clone<T: Clone>() {}

/// Plain values have all of these traits.
#[test]
fn values_are_plain() {
    plain::<Policy>();
    plain::<Policy<Fixed, ByError>>();
    plain::<SharedPolicy<io::Error>>();
    plain::<SharedBackoff>();
    plain::<SharedClassifier<io::Error>>();
    plain::<SharedSleeper>();
    plain::<Machine>();
    plain::<Retry<Policy>>();
    plain::<Retry<&'static Policy>>();
    plain::<Delays<'static, Exponential, AnyError, Errors>>();
    plain::<WorstCase>();
    plain::<RetryError<String>>();
    plain::<Attempt>();
    plain::<Random>();
    plain::<CancelToken>();
    plain::<Cancellable<TokioSleeper>>();
    plain::<CancellableThreadSleeper>();
    plain::<Run<Policy, ThreadSleeper>>();
    plain::<backoff::FromFn<fn(&mut backoff::Context<'_>) -> Option<Duration>>>();
    plain::<classify::FromFn<fn(&io::Error) -> Verdict>>();
    plain::<observe::FromFn<fn(&Event<'_, io::Error>)>>();
    assert_impl_all!(observe::OnRetry<fn(u32, Option<&io::Error>, Duration)>: Send, Unpin, Debug);
    threads::<backoff::Context<'static>>();
    threads::<Event<'static, io::Error>>();
    threads::<Failure<'static, io::Error>>();
}

/// Small values are `Copy` and can be compared.
#[test]
fn small_values_are_copy() {
    copy::<Fixed>();
    copy::<Linear>();
    copy::<Exponential>();
    copy::<Fibonacci>();
    copy::<Decorrelated>();
    copy::<Schedule<[Duration; 3]>>();
    copy::<Schedule<&'static [Duration]>>();
    copy::<Jitter>();
    copy::<Ratio>();
    copy::<Verdict>();
    copy::<Step>();
    copy::<StopReason>();
    copy::<InvalidPolicy>();
    copy::<WorstCase>();
    fn hash<T: Hash + Eq>() {}
    hash::<Verdict>();
    hash::<StopReason>();
    fn also_copy<T: Copy>() {}
    also_copy::<Policy>();
    also_copy::<RetryIf<io::Error, Schedule<[Duration; 2]>>>();
    also_copy::<ThreadSleeper>();
    also_copy::<TokioSleeper>();
    also_copy::<SmolSleeper>();
    also_copy::<AsyncStdSleeper>();
    also_copy::<FuturesTimerSleeper>();
    also_copy::<Failure<'static, io::Error>>();
}

/// Shared values are `Clone` even if the error is not.
#[test]
fn shared_values_are_clone() {
    clone::<SharedPolicy<io::Error>>();
    clone::<SharedSleeper>();
    clone::<CancelToken>();
    clone::<Machine>();
    clone::<Retry<SharedPolicy<io::Error>>>();
    clone::<RetryError<String>>();
    clone::<Attempt>();
}

/// A policy can be compared with another.
#[test]
fn policies_can_be_compared() {
    copy::<Policy>();
}

/// Errors are errors, and travel.
#[test]
fn errors_are_errors() {
    fn error<T: Error + Send + Sync + 'static>() {}
    error::<RetryError<io::Error>>();
    error::<InvalidPolicy>();
    fn boxed() -> Result<(), Box<dyn Error + Send + Sync>> {
        Policy::default()
            .on(ThreadSleeper)
            .run_blocking(|| Ok::<_, io::Error>(()))?;
        Ok(())
    }
    boxed().unwrap();
}

/// S6: sleepers and their sleeps are `Send` and `Sync` where the runtime's are, and only there.
#[test]
fn sleepers_are_send_as_their_runtimes_are() {
    fn both<S: Sleeper<Sleep: Send> + Send + Sync + 'static>() {}
    both::<ThreadSleeper>();
    both::<CancellableThreadSleeper>();
    both::<TokioSleeper>();
    both::<AsyncStdSleeper>();
    both::<SmolSleeper>();
    both::<FuturesTimerSleeper>();
    both::<SharedSleeper>();
    both::<Cancellable<SmolSleeper>>();
    both::<Arc<dyn Sleeper<Sleep = BoxSleep> + Send + Sync>>();
    threads::<CancellableSleep<tokio::time::Sleep>>();
    // A device can move to another thread, but not wait on two at once.
    assert_impl_all!(DelaySleeper<CountingDelay>: Send);
    assert_not_impl_any!(DelaySleeper<CountingDelay>: Sync);
    type Local = sleeper::FromFn<fn(Duration) -> std::pin::Pin<Box<dyn Future<Output = ()>>>, fn() -> Duration>;
    assert_not_impl_any!(<Local as Sleeper>::Sleep: Send);
    assert_not_impl_any!(Cancellable<std::rc::Rc<()>>: Send);
}

/// All four traits work behind `dyn`, by reference and counted.
#[test]
fn all_traits_work_behind_dyn() {
    let time = VirtualTime::new();
    let blocking: &dyn Sleeper<Sleep = Ready<()>> = &time;
    let backoff: &dyn Backoff = &Linear::new(MILLI);
    let classifier: Arc<dyn Classifier<&'static str>> = Arc::new(when(|error: &&str| *error == "again"));
    let log = Recorder::new();
    let observer: &dyn Observer<&'static str> = &log;
    let policy = Policy::new(backoff).with_classifier(classifier);
    let error = policy
        .on(blocking)
        .observe(observer)
        .run_blocking(|| Err::<(), _>("again"))
        .unwrap_err();
    assert_eq!((error.attempts(), time.waits()), (3, vec![MILLI, MILLI * 2]));
    assert_eq!(log.entries().len(), 1 + 3 + 2 + 1);

    let sleeper: Arc<dyn Sleeper<Sleep = BoxSleep> + Send + Sync> = Arc::new(time.asynchronous().shared());
    let observer: Arc<dyn Observer<&'static str>> = Arc::new(log);
    let error = time
        .block_on(
            policy
                .on(sleeper)
                .observe(observer)
                .run(|| async { Err::<(), _>("again") }),
        )
        .unwrap_err();
    assert_eq!((error.attempts(), time.waits().len()), (3, 4));

    let boxed: Box<dyn Backoff + Send + Sync> = Box::new(Schedule::new(vec![MILLI]));
    let boxed_classifier: Box<dyn Classifier<&'static str>> = Box::new(not(when(|error: &&str| *error == "stop")));
    let policy = Policy::new(boxed).with_classifier(boxed_classifier);
    assert_eq!(
        policy
            .on(&time)
            .run_blocking(|| Err::<(), _>("again"))
            .unwrap_err()
            .attempts(),
        2
    );
}

/// `run_mut` may borrow mutably what the operation captures.
#[test]
fn run_mut_borrows_mutably() {
    async fn push(log: &mut Vec<u32>, number: u32) -> Result<usize, &'static str> {
        log.push(number);
        if log.len() < 3 { Err("too short") } else { Ok(log.len()) }
    }
    let (time, mut log) = (VirtualTime::new(), Vec::new());
    let sleeper = time.asynchronous();
    let policy = Policy::fixed(MILLI).max_attempts(5);
    let run = policy
        .on(&sleeper)
        .run_mut_with(async |attempt| push(&mut log, attempt.number()).await);
    assert_eq!(time.block_on(run).unwrap(), 3);
    assert_eq!(log, [1, 2, 3]);
    let timed = policy.attempt_timeout(MILLI);
    assert_eq!(
        time.block_on(timed.on(&sleeper).run_mut(async || push(&mut log, 9).await))
            .unwrap(),
        4
    );
}

/// A success at once neither sleeps nor reads the clock, in any driver, and needs no random number. A policy with
/// jitter and no seed does not call its backoff.
#[test]
fn success_touches_nothing() {
    let (time, asked) = (VirtualTime::new(), Cell::new(0));
    let policy = Policy::new(backoff::from_fn(|context| {
        asked.set(asked.get() + 1);
        Some(Duration::from_nanos(context.random().bits()))
    }))
    .jitter(Jitter::Full);
    assert_eq!(policy.on(&time).run_blocking(|| Ok::<_, ()>(1)).unwrap(), 1);
    assert_eq!(policy.on(&time).run_blocking_with(|_| Ok::<_, ()>(1)).unwrap(), 1);
    assert_eq!(
        time.block_on(policy.on(time.asynchronous()).run(|| async { Ok::<_, ()>(1) }))
            .unwrap(),
        1
    );
    assert_eq!(
        time.block_on(policy.on(time.asynchronous()).run_with(|_| async { Ok::<_, ()>(1) }))
            .unwrap(),
        1
    );
    assert_eq!(
        time.block_on(policy.on(time.asynchronous()).run_mut(async || Ok::<_, ()>(1)))
            .unwrap(),
        1
    );
    assert_eq!((asked.get(), time.reads(), time.waits().len()), (0, 0, 0));
}
