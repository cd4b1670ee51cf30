//! A breaker and a budget that count their permits and retries.

use persevere::budget::{Budget, Class, LastFailure};
use persevere::gate::{Ended, Gate, Rejected, Report};
use persevere_tests::live::{Guard, Live};
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::time::Duration;

/// Admits two attempts, then rejects one, and so on.
#[derive(Debug, Default)]
pub(super) struct Turnstile {
    inside: Live,
    asked: Cell<u32>,
    reported: Cell<usize>,
}

impl Turnstile {
    /// How many permits were requested.
    pub(super) fn asked(&self) -> u32 {
        self.asked.get()
    }

    /// How many permits are out.
    pub(super) fn inside(&self) -> usize {
        self.inside.count()
    }

    /// How many were dropped without a report.
    pub(super) fn abandoned(&self) -> usize {
        self.inside.ever() - self.inside.count() - self.reported.get()
    }
}

impl Gate for &Turnstile {
    type Permit = Guard;

    fn admit(&self, _: Duration) -> Result<Guard, Rejected> {
        self.asked.set(self.asked.get() + 1);
        if self.asked.get() % 3 == 0 {
            return Err(Rejected::for_now(Duration::from_millis(2)));
        }
        Ok(self.inside.guard())
    }
}

impl<T, E> Report<T, E> for &Turnstile {
    fn report(&self, permit: Guard, _: Ended<'_, T, E>, _: impl Fn() -> Duration) {
        self.reported.set(self.reported.get() + 1);
        drop(permit);
    }
}

/// A budget of four retries, each at its own price, so that a retry that is given back twice, or by another run, is
/// noticed.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    next: Cell<u32>,
    withdrawn: RefCell<BTreeSet<u32>>,
    attempted: Cell<usize>,
    told_ends: Cell<usize>,
}

impl Ledger {
    /// How many retries were withdrawn, and neither made nor given back.
    pub(super) fn owed(&self) -> usize {
        self.withdrawn.borrow().len() - self.attempted.get().saturating_sub(1)
    }

    /// How many ends it received: by success, by failure, or because it had no retry left.
    pub(super) fn told_ends(&self) -> usize {
        self.told_ends.get()
    }
}

impl Budget for Ledger {
    fn attempted(&self, _: Duration) {
        self.attempted.set(self.attempted.get() + 1);
    }

    fn withdraw(&self, _: Class, _: Duration) -> Option<u32> {
        if self.next.get() == 4 {
            self.told_ends.set(self.told_ends.get() + 1);
            return None;
        }
        self.next.set(self.next.get() + 1);
        self.withdrawn.borrow_mut().insert(self.next.get());
        Some(self.next.get())
    }

    fn give_back(&self, cost: u32) {
        assert!(
            self.withdrawn.borrow_mut().remove(&cost),
            "{cost} was not withdrawn, or is back"
        );
    }

    fn succeeded(&self, last: Option<u32>, _: Duration) {
        assert!(last.is_none_or(|last| self.withdrawn.borrow().contains(&last)));
        self.told_ends.set(self.told_ends.get() + 1);
    }

    fn failed(&self, _: LastFailure, _: Duration) {
        self.told_ends.set(self.told_ends.get() + 1);
    }
}
