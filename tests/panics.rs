//! Panics of an operation, a classifier, an observer or a sleeper unwind out of the run and leave nothing behind.

use persevere::{Event, Policy, Sleeper, Verdict, sleeper};
use persevere_contract::executor::block_on;
use persevere_testkit::{Polled, VirtualTime};
use persevere_tests::live::{Counted, Live};
use std::cell::Cell;
use std::future::{Ready, ready};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const POLICY: Policy<persevere::backoff::Fixed> = Policy::fixed(Duration::from_millis(1)).max_attempts(9);

fn unwinds<T>(run: impl FnOnce() -> T) {
    let payload = catch_unwind(AssertUnwindSafe(run)).err().expect("it panics");
    assert_eq!(payload.downcast_ref::<&str>(), Some(&"on purpose"));
}

fn on_call(calls: &Cell<u32>, number: u32) {
    calls.set(calls.get() + 1);
    if calls.get() == number {
        panic!("on purpose");
    }
}

/// E4: an operation that panics at its first call, or at a retry, is not called again.
#[test]
fn operation_that_panics_unwinds() {
    for number in 1..4 {
        let (time, calls) = (VirtualTime::new(), Cell::new(0));
        unwinds(|| {
            POLICY.on(&time).run_blocking(|| {
                on_call(&calls, number);
                Err::<(), _>("no")
            })
        });
        assert_eq!((calls.get(), time.waits().len() as u32), (number, number - 1));
    }
}

/// E4: the same in an async run, in the closure and in its future, with and without a timeout: everything that was
/// alive is dropped.
#[test]
fn async_operation_that_panics_unwinds() {
    for policy in [POLICY, POLICY.attempt_timeout(Duration::from_secs(1))] {
        let (time, calls, live) = (VirtualTime::new(), Cell::new(0), Live::new());
        let sleeper = Counted::new(time.asynchronous(), &live);
        unwinds(|| {
            time.block_on(policy.on(&sleeper).run(|| {
                let guard = live.guard();
                let calls = &calls;
                async move {
                    let _guard = guard;
                    on_call(calls, 3);
                    Err::<(), _>("no")
                }
            }))
        });
        unwinds(|| {
            time.block_on(policy.on(&sleeper).run_mut(async || {
                let _guard = live.guard();
                on_call(&calls, 6);
                Err::<(), _>("no")
            }))
        });
        unwinds(|| {
            time.block_on(policy.on(&sleeper).run(|| {
                on_call(&calls, 8);
                async { Err::<(), _>("no") }
            }))
        });
        assert_eq!((calls.get(), live.count(), time.pending()), (8, 0, 0));
    }
}

/// E4: a classifier that panics.
#[test]
fn classifier_that_panics_unwinds() {
    let (time, asked) = (VirtualTime::new(), Cell::new(0));
    let policy = POLICY.classify_with(|_: &&str| {
        on_call(&asked, 2);
        Verdict::Retry
    });
    unwinds(|| policy.on(&time).run_blocking(|| Err::<(), _>("no")));
    assert_eq!(time.waits().len(), 1);
}

/// E4: an observer that panics at any event: the run ends there, and the observers before it have received the event.
#[test]
fn observer_that_panics_unwinds() {
    // Started, then start, failure and wait of each of two attempts, then start and success of the third.
    for number in 1..=9 {
        let (time, seen, calls) = (VirtualTime::new(), Cell::new(0), Cell::new(0));
        unwinds(|| {
            POLICY
                .on(&time)
                .on_event(|_: &Event<'_, &str>| on_call(&seen, number))
                .run_blocking(|| {
                    calls.set(calls.get() + 1);
                    if calls.get() < 3 { Err("no") } else { Ok(()) }
                })
        });
        assert_eq!((seen.get(), calls.get()), (number, number / 3));
    }
}

/// E4: a backoff that panics.
#[test]
fn backoff_that_panics_unwinds() {
    let asked = Cell::new(0);
    let policy = Policy::new(persevere::backoff::from_fn(|_| {
        on_call(&asked, 2);
        Some(Duration::ZERO)
    }));
    unwinds(|| policy.on(VirtualTime::new()).run_blocking(|| Err::<(), _>("no")));
}

/// A sleeper that panics in its second sleep.
struct Faulty(Cell<u32>);

impl Sleeper for Faulty {
    type Sleep = Ready<()>;

    fn sleep(&self, _: Duration) -> Ready<()> {
        on_call(&self.0, 2);
        ready(())
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// E4: a sleeper that panics.
#[test]
fn sleeper_that_panics_unwinds() {
    let calls = Cell::new(0);
    let call = || {
        calls.set(calls.get() + 1);
        Err::<(), _>("no")
    };
    unwinds(|| POLICY.on(Faulty(Cell::new(0))).run_blocking(call));
    assert_eq!(calls.get(), 2);
    unwinds(|| block_on(POLICY.on(Faulty(Cell::new(0))).run(|| ready(call()))));
    assert_eq!(calls.get(), 4);
}

/// E4: shared parts are unchanged: after a run that unwound, the same policy and sleeper run as before.
#[test]
fn policy_and_a_sleeper_survive_a_panic() {
    let time = VirtualTime::new();
    let policy = POLICY.shared::<&str>();
    unwinds(|| {
        policy
            .on(&time)
            .run_blocking(|| -> Result<(), &str> { panic!("on purpose") })
    });
    let error = policy.on(&time).run_blocking(|| Err::<(), _>("no")).unwrap_err();
    assert_eq!((error.attempts(), time.waits().len()), (9, 8));
}

/// A run that has ended has no outcome any more.
#[test]
fn run_that_has_ended_is_not_to_be_polled() {
    for succeeds in [true, false] {
        let policy = POLICY.max_attempts(1);
        let run = policy.on(sleeper::from_fn(|_| ready(()), || Duration::ZERO));
        let mut run = Polled::new(run.run(|| ready(if succeeds { Ok(()) } else { Err(()) })));
        assert!(run.poll().is_ready());
        let payload = catch_unwind(AssertUnwindSafe(|| run.poll())).expect_err("it panics");
        assert_eq!(payload.downcast_ref(), Some(&"a run was polled after it had ended"));
    }
}
