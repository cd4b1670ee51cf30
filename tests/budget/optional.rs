//! A budget that may be absent.

use persevere::budget::{Budget, Class, LastFailure};
use std::cell::RefCell;
use std::time::Duration;

const NOW: Duration = Duration::from_secs(7);

/// Notes its calls.
#[derive(Default)]
struct Log(RefCell<Vec<String>>);

impl Log {
    fn note(&self, call: String) {
        self.0.borrow_mut().push(call);
    }
}

impl Budget for Log {
    fn attempted(&self, now: Duration) {
        self.note(format!("attempted {now:?}"));
    }

    fn withdraw(&self, class: Class, now: Duration) -> Option<u32> {
        self.note(format!("withdraw {class:?} {now:?}"));
        (class == Class::Timeout).then_some(10)
    }

    fn give_back(&self, cost: u32) {
        self.note(format!("give back {cost}"));
    }

    fn succeeded(&self, last: Option<u32>, now: Duration) {
        self.note(format!("succeeded {last:?} {now:?}"));
    }

    fn failed(&self, failure: LastFailure, now: Duration) {
        self.note(format!("failed {failure:?} {now:?}"));
    }
}

/// Calls everything that a budget has, and returns the answers.
fn calls(budget: &impl Budget) -> (Option<u32>, Option<u32>, bool) {
    budget.attempted(NOW);
    let withdrawn = budget.withdraw(Class::Timeout, NOW);
    let exhausted = budget.withdraw(Class::Transient, NOW);
    budget.give_back(3);
    budget.succeeded(Some(2), NOW);
    budget.failed(LastFailure::Retryable(Class::Throttling), NOW);
    (withdrawn, exhausted, budget.is_timed())
}

#[test]
fn present_budget_receives_every_call() {
    let (bare, log) = (Log::default(), Log::default());
    let expected = calls(&bare);
    assert_eq!(expected, (Some(10), None, true));
    assert_eq!(calls(&Some(&log)), expected);
    assert_eq!(log.0.take(), bare.0.take());
}

#[test]
fn absent_budget_admits_every_retry_for_nothing() {
    assert_eq!(calls(&None::<Log>), (Some(0), Some(0), false));
    assert_eq!(calls(&()), (Some(0), Some(0), false));
}
