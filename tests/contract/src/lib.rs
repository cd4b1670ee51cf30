//! The suite that every sleeper passes, blocking or async, on any executor. It has a function for each rule S1 to S5 of
//! `docs/contract.md`, and [`mount`] with a test for each.

pub mod executor;
mod mount;

use crate::executor::join_all;
use persevere::AsyncSleeper;
use persevere_testkit::Polled;
use std::future::Future;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

/// S1: sleeps at least as long as requested, on its own clock.
pub async fn sleeps_at_least_as_asked<S: AsyncSleeper>(sleeper: S) {
    for nanos in [1, 999, 1_001, 999_999, 1_000_001, 3_700_000, 20_000_000] {
        let asked = Duration::from_nanos(nanos);
        let start = sleeper.now();
        sleeper.sleep(asked).await;
        let slept = sleeper.now() - start;
        assert!(slept >= asked, "asked for {asked:?}, slept {slept:?}");
    }
}

/// S2: the clock does not go back, and moves during every sleep.
pub async fn tells_monotonic_time<S: AsyncSleeper>(sleeper: S) {
    let mut last = sleeper.now();
    for round in 0..2_000 {
        if round % 500 == 499 {
            sleeper.sleep(Duration::from_millis(1)).await;
            assert!(sleeper.now() > last, "the clock stood still in a sleep");
        }
        let now = sleeper.now();
        assert!(now >= last, "the clock went back from {last:?} to {now:?}");
        last = now;
    }
}

/// S3: a dropped sleep wakes nobody and drops its waker.
pub async fn drops_without_a_trace<S: AsyncSleeper>(sleeper: S) {
    let asked = Duration::from_millis(20);
    let mut sleep = Polled::new(sleeper.sleep(asked));
    let wakes = sleep.wakes();
    if sleep.poll().is_ready() {
        return;
    }
    let before = wakes.count();
    drop(sleep);
    sleeper.sleep(asked * 2).await;
    assert_eq!(wakes.count(), before, "a dropped sleep woke its task");
    assert_eq!(Arc::strong_count(&wakes), 1, "a dropped sleep keeps its waker");
}

/// S3 for a sleep that was never polled.
pub async fn drops_unpolled_without_a_trace<S: AsyncSleeper>(sleeper: S) {
    drop(sleeper.sleep(Duration::from_secs(3600)));
    sleeper.sleep(Duration::from_millis(1)).await;
}

/// S4: a sleep of zero, and the longest that there is, neither panic nor overflow. For async sleepers.
pub async fn bears_extreme_delays<S: AsyncSleeper>(sleeper: S) {
    sleeper.sleep(Duration::ZERO).await;
    let almost = Duration::MAX - Duration::from_nanos(1);
    for long in [
        Duration::MAX,
        almost,
        Duration::from_secs(u64::MAX / 4),
        Duration::from_nanos(u64::MAX),
    ] {
        let mut sleep = Polled::new(sleeper.sleep(long));
        assert_eq!(sleep.poll(), Poll::Pending, "{long:?} was over at once");
    }
    sleeper.sleep(Duration::from_millis(1)).await;
}

/// S5: many sleeps of one task overlap.
pub async fn overlaps_in_one_task<S: AsyncSleeper>(sleeper: S) {
    let start = Instant::now();
    join_all((0..1000).map(|_| sleeper.sleep(Duration::from_millis(20)))).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "they took {:?}",
        start.elapsed()
    );
}

/// S5: the sleeps of many tasks overlap. `await_all` awaits each sleep in a task of its own.
pub async fn overlaps_in_many_tasks<S, W>(sleeper: S, await_all: impl FnOnce(Vec<S::Sleep>) -> W)
where
    S: AsyncSleeper,
    W: Future<Output = ()>,
{
    let start = Instant::now();
    await_all((0..1000).map(|_| sleeper.sleep(Duration::from_millis(20))).collect()).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "they took {:?}",
        start.elapsed()
    );
}
