//! Several guards in one run (R1, R2): a rejection by a later guard leaves nothing held by the earlier guards.

use persevere::breaker::{CircuitBreaker, State};
use persevere::budget::{Budget, Class};
use persevere::gate::{Ended, Gate, Rejected, Report};
use persevere::{Policy, Sleeper, Step, StopReason};
use persevere_testkit::VirtualTime;
use persevere_tests::strategy::cases;
use proptest::prelude::*;
use std::cell::Cell;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// A gate with a script of answers, which counts its permits.
#[derive(Debug, Default)]
struct Door {
    admits: Vec<bool>,
    asked: Cell<usize>,
    out: Cell<i32>,
    reported: Cell<u32>,
}

struct Place<'d>(&'d Door);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.out.set(self.0.out.get() - 1);
    }
}

impl<'d> Gate for &'d Door {
    type Permit = Place<'d>;

    fn admit(&self, _: Duration) -> Result<Place<'d>, Rejected> {
        assert_eq!(self.out.get(), 0, "asked while its own permit is out");
        let n = self.asked.replace(self.asked.get() + 1);
        if self.admits.get(n).copied().unwrap_or(true) {
            self.out.set(self.out.get() + 1);
            Ok(Place(self))
        } else {
            Err(Rejected::for_now(SECOND))
        }
    }
}

impl<'d, T, E> Report<T, E> for &'d Door {
    fn report(&self, permit: Place<'d>, _: Ended<'_, T, E>, _: impl Fn() -> Duration) {
        self.reported.set(self.reported.get() + 1);
        drop(permit);
    }
}

/// A budget of the given number of retries.
#[derive(Debug)]
struct Purse(Cell<u32>);

impl Budget for Purse {
    fn withdraw(&self, _: Class, _: Duration) -> Option<u32> {
        self.0.set(self.0.get().checked_sub(1)?);
        Some(1)
    }

    fn give_back(&self, cost: u32) {
        self.0.set(self.0.get() + cost);
    }

    fn is_timed(&self) -> bool {
        false
    }
}

/// A sleeper that checks at each wait that no gate has a permit out.
struct Watching<'d>(&'d VirtualTime, &'d [Door]);

impl Sleeper for Watching<'_> {
    type Sleep = std::future::Ready<()>;

    fn sleep(&self, delay: Duration) -> Self::Sleep {
        for door in self.1 {
            assert_eq!(door.out.get(), 0, "a permit is held while the run waits");
        }
        self.0.sleep(delay)
    }

    fn now(&self) -> Duration {
        self.0.now()
    }
}

proptest! {
    #![proptest_config(cases(400))]

    /// Three gates and three budgets, whatever they answer: no permit is held in a wait, and each admitted attempt is
    /// reported once to each gate. Each budget has lost exactly the retries that were made.
    #[test]
    fn guards_hold_nothing_that_is_not_used(
        admits in prop::collection::vec(prop::collection::vec(prop::bool::weighted(0.7), 0..12), 3),
        purses in prop::array::uniform3(0u32..8),
        failures in 0usize..10,
        attempts in 1u32..8,
        waits in any::<bool>(),
    ) {
        let doors: Vec<Door> = admits.into_iter().map(|admits| Door { admits, ..Door::default() }).collect();
        let budgets = purses.map(|retries| Purse(Cell::new(retries)));
        let time = VirtualTime::new();
        let policy = Policy::fixed(SECOND).max_attempts(attempts).retry_rejected(waits).exact_hints();
        let calls = Cell::new(0u32);
        let result = policy
            .on(Watching(&time, &doors))
            .gate(&doors[0]).budget(&budgets[0])
            .gate(&doors[1]).budget(&budgets[1])
            .budget(&budgets[2]).gate(&doors[2])
            .run_blocking(|| {
                calls.set(calls.get() + 1);
                if calls.get() as usize <= failures { Err("down") } else { Ok(()) }
            });
        let made = calls.get();
        for door in &doors {
            prop_assert_eq!(door.out.get(), 0);
            prop_assert_eq!(door.reported.get(), made, "each attempt is reported once");
        }
        let retries = made.saturating_sub(1);
        for (budget, had) in budgets.iter().zip(purses) {
            prop_assert_eq!(had - budget.0.get(), retries, "retries withdrawn");
        }
        if let Err(error) = result {
            prop_assert_eq!(error.attempts(), made);
            if error.reason() == StopReason::Budget {
                prop_assert!(purses.contains(&retries));
            }
        }
    }
}

/// A run that waits for one breaker holds no place of another.
#[test]
fn waiting_for_one_breaker_frees_the_probe_of_another() {
    let time = VirtualTime::starting_at(SECOND);
    let opened = |open_for: Duration| {
        let breaker = CircuitBreaker::consecutive_failures(1).open_for(open_for).build();
        breaker.try_acquire(time.now()).unwrap().failed(time.now());
        breaker
    };
    let (half_open, open) = (opened(Duration::from_millis(1)), opened(60 * SECOND));
    time.advance(SECOND);
    let policy = Policy::fixed(SECOND).retry_rejected(true).exact_hints();
    let free = Cell::new(false);
    let sleeper = persevere::sleeper::blocking_from_fn(
        |delay| {
            free.set(half_open.try_acquire(time.now()).is_ok());
            time.advance(delay);
        },
        || time.now(),
    );
    let result = policy
        .on(sleeper)
        .breaker(&half_open)
        .breaker(&open)
        .run_blocking(|| Ok::<_, &str>(7));
    assert_eq!(result, Ok(7));
    assert!(free.get(), "the probe place was taken while the run waited");
    assert_eq!(
        (half_open.state(time.now()), open.state(time.now())),
        (State::Closed, State::Closed)
    );
}

/// Two budgets over one server: if one budget has no retry left, the other gets its retry back, in either order.
#[test]
fn second_budget_that_is_empty_leaves_the_first_full() {
    for own_first in [false, true] {
        let (all, own) = (Purse(Cell::new(10)), Purse(Cell::new(1)));
        let policy = Policy::fixed(Duration::ZERO).max_attempts(3);
        let mut calls = 0;
        for _ in 0..20 {
            let time = VirtualTime::new();
            let run = policy.on(&time);
            let mut call = || {
                calls += 1;
                Err::<(), _>("down")
            };
            let result = match own_first {
                true => run.budget(&own).budget(&all).run_blocking(&mut call),
                false => run.budget(&all).budget(&own).run_blocking(&mut call),
            };
            assert_eq!(result.unwrap_err().reason(), StopReason::Budget);
        }
        assert_eq!((calls, all.0.get(), own.0.get()), (21, 9, 0), "one retry in all");
    }
}

/// The first budget gets the retry back when the run ends, not when the caller drops its loop.
#[test]
fn loop_that_outlives_its_run_holds_no_retry() {
    let (all, own) = (Purse(Cell::new(10)), Purse(Cell::new(0)));
    let time = VirtualTime::new();
    for own_first in [false, true] {
        let run = Policy::fixed(Duration::ZERO).into_run(&time);
        let down = Err::<(), _>("down");
        let (ended, left) = if own_first {
            let mut steps = run.budget(&own).budget(&all).steps();
            steps.begin().unwrap();
            (steps.settle(&down), all.0.get())
        } else {
            let mut steps = run.budget(&all).budget(&own).steps();
            steps.begin().unwrap();
            (steps.settle(&down), all.0.get())
        };
        assert_eq!((ended, left), (Some(Step::Stop(StopReason::Budget)), 10));
    }
}
