//! A delay of zero still lets the executor run something else, exactly once.

use persevere::{CancelToken, Policy, Sleeper, TokioSleeper, Verdict, sleeper};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::Cell;
use std::future::Future;
use std::task::Poll;
use std::time::Duration;

const HOT: Policy<persevere::backoff::Fixed> = Policy::fixed(Duration::ZERO).max_attempts(5);

/// Polls to the end, and returns the number of polls and wake-ups.
fn count<T>(run: impl Future<Output = T>) -> (usize, usize) {
    let mut run = Polled::new(run);
    while run.poll().is_pending() {}
    (run.polls(), run.wakes().count())
}

/// B4: with n attempts and no delay, a run is polled n times: it yields once between two attempts, and wakes itself
/// once for each.
#[test]
fn zero_delay_yields_once() {
    let time = VirtualTime::new().asynchronous();
    assert_eq!(count(HOT.on(&time).run(|| async { Err::<(), _>("no") })), (5, 4));
    assert_eq!(count(HOT.on(&time).run_with(|_| async { Err::<(), _>("no") })), (5, 4));
    assert_eq!(count(HOT.on(&time).run_mut(async || Err::<(), _>("no"))), (5, 4));
    assert_eq!(count(HOT.on(&time).run_mut_with(async |_| Err::<(), _>("no"))), (5, 4));
    let timed = HOT
        .attempt_timeout(Duration::from_secs(1))
        .max_elapsed(Duration::from_secs(1));
    assert_eq!(count(timed.on(&time).run(|| async { Err::<(), _>("no") })), (5, 4));
    let token = CancelToken::new();
    assert_eq!(
        count(
            HOT.on((&time).cancelled_by(&token))
                .run(|| async { Err::<(), _>("no") })
        ),
        (5, 4)
    );
}

/// B4: a delay that the cap, the jitter or a hint brings to zero yields too.
#[test]
fn every_way_to_zero_yields() {
    let time = VirtualTime::new().asynchronous();
    let capped = Policy::exponential(Duration::from_secs(1))
        .max_delay(Duration::ZERO)
        .max_attempts(5);
    assert_eq!(count(capped.on(&time).run(|| async { Err::<(), _>("no") })), (5, 4));
    let hinted = HOT.classify_with(|_: &&str| Verdict::RetryAfter(Duration::ZERO));
    assert_eq!(count(hinted.on(&time).run(|| async { Err::<(), _>("no") })), (5, 4));
}

/// A delay that is not zero depends on the sleeper: where it is over at once, so is the run.
#[test]
fn delay_of_some_time_is_no_yield() {
    let over = sleeper::from_fn(|_| std::future::ready(()), || Duration::ZERO);
    let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(5);
    assert_eq!(count(policy.on(over).run(|| async { Err::<(), _>("no") })), (1, 0));
    assert_eq!(count(policy.on(over).run_mut(async || Err::<(), _>("no"))), (1, 0));
}

/// A success at once is one poll and no wake-up; so is a failure that stops.
#[test]
fn run_without_a_retry_is_one_poll() {
    let time = VirtualTime::new().asynchronous();
    assert_eq!(count(HOT.on(&time).run(|| async { Ok::<_, ()>(1) })), (1, 0));
    assert_eq!(
        count(
            HOT.retry_if(|_: &&str| false)
                .on(&time)
                .run(|| async { Err::<(), _>("no") })
        ),
        (1, 0)
    );
}

/// Making a run does nothing: its futures are not polled before the run is.
#[test]
fn run_does_nothing_until_polled() {
    let (time, calls) = (VirtualTime::new(), Cell::new(0));
    let policy = Policy::default().max_elapsed(Duration::from_secs(1));
    let call = || {
        calls.set(calls.get() + 1);
        async { Ok::<_, ()>(1) }
    };
    let mut run = Polled::new(policy.on(time.asynchronous()).run(call));
    assert_eq!((calls.get(), time.reads()), (0, 0));
    assert!(matches!(run.poll(), Poll::Ready(Ok(1))));
    assert_eq!(calls.get(), 1);
}

/// B4: a hot failing loop does not starve its executor: another task of the same thread gets its turns.
#[tokio::test]
async fn hot_loop_does_not_starve_its_executor() {
    let turns = std::rc::Rc::new(Cell::new(0));
    let local = tokio::task::LocalSet::new();
    local.spawn_local({
        let turns = turns.clone();
        async move {
            loop {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        }
    });
    let ready = persevere::sleeper::from_fn(|_| std::future::ready(()), || TokioSleeper.now());
    let hot = HOT.max_attempts(1_000);
    local
        .run_until(hot.on(ready).run(|| async { Err::<(), _>("no") }))
        .await
        .unwrap_err();
    assert!(turns.get() >= 900, "{} turns in 999 retries", turns.get());
}
