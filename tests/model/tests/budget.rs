//! The retry budgets under the model checker: withdrawals that race each other, deposits, and the turn of the window.

use loom::sync::Arc;
use loom::thread;
use persevere_budget::{Account, Budget, Class, GrpcThrottle, TokenBucket, WindowedRatio};
use std::time::Duration;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Runs each on a thread of its own, and the last on this one.
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
    budget.touch();
    Arc::new(budget)
}

/// G1: of three that ask for two retries, two get one.
#[test]
fn a_window_is_never_overdrawn() {
    loom::model(|| {
        let budget = windowed(0.5, 2);
        let withdraw: fn(&WindowedRatio) -> bool = |budget| budget.try_withdraw(at(0));
        let withdrawn = race(&budget, vec![withdraw; 3]);
        assert_eq!(withdrawn.into_iter().filter(|&is_withdrawn| is_withdrawn).count(), 2);
        assert_eq!(budget.balance(at(0)), 0);
    });
}

/// G1 beside a deposit: it pays for one retry, if it comes before.
#[test]
fn a_deposit_pays_once() {
    loom::model(|| {
        let budget = windowed(1.0, 0);
        let results = race(
            &budget,
            vec![
                |budget| {
                    budget.deposit(at(0));
                    false
                },
                |budget| budget.try_withdraw(at(0)),
                |budget| budget.try_withdraw(at(0)),
            ],
        );
        let withdrawn = results.into_iter().filter(|&is_withdrawn| is_withdrawn).count() as u64;
        assert!(withdrawn <= 1);
        assert_eq!(budget.balance(at(0)), 1 - withdrawn);
    });
}

/// G3: while two threads turn the window past two old deposits, to two times, nothing old is left, the reserve is not
/// lost, and afterwards the reserve is there and nothing else.
#[test]
fn a_turn_loses_and_finds_nothing() {
    loom::model(|| {
        let budget = windowed(1.0, 1);
        budget.deposit(at(3));
        budget.deposit(at(3));
        let results = race(
            &budget,
            vec![
                |budget| u64::from(budget.try_withdraw(at(20))) + u64::from(budget.try_withdraw(at(20))),
                |budget| {
                    budget.deposit(at(21));
                    0
                },
            ],
        );
        // In the new window there are the reserve and the new deposit, unless that came while the other thread was turning:
        // then it is as if it had come just before, and gone with the rest, and so is a withdrawal.
        let withdrawn: u64 = results.iter().sum();
        let left = budget.balance(at(21));
        assert!(left <= 2 && left + withdrawn >= 1, "{left} left after {withdrawn}");
        assert_eq!(budget.balance(at(31)), 1);
        assert!(budget.try_withdraw(at(31)) && !budget.try_withdraw(at(31)));
    });
}

/// G1 with a turn on the way: two that turn the window at once and ask for the reserve of one get one.
#[test]
fn the_reserve_of_a_new_window_is_there_once() {
    loom::model(|| {
        let budget = windowed(0.5, 1);
        assert!(budget.try_withdraw(at(3)));
        let withdraw: fn(&WindowedRatio) -> bool = |budget| budget.try_withdraw(at(20));
        let withdrawn = race(&budget, vec![withdraw; 2]);
        assert_eq!(withdrawn.into_iter().filter(|&is_withdrawn| is_withdrawn).count(), 1);
        assert_eq!(budget.balance(at(20)), 0);
    });
}

/// G1, G4: of three that take from a bucket of two, one gives back, since its retry is not made.
#[test]
fn a_bucket_gets_back_what_is_given_back() {
    loom::model(|| {
        let budget = TokenBucket::new(2);
        budget.touch();
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

/// Failures that fall together each take their own token, and a success puts one back.
#[test]
fn a_throttle_counts_each() {
    loom::model(|| {
        let budget = GrpcThrottle::new(6, 1.0);
        budget.touch();
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
        assert_eq!(budget.tokens(), 4.0);
        assert!(results[0] || results[1], "the first of the two leaves four of six");
    });
}
