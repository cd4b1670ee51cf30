//! P1 to P6: runs that wait for a gate.

use persevere::gate::{Ended, Gate, Rejected, Report};
use persevere::{CancelToken, Event, Policy, Sleeper, Stats, Step, StopReason, Verdict};
use persevere_testkit::{Entry, Recorder, VirtualTime, script};
use persevere_tests::strategy::cases;
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A gate with a script of rejections. It notes its calls in a log that gates share.
struct Door<'l> {
    name: &'static str,
    answers: RefCell<Vec<Option<Rejected>>>,
    log: &'l RefCell<Vec<String>>,
    out: Cell<i32>,
}

struct Place<'d>(&'d Cell<i32>);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<'l> Door<'l> {
    fn new(name: &'static str, log: &'l RefCell<Vec<String>>) -> Self {
        Door {
            name,
            answers: RefCell::default(),
            log,
            out: Cell::new(0),
        }
    }

    /// Rejects by these, then admits.
    fn rejecting(self, answers: impl IntoIterator<Item = Rejected>) -> Self {
        self.answers.borrow_mut().extend(answers.into_iter().map(Some));
        self
    }

    fn note(&self, what: &str) {
        self.log.borrow_mut().push(format!("{} {what}", self.name));
    }
}

impl<'d> Gate for &'d Door<'_> {
    type Permit = Place<'d>;

    fn admit(&self, _: Duration) -> Result<Place<'d>, Rejected> {
        assert_eq!(self.out.get(), 0, "asked while its own permit is out");
        let mut answers = self.answers.borrow_mut();
        let rejected = if answers.is_empty() { None } else { answers.remove(0) };
        if let Some(rejected) = rejected {
            self.note("rejects");
            return Err(rejected);
        }
        self.note("admits");
        self.out.set(1);
        Ok(Place(&self.out))
    }

    fn hinted(&self, hint: Duration, now: Duration) {
        self.note(&format!("receives {hint:?} at {now:?}"));
    }
}

impl<'d, T, E> Report<T, E> for &'d Door<'_> {
    fn report(&self, permit: Place<'d>, ended: Ended<'_, T, E>, _: impl Fn() -> Duration) {
        let what = match ended {
            Ended::Returned(Ok(_)) => "receives Ok",
            Ended::Returned(Err(_)) => "receives Err",
            _ => "receives no outcome",
        };
        self.note(what);
        drop(permit);
    }
}

/// The table: whatever the order of the calls, pace is asked before the bulkhead, the bulkhead before the breaker.
#[test]
fn guards_are_asked_in_one_order_whatever_the_order_of_calls() {
    type Build<'b> = &'b dyn Fn(&VirtualTime, [&Door<'_>; 3]);
    let asked = |build: Build<'_>| {
        let (time, log) = (VirtualTime::new(), RefCell::default());
        let doors = ["pace", "bulkhead", "gate"].map(|name| Door::new(name, &log));
        build(&time, [&doors[0], &doors[1], &doors[2]]);
        drop(doors);
        log.into_inner()[..3].to_vec()
    };
    let policy = Policy::fixed(SECOND);
    let call = || Ok::<_, ()>(());
    let orders: [Build<'_>; 6] = [
        &|time, [p, b, g]| policy.on(time).pace(p).bulkhead(b).gate(g).run_blocking(call).unwrap(),
        &|time, [p, b, g]| policy.on(time).pace(p).gate(g).bulkhead(b).run_blocking(call).unwrap(),
        &|time, [p, b, g]| policy.on(time).bulkhead(b).pace(p).gate(g).run_blocking(call).unwrap(),
        &|time, [p, b, g]| policy.on(time).bulkhead(b).gate(g).pace(p).run_blocking(call).unwrap(),
        &|time, [p, b, g]| policy.on(time).gate(g).pace(p).bulkhead(b).run_blocking(call).unwrap(),
        &|time, [p, b, g]| policy.on(time).gate(g).bulkhead(b).pace(p).run_blocking(call).unwrap(),
    ];
    for order in orders {
        assert_eq!(asked(order), ["pace admits", "bulkhead admits", "gate admits"]);
    }
}

/// P1: waits are no attempts, no failures and no retries, and use up neither attempts nor the backoff.
#[test]
fn waits_for_a_gate_are_no_attempts() {
    let (time, recorder, stats, log) = (VirtualTime::new(), Recorder::new(), Stats::new(), RefCell::default());
    let door = Door::new("pace", &log).rejecting([Rejected::for_now(3 * SECOND); 5]);
    let policy = Policy::fixed(SECOND).max_attempts(2).exact_hints();
    let run = policy.on(&time).pace(&door).observe(&recorder).observe(&stats);
    assert_eq!(run.run_blocking(script([Err("down"), Ok(7)])), Ok(7));
    assert_eq!(time.waits(), [3, 3, 3, 3, 3, 1].map(Duration::from_secs));
    let paced = Entry::Paced {
        attempt: 1,
        delay: 3 * SECOND,
    };
    assert_eq!(recorder.entries()[1..6], vec![paced; 5]);
    assert_eq!(recorder.waits(), [SECOND], "as `Waiting`");
    let stats = stats.snapshot();
    assert_eq!(
        (stats.paced, stats.attempts, stats.retries, stats.rejections),
        (5, 2, 1, 0)
    );
    assert_eq!(stats.waited, 16 * SECOND);
}

/// P2: a wait that the limits of time forbid is not begun, in every kind of limit.
#[test]
fn limits_of_time_end_a_run_that_waits_for_a_gate() {
    let log = RefCell::default();
    let door = || Door::new("pace", &log).rejecting([Rejected::for_now(4 * SECOND); 9]);
    let policy = Policy::fixed(SECOND).exact_hints();
    let call = || Ok::<_, ()>(7);
    let ends = |result: Result<i32, persevere::RetryError<()>>, time: VirtualTime| {
        let error = result.unwrap_err();
        (error.reason(), error.attempts(), error.retry_after(), time.elapsed())
    };
    let expected = (StopReason::Elapsed, 0, Some(4 * SECOND), 8 * SECOND);

    let time = VirtualTime::new();
    let result = policy.on(&time).timeout(10 * SECOND).pace(&door()).run_blocking(call);
    assert_eq!(ends(result, time), expected);
    let time = VirtualTime::new();
    let limited = Policy::fixed(SECOND).exact_hints().max_elapsed(10 * SECOND);
    let result = limited.on(&time).pace(&door()).run_blocking(call);
    assert_eq!(ends(result, time), expected);
    let time = VirtualTime::new();
    let limited = Policy::fixed(SECOND)
        .exact_hints()
        .max_elapsed(13 * SECOND)
        .min_attempt_time(2 * SECOND);
    let result = limited.on(&time).pace(&door()).run_blocking(call);
    assert_eq!(ends(result, time), expected);
}

/// P2: cancelling ends a wait for a gate at once, and so does the end of a run by its gate.
#[test]
fn cancelling_ends_a_wait_for_a_gate() {
    let (time, token, log) = (VirtualTime::new(), CancelToken::new(), RefCell::default());
    let door = Door::new("pace", &log).rejecting([Rejected::for_now(SECOND); 9]);
    let policy = Policy::fixed(SECOND).exact_hints();
    let run = policy.on(time.asynchronous().cancelled_by(&token)).pace(&door);
    let waits = Cell::new(0);
    let run = run.on_event(|event: &Event<'_, ()>| {
        if let Event::Paced { .. } = event {
            waits.set(waits.get() + 1);
            if waits.get() == 3 {
                token.cancel();
            }
        }
    });
    let error = time.block_on(run.run(async || Ok::<(), ()>(()))).unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), error.waited()),
        (StopReason::Cancelled, 0, 2 * SECOND)
    );
    assert_eq!((door.out.get(), time.elapsed()), (0, 2 * SECOND));
}

/// P3: a rejection that no wait helps stops the run, with its event.
#[test]
fn rejection_that_no_wait_helps_stops_the_run() {
    let (time, recorder, log) = (VirtualTime::new(), Recorder::new(), RefCell::default());
    let door = Door::new("pace", &log).rejecting([Rejected::indefinitely()]);
    let policy = Policy::fixed(SECOND).retry_rejected(true);
    let error = policy
        .on(&time)
        .pace(&door)
        .observe(&recorder)
        .run_blocking(|| Ok::<_, ()>(7))
        .unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), error.retry_after()),
        (StopReason::Rejected, 0, None)
    );
    let rejected = Entry::Rejected {
        attempt: 1,
        retry_after: None,
    };
    assert_eq!(recorder.entries()[1], rejected);
}

/// P4: a gate without a known wait is asked again after 1 ms, then less and less often.
#[test]
fn unknown_waits_double_up_to_64_ms() {
    let (time, log) = (VirtualTime::new(), RefCell::default());
    let door = Door::new("pace", &log).rejecting([Rejected::for_now(Duration::ZERO); 9]);
    let policy = Policy::fixed(SECOND).exact_hints();
    assert_eq!(policy.on(&time).pace(&door).run_blocking(|| Ok::<_, ()>(7)), Ok(7));
    let waits: Vec<_> = time.waits().iter().map(Duration::as_millis).collect();
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 64, 64]);
}

/// P4: waits are spread upward as hints are, reproducibly by the seed, and each draw is its own.
#[test]
fn waits_are_spread_upward_by_a_tenth() {
    let waits = |seed| {
        let (time, log) = (VirtualTime::new(), RefCell::default());
        let door = Door::new("pace", &log).rejecting([Rejected::for_now(SECOND); 50]);
        Policy::fixed(SECOND)
            .on(&time)
            .seed(seed)
            .pace(&door)
            .run_blocking(|| Ok::<_, ()>(7))
            .unwrap();
        time.waits()
    };
    let first = waits(1);
    assert!(
        first.iter().all(|wait| (SECOND..=SECOND * 11 / 10).contains(wait)),
        "{first:?}"
    );
    assert!(first.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(first, waits(1));
    assert_ne!(first, waits(2));
}

/// P5: the hint that the policy accepts reaches the gate before the outcome: within its bound, not spread, and on the
/// last attempt too.
#[test]
fn accepted_hints_reach_the_gate() {
    let received = |policy: Policy, hint: Duration| {
        let (time, log) = (VirtualTime::starting_at(SECOND), RefCell::default());
        let (pace, bulkhead, gate) = (
            Door::new("pace", &log),
            Door::new("bulkhead", &log),
            Door::new("gate", &log),
        );
        let policy = policy
            .max_attempts(1)
            .classify_with(move |_: &&str| Verdict::RetryAfter(hint));
        let run = policy.on(&time).gate(&gate).pace(&pace).bulkhead(&bulkhead);
        let error = run.run_blocking(|| Err::<(), _>("throttled")).unwrap_err();
        assert!(matches!(error.reason(), StopReason::Attempts | StopReason::Hint));
        drop((pace, bulkhead, gate));
        log.into_inner()[3..].to_vec()
    };
    let policy = || Policy::default().max_hint(60 * SECOND);
    let expected = |hint: &str| {
        let mut notes = vec!["gate receives Err".to_owned()];
        for name in ["pace", "bulkhead"] {
            if !hint.is_empty() {
                notes.push(format!("{name} receives {hint} at 1s"));
            }
            notes.push(format!("{name} receives Err"));
        }
        notes
    };
    assert_eq!(received(policy(), 60 * SECOND), expected("60s"));
    assert_eq!(received(policy(), 61 * SECOND), expected(""), "above the bound");
    assert_eq!(
        received(policy().clamp_hints(true), 61 * SECOND),
        expected("60s"),
        "clamped"
    );
    assert_eq!(received(policy(), Duration::ZERO), expected(""));
}

/// P1 in a caller's own loop: the wait is a step, and an attempt begins after it.
#[test]
fn own_loop_waits_for_a_gate() {
    let (time, log) = (VirtualTime::new(), RefCell::default());
    let door = Door::new("pace", &log).rejecting([Rejected::for_now(3 * SECOND); 2]);
    let policy = Policy::fixed(SECOND).max_attempts(2).exact_hints();
    let mut steps = policy.on(&time).pace(&door).steps();
    for _ in 0..2 {
        assert_eq!(steps.begin().unwrap_err(), Step::Wait(3 * SECOND));
    }
    assert_eq!(steps.begin().unwrap().number(), 1);
    assert_eq!(steps.settle(&Err::<(), _>("down")), Some(Step::Wait(SECOND)));
    assert_eq!(steps.begin().unwrap().number(), 2);
    assert_eq!(steps.settle(&Ok::<(), &str>(())), None);
    assert_eq!(steps.machine().waited(), 7 * SECOND);
    assert_eq!(door.out.get(), 0);

    let mut steps = policy.on(&time).pace(&door).steps();
    let _ = steps.begin().unwrap();
    door.answers
        .borrow_mut()
        .extend([Some(Rejected::for_now(2 * SECOND)); 2]);
    let before = time.elapsed();
    steps.backoff_blocking("down").unwrap();
    assert_eq!(
        time.elapsed() - before,
        5 * SECOND,
        "the backoff, and two waits for the gate"
    );
}

/// All drivers wait alike.
#[test]
fn every_driver_waits_for_a_gate() {
    let policy = Policy::fixed(SECOND).exact_hints();
    let waited = |run: &dyn Fn(&VirtualTime, &Door<'_>)| {
        let (time, log) = (VirtualTime::new(), RefCell::default());
        let door =
            Door::new("pace", &log).rejecting([Rejected::for_now(3 * SECOND), Rejected::for_now(Duration::ZERO)]);
        run(&time, &door);
        (time.elapsed(), log.borrow().len())
    };
    let expected = (3 * SECOND + Duration::from_millis(2), 4);
    assert_eq!(
        waited(&|time, door| policy.on(time).pace(door).run_blocking(|| Ok::<_, ()>(())).unwrap()),
        expected
    );
    assert_eq!(
        waited(&|time, door| {
            let run = policy.on(time.asynchronous()).pace(door);
            time.block_on(run.run(async || Ok::<_, ()>(()))).unwrap();
        }),
        expected
    );
    assert_eq!(
        waited(&|time, door| {
            let run = policy.on(time.asynchronous()).pace(door);
            time.block_on(run.run_mut(async || Ok::<_, ()>(()))).unwrap();
        }),
        expected
    );
}

/// A sleeper that checks at each wait that no gate has a permit out.
struct Watching<'d, 'l>(&'d VirtualTime, &'d [Door<'l>]);

impl Sleeper for Watching<'_, '_> {
    type Sleep = std::future::Ready<()>;

    fn sleep(&self, delay: Duration) -> Self::Sleep {
        for door in self.1 {
            assert_eq!(door.out.get(), 0, "`{}` holds a permit while the run waits", door.name);
        }
        self.0.sleep(delay)
    }

    fn now(&self) -> Duration {
        self.0.now()
    }
}

proptest! {
    #![proptest_config(cases(400))]

    /// P6: whatever four gates answer, no permit is held in a wait, and each attempt is reported once to each gate.
    /// Rejections by the gates that are waited for end no run.
    #[test]
    fn gates_hold_nothing_while_a_run_waits(
        answers in prop::collection::vec(prop::collection::vec(prop::bool::weighted(0.6), 0..12), 4),
        failures in 0u32..6,
        attempts in 1u32..6,
    ) {
        let (time, log) = (VirtualTime::new(), RefCell::default());
        let names = ["first pace", "second pace", "bulkhead", "gate"];
        let doors: Vec<Door<'_>> = names.into_iter().map(|name| Door::new(name, &log)).collect();
        for (door, answers) in doors.iter().zip(answers) {
            let rejections = answers.into_iter().map(|admits| (!admits).then_some(Rejected::for_now(SECOND)));
            door.answers.borrow_mut().extend(rejections);
        }
        let calls = Cell::new(0u32);
        let policy = Policy::fixed(SECOND).max_attempts(attempts).retry_rejected(true).exact_hints();
        let result = policy
            .on(Watching(&time, &doors))
            .gate(&doors[3]).pace(&doors[0]).bulkhead(&doors[2]).pace(&doors[1])
            .run_blocking(|| {
                calls.set(calls.get() + 1);
                if calls.get() <= failures { Err("down") } else { Ok(()) }
            });
        let count = |what: &str| log.borrow().iter().filter(|note| *note == what).count() as u32;
        for door in &doors {
            prop_assert_eq!(door.out.get(), 0);
            let reported = count(&format!("{} receives Ok", door.name)) + count(&format!("{} receives Err", door.name));
            prop_assert_eq!(reported, calls.get());
        }
        if let Err(error) = result {
            let rejections = count("bulkhead rejects") + count("gate rejects");
            match error.reason() {
                StopReason::Attempts => prop_assert_eq!(error.attempts(), attempts),
                StopReason::Rejected => prop_assert_eq!(rejections, attempts),
                reason => prop_assert!(false, "{reason:?}"),
            }
        }
    }
}
