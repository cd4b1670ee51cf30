//! The retry budgets under the model checker: concurrent withdrawals, deposits, and turns of the window.

use loom::sync::Arc;
use loom::thread;
use persevere_budget::{Account, Budget, Class, GrpcThrottle, TokenBucket, WindowedRatio};
use persevere_model::check;
use std::time::Duration;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Runs each part on a thread, and the last on this thread.
fn race<B: Send + Sync + 'static, T: Send + 'static>(budget: &Arc<B>, mut parts: Vec<fn(&B) -> T>) -> Vec<T> {
    let last = parts.pop().unwrap();
    let threads: Vec<_> = parts
        .into_iter()
        .map(|part| {
            let budget = Arc::clone(budget);
            thread::spawn(move || part(&budget))
        })
        .collect();
    let result = last(budget);
    let mut results: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    results.push(result);
    results
}

fn windowed(ratio: f64, reserve: u32) -> Arc<WindowedRatio> {
    let budget = WindowedRatio::new().ratio(ratio).reserve(reserve);
    let _ = format!("{budget:?}");
    Arc::new(budget)
}

/// G1: of three withdrawals from two retries, two succeed.
#[test]
fn window_is_never_overdrawn() {
    loom::model(|| {
        let budget = windowed(0.5, 2);
        let withdraw: fn(&WindowedRatio) -> bool = |budget| budget.withdraw(at(0)).is_ok();
        let withdrawn = race(&budget, vec![withdraw; 3]);
        assert_eq!(withdrawn.into_iter().filter(|&is_withdrawn| is_withdrawn).count(), 2);
        assert_eq!(budget.available(at(0)), 0);
    });
}

/// G1 beside a deposit: it pays for one retry, if it is first.
#[test]
fn deposit_pays_once() {
    loom::model(|| {
        let budget = windowed(1.0, 0);
        let results = race(
            &budget,
            vec![
                |budget| {
                    budget.deposit(at(0));
                    false
                },
                |budget| budget.withdraw(at(0)).is_ok(),
                |budget| budget.withdraw(at(0)).is_ok(),
            ],
        );
        let withdrawn = results.into_iter().filter(|&is_withdrawn| is_withdrawn).count() as u64;
        assert!(withdrawn <= 1);
        assert_eq!(budget.available(at(0)), 1 - withdrawn);
    });
}

/// G3: two threads turn the window past two old deposits, to two times. The deposits expire, and the reserve remains.
#[test]
fn turn_loses_nothing() {
    // Bounded, since two turns and two withdrawals take too long otherwise.
    check(3, || {
        let budget = windowed(1.0, 1);
        budget.deposit(at(3));
        budget.deposit(at(3));
        let results = race(
            &budget,
            vec![
                |budget| u64::from(budget.withdraw(at(20)).is_ok()) + u64::from(budget.withdraw(at(20)).is_ok()),
                |budget| {
                    budget.deposit(at(21));
                    0
                },
            ],
        );
        // The new window holds the reserve and the new deposit. A deposit or withdrawal while the other thread turns the
        // window counts as before the turn, and expires.
        let withdrawn: u64 = results.iter().sum();
        let left = budget.available(at(21));
        assert!(left <= 2 && left + withdrawn >= 1, "{left} left after {withdrawn}");
        assert_eq!(budget.available(at(31)), 1);
        assert!(budget.withdraw(at(31)).is_ok() && budget.withdraw(at(31)).is_err());
    });
}

/// G1 with a turn: two threads turn the window and withdraw from a reserve of one, and one succeeds.
#[test]
fn reserve_of_a_new_window_pays_once() {
    loom::model(|| {
        let budget = windowed(0.5, 1);
        assert!(budget.withdraw(at(3)).is_ok());
        let withdraw: fn(&WindowedRatio) -> bool = |budget| budget.withdraw(at(20)).is_ok();
        let withdrawn = race(&budget, vec![withdraw; 2]);
        assert_eq!(withdrawn.into_iter().filter(|&is_withdrawn| is_withdrawn).count(), 1);
        assert_eq!(budget.available(at(20)), 0);
    });
}

/// G1, G4: a retry of the third second is given back while another thread turns the window. It is spent once at most,
/// and the reserve returns with the window.
#[test]
fn retry_given_back_during_a_turn_is_spent_once() {
    loom::model(|| {
        let budget = windowed(0.5, 1);
        let slice = Budget::withdraw(&*budget, Class::Transient, at(3));
        assert_eq!(slice, Some(3));
        let results = race(
            &budget,
            vec![
                |budget| {
                    budget.give_back(3);
                    budget.withdraw(at(3)).is_ok()
                },
                |budget| budget.withdraw(at(4)).is_ok(),
            ],
        );
        let withdrawn = results.into_iter().filter(|&is_withdrawn| is_withdrawn).count() as u64;
        let left = budget.available(at(4));
        assert!(withdrawn + left <= 1, "{withdrawn} withdrawn, {left} left");
        assert_eq!(budget.available(at(14)), 1);
    });
}

/// G1, G4: of two that give back and two that withdraw, each retry is spent once.
#[test]
fn retries_given_back_are_spent_once() {
    loom::model(|| {
        let budget = windowed(0.5, 1);
        assert_eq!(Budget::withdraw(&*budget, Class::Transient, at(0)), Some(0));
        let withdraw: fn(&WindowedRatio) -> bool = |budget| budget.withdraw(at(0)).is_ok();
        let give_back: fn(&WindowedRatio) -> bool = |budget| {
            budget.give_back(0);
            false
        };
        let results = race(&budget, vec![withdraw, give_back, withdraw]);
        let withdrawn = results.into_iter().filter(|&is_withdrawn| is_withdrawn).count() as u64;
        assert_eq!(withdrawn + budget.available(at(0)), 1);
    });
}

/// G1, G4: of three runs with a bucket of two tokens, one gives back, since its retry is not made.
#[test]
fn bucket_gets_back_what_is_given_back() {
    loom::model(|| {
        let budget = TokenBucket::new(2);
        let _ = format!("{budget:?}");
        let budget = Arc::new(budget);
        let withdraw: fn(&TokenBucket) -> bool = |budget| {
            let mut account = Account::open(budget);
            account.attempt(at(0));
            account.withdraw(Class::Transient, at(0)).is_ok()
        };
        let kept: fn(&TokenBucket) -> bool = |budget| {
            let mut account = Account::open(budget);
            let is_allowed = account.withdraw(Class::Transient, at(0)).is_ok();
            account.attempt(at(0));
            is_allowed
        };
        let results = race(&budget, vec![withdraw, kept, kept]);
        let kept = results[1..].iter().filter(|&&is_allowed| is_allowed).count() as u32;
        assert_eq!(budget.available(), 2 - kept);
        assert!(kept >= 1);
    });
}

/// Concurrent failures each take a token, and a success returns one.
#[test]
fn throttle_counts_each_failure() {
    loom::model(|| {
        let budget = GrpcThrottle::new(6, 1.0);
        let _ = format!("{budget:?}");
        let budget = Arc::new(budget);
        let fail: fn(&GrpcThrottle) -> bool = |budget| budget.withdraw(Class::Transient, at(0)).is_some();
        fail(&budget);
        let results = race(
            &budget,
            vec![fail, fail, |budget| {
                budget.succeeded(None, at(0));
                true
            }],
        );
        assert_eq!(budget.available(), 4.0);
        assert!(results[0] || results[1], "the first of the two leaves four of six");
    });
}
