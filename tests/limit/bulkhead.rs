//! Q1 and Q2: at most the given number of calls at once.

use persevere::limit::{AdaptiveLimit, Bulkhead, Gradient2, InvalidLimit};
use persevere::{CancelToken, Policy, Sleeper, StopReason};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// Q1: of ten callers at once, three are admitted. Seven stop as rejected, or wait if the bulkhead paces them.
#[test]
fn admits_the_given_number_at_once() {
    let policy = Policy::fixed(SECOND);
    for waits in [false, true] {
        let (time, bulkhead, running) = (VirtualTime::new(), Bulkhead::new(3), Cell::new(0));
        let call = async || {
            running.set(running.get() + 1);
            assert!(running.get() <= 3);
            assert_eq!(running.get(), bulkhead.in_flight());
            time.pass(SECOND).await;
            running.set(running.get() - 1);
            Ok::<_, ()>(())
        };
        let caller = async || match waits {
            true => policy.on(time.asynchronous()).pace(&bulkhead).run(call).await,
            false => policy.on(time.asynchronous()).bulkhead(&bulkhead).run(call).await,
        };
        let results = time.run_all((0..10).map(|_| caller()).collect::<Vec<_>>());
        let admitted = results.iter().filter(|result| result.is_ok()).count();
        assert_eq!((admitted, bulkhead.in_flight()), (if waits { 10 } else { 3 }, 0));
        for error in results.iter().filter_map(|result| result.as_ref().err()) {
            assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 0));
        }
    }
}

/// Q2: a place comes back however the attempt ends.
#[test]
fn places_come_back() {
    let policy = Policy::fixed(SECOND).max_attempts(2).attempt_timeout(SECOND);
    let (time, bulkhead) = (VirtualTime::new(), Arc::new(Bulkhead::new(1)));
    let check = |how: &str| assert_eq!(bulkhead.in_flight(), 0, "{how}");
    let shared = || Arc::clone(&bulkhead);

    let _ = policy
        .on(&time)
        .bulkhead(shared())
        .run_blocking(|| Err::<(), _>("down"));
    check("failed");
    let run = policy
        .on(time.asynchronous())
        .bulkhead(shared())
        .run(pending::<Result<(), ()>>);
    assert!(time.block_on(run).is_err());
    check("timed out");
    let run = || {
        policy
            .on(&time)
            .bulkhead(shared())
            .run_blocking(|| -> Result<(), ()> { resume_unwind(Box::new("on purpose")) })
    };
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    check("panicked");
    let mut run = Polled::new(
        policy
            .on(time.asynchronous())
            .bulkhead(shared())
            .run(pending::<Result<(), ()>>),
    );
    assert!(run.poll().is_pending());
    assert_eq!(bulkhead.in_flight(), 1);
    drop(run);
    check("dropped");
    let token = CancelToken::new();
    let run = policy.on(time.asynchronous().cancelled_by(&token)).bulkhead(shared());
    let run = run.run(|| {
        token.cancel();
        pending::<Result<(), ()>>()
    });
    assert_eq!(time.block_on(run).unwrap_err().reason(), StopReason::Cancelled);
    check("cancelled");
}

/// Q1 with threads: never more at once.
#[test]
fn threads_never_exceed_the_limit() {
    let (bulkhead, adaptive) = (Bulkhead::new(2), AdaptiveLimit::new(Gradient2::new().bounds(2, 2)));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5_000 {
                    if let Some(_place) = bulkhead.try_acquire() {
                        assert!(bulkhead.in_flight() <= 2);
                    }
                    if let Some(place) = adaptive.try_acquire(SECOND) {
                        assert!(adaptive.in_flight() <= 2);
                        place.responded(SECOND);
                    }
                }
            });
        }
    });
    assert_eq!((bulkhead.in_flight(), adaptive.in_flight()), (0, 0));
}

#[test]
fn bulkhead_of_no_calls_is_rejected() {
    assert_eq!(Bulkhead::try_new(0).unwrap_err(), InvalidLimit::Calls);
    assert!(catch_unwind(|| Bulkhead::new(0)).is_err());
}
