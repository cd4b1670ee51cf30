//! N1 to N5: a pause that all callers share.

use persevere::gate::{Gate, Rejected};
use persevere::limit::{InvalidLimit, Pause};
use persevere::{Policy, StopReason, Verdict};
use persevere_testkit::{Polled, VirtualTime};
use persevere_tests::strategy::cases;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Throttled(Duration);

/// Obeys the hint of a server that throttles.
fn obey(throttled: &Throttled) -> Verdict {
    Verdict::RetryAfter(throttled.0)
}

/// A server that allows one call, and then none for the given time.
struct Server<'t> {
    time: &'t VirtualTime,
    throttled_until: Cell<Duration>,
    calls: RefCell<Vec<Duration>>,
    running: Cell<u32>,
    most: Cell<u32>,
}

impl<'t> Server<'t> {
    fn new(time: &'t VirtualTime, throttled_until: Duration) -> Self {
        Server {
            time,
            throttled_until: Cell::new(throttled_until),
            calls: RefCell::default(),
            running: Cell::new(0),
            most: Cell::new(0),
        }
    }

    async fn call(&self) -> Result<(), Throttled> {
        self.calls.borrow_mut().push(self.time.elapsed());
        self.running.set(self.running.get() + 1);
        self.most.set(self.most.get().max(self.running.get()));
        self.time.pass(Duration::from_millis(10)).await;
        self.running.set(self.running.get() - 1);
        match self.throttled_until.get().saturating_sub(self.time.elapsed()) {
            Duration::ZERO => Ok(()),
            left => Err(Throttled(left)),
        }
    }
}

/// N1: 20 callers, one 429 with a minute: 21 calls, and nobody calls before the minute is over.
#[test]
fn one_hint_pauses_all_callers() {
    let (time, pause) = (VirtualTime::new(), Pause::new());
    let server = Server::new(&time, 60 * SECOND);
    let policy = Policy::default().max_attempts(2).classify_with(obey);
    let (server, pause, policy) = (&server, &pause, &policy);
    let callers = (0..20u32).map(|n| {
        let time = time.clone();
        async move {
            // The first is answered before the others begin.
            time.pass(Duration::from_millis(20) * n).await;
            let run = policy.on(time.asynchronous()).seed(n.into()).pace(pause);
            run.run(|| server.call()).await
        }
    });
    let results = time.run_all(callers);
    assert!(results.iter().all(Result::is_ok), "{results:?}");
    let calls = server.calls.borrow();
    assert_eq!(calls.len(), 21);
    assert!(calls[1] >= 60 * SECOND, "{calls:?}");
    assert!(calls[20] <= 67 * SECOND, "{calls:?}");
}

/// N1: without the pause each caller is throttled once.
#[test]
fn callers_without_a_pause_are_throttled_one_by_one() {
    let time = VirtualTime::new();
    let server = Server::new(&time, 60 * SECOND);
    let policy = Policy::default().max_attempts(2).classify_with(obey);
    let callers = (0..20).map(|_| policy.on(time.asynchronous()).run(|| server.call()));
    time.run_all(callers.collect::<Vec<_>>());
    assert_eq!(server.calls.borrow().len(), 40);
}

/// N3: after a pause one attempt goes first, and its success releases the others.
#[test]
fn one_attempt_goes_first() {
    let (time, pause) = (VirtualTime::new(), Pause::new());
    pause.pause_for(10 * SECOND, time.elapsed());
    let server = Server::new(&time, Duration::ZERO);
    // Without spreading all come at once.
    let policy = Policy::default().exact_hints().classify_with(obey);
    let callers = (0..20).map(|_| policy.on(time.asynchronous()).pace(&pause).run(|| server.call()));
    time.run_all(callers.collect::<Vec<_>>());
    let calls = server.calls.borrow();
    let at = |at: Duration| calls.iter().filter(|call| **call == at).count();
    assert_eq!((calls.len(), at(10 * SECOND)), (20, 1));
    assert!(calls[1] >= 10 * SECOND + Duration::from_millis(10), "{calls:?}");
    assert_eq!(pause.paused_for(time.elapsed()), None);
}

/// N3: a hint to the attempt that goes first pauses all again.
#[test]
fn hint_to_the_first_attempt_pauses_again() {
    let (time, pause) = (VirtualTime::new(), Pause::new());
    pause.pause_for(10 * SECOND, time.elapsed());
    let server = Server::new(&time, 30 * SECOND);
    let policy = Policy::default().exact_hints().classify_with(obey);
    let callers = (0..20).map(|_| policy.on(time.asynchronous()).pace(&pause).run(|| server.call()));
    let results = time.run_all(callers.collect::<Vec<_>>());
    assert!(results.iter().all(Result::is_ok));
    let calls = server.calls.borrow();
    assert_eq!(calls.len(), 21);
    assert_eq!(calls[0], 10 * SECOND);
    assert!(calls[1..].iter().all(|call| *call >= 30 * SECOND), "{calls:?}");
}

/// Whether a pause admits the next attempt as the first; or for how long it rejects the attempt.
fn admits(pause: &Pause, now: Duration) -> Result<bool, Option<Duration>> {
    match pause.admit(now) {
        Ok(permit) => {
            let is_first = permit.is_first();
            // The permit is kept, so that the next attempt does not go first.
            std::mem::forget(permit);
            Ok(is_first)
        }
        Err(rejected) => Err(rejected.retry_after()),
    }
}

/// N3: a first attempt that ends without an outcome lets the next go first: dropped, panicked, timed out or stuck.
#[test]
fn first_attempt_without_an_outcome_lets_the_next_go_first() {
    let policy = Policy::fixed(SECOND).max_attempts(1).attempt_timeout(SECOND);
    let paused = || {
        let (time, pause) = (VirtualTime::new(), Pause::new());
        pause.pause_for(SECOND, time.elapsed());
        time.advance(2 * SECOND);
        (time, pause)
    };

    let (time, pause) = paused();
    let mut run = Polled::new(
        policy
            .on(time.asynchronous())
            .pace(&pause)
            .run(pending::<Result<(), Throttled>>),
    );
    assert!(run.poll().is_pending());
    assert_eq!(
        (&pause).admit(time.elapsed()).unwrap_err(),
        Rejected::for_now(Duration::ZERO)
    );
    drop(run);
    assert_eq!(admits(&pause, time.elapsed()), Ok(true), "dropped");

    let (time, pause) = paused();
    let run = || {
        policy
            .on(&time)
            .pace(&pause)
            .run_blocking(|| -> Result<(), ()> { resume_unwind(Box::new("on purpose")) })
    };
    assert!(catch_unwind(AssertUnwindSafe(run)).is_err());
    assert_eq!(admits(&pause, time.elapsed()), Ok(true), "panicked");

    let (time, pause) = paused();
    let run = policy
        .on(time.asynchronous())
        .pace(&pause)
        .run(pending::<Result<(), ()>>);
    assert_eq!(time.block_on(run).unwrap_err().reason(), StopReason::AttemptTimedOut);
    assert_eq!(admits(&pause, time.elapsed()), Ok(true), "timed out");

    let (time, pause) = paused();
    assert_eq!(admits(&pause, time.elapsed()), Ok(true));
    time.advance(10 * SECOND - Duration::from_nanos(2));
    assert_eq!(
        admits(&pause, time.elapsed()),
        Err(Some(Duration::ZERO)),
        "within `first_within`"
    );
    time.advance(Duration::from_nanos(4));
    assert_eq!(admits(&pause, time.elapsed()), Ok(true), "stuck");
}

/// N3: any outcome of the first attempt except a hint releases the others, an error too.
#[test]
fn error_without_a_hint_ends_the_pause() {
    let (time, pause) = (VirtualTime::new(), Arc::new(Pause::new()));
    pause.pause_for(SECOND, time.elapsed());
    let policy = Policy::fixed(SECOND).max_attempts(1);
    assert!(
        policy
            .on(&time)
            .pace(Arc::clone(&pause))
            .run_blocking(|| Err::<(), _>("no such page"))
            .is_err()
    );
    assert_eq!(pause.paused_for(time.elapsed()), None);
}

/// N3: an attempt from before the pause neither ends nor shortens it.
#[test]
fn attempt_from_before_the_pause_does_not_end_it() {
    let (time, pause) = (VirtualTime::new(), Pause::new());
    let policy = Policy::fixed(SECOND);
    let run = policy.on(&time).pace(&pause);
    let result = run.run_blocking(|| {
        pause.pause_for(60 * SECOND, time.elapsed());
        Ok::<_, ()>(())
    });
    assert_eq!((result, pause.paused_for(time.elapsed())), (Ok(()), Some(60 * SECOND)));
}

/// N5: a clock that went back leaves nobody waiting for longer than the bound.
#[test]
fn clock_that_went_back_bounds_the_pause() {
    let pause = Pause::new().at_most(60 * SECOND).first_within(5 * SECOND);
    pause.pause_for(60 * SECOND, 1_000 * SECOND);
    assert_eq!((&pause).admit(SECOND).unwrap_err(), Rejected::for_now(60 * SECOND));
    assert_eq!(admits(&pause, 2_000 * SECOND), Ok(true));
    assert_eq!(
        admits(&pause, SECOND),
        Ok(true),
        "the first attempt has a lease of the clock before"
    );
}

/// N4: a pause of `None` has no effect.
#[test]
fn optional_pause_may_be_none() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(SECOND);
    assert_eq!(
        policy.on(&time).pace(None::<&Pause>).run_blocking(|| Ok::<_, ()>(7)),
        Ok(7)
    );
    let pause = Pause::new();
    pause.pause_for(SECOND, time.elapsed());
    assert_eq!(
        policy.on(&time).pace(Some(&pause)).run_blocking(|| Ok::<_, ()>(7)),
        Ok(7)
    );
    assert!(time.elapsed() >= SECOND);
}

#[test]
fn useless_settings_are_rejected() {
    assert_eq!(
        Pause::new().try_at_most(Duration::ZERO).unwrap_err(),
        InvalidLimit::AtMost
    );
    assert_eq!(
        Pause::new().try_first_within(Duration::ZERO).unwrap_err(),
        InvalidLimit::FirstWithin
    );
}

proptest! {
    #![proptest_config(cases(500))]

    /// N2: a pause lasts until the latest of the requested times, each bounded, and is never shortened.
    #[test]
    fn later_hints_only_lengthen(hints in prop::collection::vec((0u64..100, 0u64..200), 1..20), at_most in 1u64..150) {
        let pause = Pause::new().at_most(Duration::from_secs(at_most));
        let (mut now, mut until) = (0, 0);
        for (passes, hint) in hints {
            now += passes;
            pause.pause_for(Duration::from_secs(hint), Duration::from_secs(now));
            until = until.max(if hint == 0 { 0 } else { now + hint.min(at_most) });
            let expected = match until {
                0 => None,
                until => Some(Duration::from_secs(until.saturating_sub(now))),
            };
            prop_assert_eq!(pause.paused_for(Duration::from_secs(now)), expected);
        }
        pause.release();
        prop_assert_eq!(pause.paused_for(Duration::from_secs(now)), None);
    }
}
