//! Cancellation: a token ends runs between attempts and wakes sleeps.

use persevere::classify::ByError;
use persevere::{AsyncSleeper, CancelToken, Policy, RetryError, Sleeper, StopReason, ThreadSleeper, Verdict, sleeper};
use persevere_contract::executor::block_on;
use persevere_testkit::{Entry, Polled, Recorder, VirtualTime};
use persevere_tests::script::{Call, scripted};
use persevere_tests::strategy::{cases, script};
use proptest::prelude::*;
use std::cell::Cell;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);
const POLICY: Policy<persevere::backoff::Fixed> = Policy::fixed(HOUR).max_attempts(9);

/// An async sleeper whose sleeps do not end by themselves, and keep no waker.
fn endless() -> impl AsyncSleeper {
    sleeper::from_fn(|_| std::future::pending(), || Duration::ZERO)
}

/// A run on a token that was cancelled before makes no attempt.
#[test]
fn cancelled_before_the_start_is_no_attempt() {
    let (token, log) = (CancelToken::new(), Recorder::new());
    token.cancel();
    let calls = Cell::new(0);
    let call = || {
        calls.set(calls.get() + 1);
        Err::<(), _>("no")
    };
    let check = |error: RetryError<&str>| {
        assert_eq!(
            (error.reason(), error.attempts(), error.waited()),
            (StopReason::Cancelled, 0, Duration::ZERO)
        );
        assert_eq!(error.to_string(), "cancelled before the first attempt");
        assert!(error.last_error().is_none());
    };
    check(
        POLICY
            .on(ThreadSleeper.cancelled_by(&token))
            .observe(&log)
            .run_blocking(call)
            .unwrap_err(),
    );
    let guarded = VirtualTime::new().asynchronous().cancelled_by(&token);
    check(block_on(POLICY.on(guarded).run(|| async { call() })).unwrap_err());
    assert_eq!(calls.get(), 0);
    let end = Entry::GaveUp {
        reason: StopReason::Cancelled,
        attempts: 0,
        waited: Duration::ZERO,
        failure: None,
    };
    assert_eq!(log.entries(), [Entry::Started, end]);
}

/// A token interrupts a blocking sleep from another thread, at once.
#[test]
fn token_interrupts_a_blocking_sleep() {
    let (token, start) = (CancelToken::new(), Instant::now());
    let (announce, waits) = std::sync::mpsc::channel();
    let sleeper = ThreadSleeper.cancelled_by(&token);
    let worker = std::thread::spawn(move || {
        let told = POLICY
            .on(sleeper)
            .on_retry(move |_, _: Option<&&str>, _| announce.send(()).unwrap());
        told.run_blocking(|| Err::<(), _>("no"))
    });
    waits.recv().unwrap();
    std::thread::sleep(Duration::from_millis(20));
    token.cancel();
    let error = worker.join().unwrap().unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), error.waited()),
        (StopReason::Cancelled, 1, Duration::ZERO)
    );
    assert!(start.elapsed() < Duration::from_secs(30));
}

/// Many threads that sleep on one token all wake.
#[test]
fn token_wakes_all_threads() {
    const THREADS: usize = 16;
    let token = CancelToken::new();
    let (announce, waits) = std::sync::mpsc::channel();
    let (ended, ends) = std::sync::mpsc::channel();
    for _ in 0..THREADS {
        let (sleeper, announce, ended) = (ThreadSleeper.cancelled_by(&token), announce.clone(), ended.clone());
        std::thread::spawn(move || {
            let told = POLICY
                .on(sleeper)
                .on_retry(move |_, _: Option<&&str>, _| announce.send(()).unwrap());
            ended
                .send(told.run_blocking(|| Err::<(), _>("no")).unwrap_err())
                .unwrap();
        });
    }
    for _ in 0..THREADS {
        waits.recv().unwrap();
    }
    // From the announcement to the sleep it is a moment.
    std::thread::sleep(Duration::from_millis(20));
    token.clone().cancel();
    for _ in 0..THREADS {
        let error = ends.recv_timeout(Duration::from_secs(10)).expect("a thread sleeps on");
        assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    }
}

/// A token wakes the task of an async sleep, and the run ends there.
#[test]
fn token_wakes_an_async_sleep() {
    let token = CancelToken::new();
    let sleeper = endless().cancelled_by(&token);
    let mut run = Polled::new(POLICY.on(sleeper).run(|| async { Err::<(), _>("no") }));
    let wakes = run.wakes();
    assert!(run.poll().is_pending());
    let before = wakes.count();
    assert!(run.poll().is_pending(), "polling again does not add up wakers");
    token.cancel();
    assert_eq!(wakes.count(), before + 1);
    let Poll::Ready(Err(error)) = run.poll() else {
        panic!("it ends")
    };
    assert_eq!(
        (error.reason(), error.attempts(), error.waited()),
        (StopReason::Cancelled, 1, Duration::ZERO)
    );
    drop(run);
    assert_eq!(Arc::strong_count(&wakes), 1);
}

/// A dropped sleep takes its waker out of the token; the others stay.
#[test]
fn dropped_sleep_leaves_no_waker_in_the_token() {
    let token = CancelToken::new();
    let sleeper = endless().cancelled_by(&token);
    let mut sleeps: Vec<_> = (0..10).map(|_| Polled::new(sleeper.sleep(HOUR))).collect();
    let wakes: Vec<_> = sleeps.iter().map(Polled::wakes).collect();
    for sleep in &mut sleeps {
        assert!(sleep.poll().is_pending());
    }
    for (dropped, sleep) in sleeps.drain(..5).enumerate() {
        drop(sleep);
        assert_eq!(Arc::strong_count(&wakes[dropped]), 1);
    }
    token.cancel();
    let woken = wakes.iter().map(|wakes| wakes.count());
    assert!(
        woken.eq([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]),
        "those that are left, and no other"
    );
}

#[test]
fn guarded_sleeper_has_the_same_time() {
    let time = VirtualTime::new();
    time.advance(HOUR);
    assert_eq!(time.asynchronous().cancelled_by(&CancelToken::new()).now(), HOUR);
}

/// A sleep that moves to another task wakes that task.
#[test]
fn sleep_wakes_the_task_that_polled_last() {
    let token = CancelToken::new();
    let sleep = std::sync::Mutex::new(Box::pin(endless().cancelled_by(&token).sleep(HOUR)));
    let polled = || {
        Polled::new(std::future::poll_fn(|context| {
            sleep.lock().unwrap().as_mut().poll(context)
        }))
    };
    let (mut one, mut two) = (polled(), polled());
    assert!(one.poll().is_pending() && two.poll().is_pending());
    assert_eq!(Arc::strong_count(&one.wakes()), 2, "the token lets go of the first");
    token.cancel();
    assert_eq!((one.wakes().count(), two.wakes().count()), (0, 1));
}

/// A token cancelled during a blocking attempt ends the run after it: the attempt is not interrupted, and its error is kept.
#[test]
fn blocking_run_ends_between_attempts() {
    let token = CancelToken::new();
    let calls = Cell::new(0);
    let call = || {
        calls.set(calls.get() + 1);
        token.cancel();
        Err::<(), _>("last words")
    };
    let error = POLICY
        .on(ThreadSleeper.cancelled_by(&token))
        .run_blocking(call)
        .unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), calls.get()),
        (StopReason::Cancelled, 1, 1)
    );
    assert_eq!(error.into_last_error(), Some("last words"));
}

/// An attempt that succeeds although the token was cancelled is a success. An attempt that fails for good is permanent.
#[test]
fn answer_counts_for_more_than_the_token() {
    let token = CancelToken::new();
    let sleeper = ThreadSleeper.cancelled_by(&token);
    let run = |policy: Policy<_, persevere::classify::ByError>, call: Call| {
        let time = VirtualTime::new();
        let script = scripted(&time, [call]);
        let token = CancelToken::new();
        policy.on(ThreadSleeper.cancelled_by(&token)).run_blocking(|| {
            token.cancel();
            script.call()
        })
    };
    assert!(run(POLICY.classify(ByError), Call::succeeds()).is_ok());
    let reason = |result: Result<_, RetryError<_>>| result.unwrap_err().reason();
    assert_eq!(
        reason(run(POLICY.classify(ByError), Call::fails(Verdict::Stop))),
        StopReason::Permanent
    );
    let once = POLICY.max_attempts(1).classify(ByError);
    assert_eq!(reason(run(once, Call::fails(Verdict::Retry))), StopReason::Attempts);
    assert!(!sleeper.is_cancelled());
}

/// A sleep on a cancelled token is over at once; without one it takes its time.
#[test]
fn cancelled_token_sleeps_no_more() {
    let token = CancelToken::new();
    assert!(!token.sleep_blocking(Duration::from_millis(5)));
    token.cancel();
    token.cancel();
    assert!(token.sleep_blocking(Duration::MAX) && token.is_cancelled());
    block_on(endless().cancelled_by(&token).sleep(Duration::MAX));
    assert_eq!(format!("{token:?}"), "CancelToken { cancelled: true }");
}

/// Guards within guards: either token ends the run.
#[test]
fn either_of_two_tokens_ends_a_run() {
    for which in 0..2 {
        let tokens = [CancelToken::new(), CancelToken::new()];
        let sleeper = VirtualTime::new()
            .asynchronous()
            .cancelled_by(&tokens[0])
            .cancelled_by(&tokens[1]);
        let run = POLICY.on(sleeper).run(|| {
            tokens[which].cancel();
            async { Err::<(), _>("no") }
        });
        assert_eq!(block_on(run).unwrap_err().reason(), StopReason::Cancelled);
    }
}

proptest! {
    #![proptest_config(cases(256))]

    /// E3: a run that is cancelled before its k-th wait has its events and exactly one end. It counts only the
    /// waits that it waited to their end.
    #[test]
    fn cancelled_run_has_its_events(calls in script(), cancelled_in in 1u32..5) {
        let (token, time, log) = (CancelToken::new(), VirtualTime::new(), Recorder::new());
        let script = scripted(&time, calls);
        let policy = Policy::fixed(Duration::from_millis(2)).max_attempts(8).classify(ByError);
        let run = policy
            .on(time.asynchronous().cancelled_by(&token))
            .observe(&log)
            .on_retry(|attempt, _: Option<&_>, _| {
                if attempt == cancelled_in {
                    token.cancel();
                }
            })
            .run(|| script.call_async());
        let result = time.block_on(run);
        let ends = |entry: &&Entry| matches!(entry, Entry::Succeeded { .. } | Entry::GaveUp { .. });
        let entries = log.entries();
        prop_assert_eq!(entries.iter().filter(ends).count(), 1);
        if let Err(error) = result {
            let attempts = script.started().len() as u32;
            prop_assert_eq!(error.attempts(), attempts);
            prop_assert_eq!(error.waited(), time.waits().iter().sum::<Duration>());
            let cancelled = error.reason() == StopReason::Cancelled;
            prop_assert_eq!(cancelled, token.is_cancelled());
            let Some(Entry::GaveUp { reason, attempts: made, waited, failure }) = entries.last() else { panic!("no end") };
            prop_assert_eq!((*reason, *made, *waited), (error.reason(), attempts, error.waited()));
            prop_assert_eq!(failure.is_none(), cancelled, "an attempt failed, and the end says how unless a wait came after");
        }
    }
}
