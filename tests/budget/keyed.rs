//! Budgets by key (G7): bounded, forgetting the least recently used.

use persevere_budget::{Budgets, TokenBucket, WindowedRatio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

fn by_host(capacity: usize) -> Budgets<String> {
    Budgets::by_key(|_: &String| WindowedRatio::new().reserve(1)).capacity(capacity)
}

fn hosts(budgets: &Budgets<String>) -> Vec<String> {
    let mut hosts: Vec<_> = budgets.all().into_iter().map(|(host, _)| host).collect();
    hosts.sort();
    hosts
}

#[test]
fn budgets_by_key_are_kept_apart() {
    let budgets = by_host(10);
    assert!(budgets.get("a").withdraw(NOW).is_ok());
    assert!(budgets.get("a").withdraw(NOW).is_err());
    assert!(budgets.get("b").withdraw(NOW).is_ok());
    assert!(format!("{budgets:?}").contains("capacity: 10"));
}

#[test]
fn least_recently_used_budget_is_forgotten() {
    let budgets = by_host(2);
    for host in ["a", "b", "a", "c"] {
        budgets.get(host);
    }
    assert_eq!(hosts(&budgets), ["a", "c"]);
}

#[test]
fn held_budget_is_forgotten_after_others() {
    let budgets = by_host(2);
    let held = budgets.get("held");
    for host in ["a", "b", "c"] {
        budgets.get(host);
    }
    assert_eq!(hosts(&budgets), ["c", "held"]);
    assert!(Arc::ptr_eq(&held, &budgets.get("held")));
    let other = budgets.get("c");
    budgets.get("d");
    assert_eq!(
        hosts(&budgets),
        ["c", "d"],
        "all are held, and `held` was used before `c`"
    );
    drop(other);
}

#[test]
fn budgets_never_exceed_their_capacity() {
    let budgets = Budgets::by_key(|host: &u32| TokenBucket::new(host + 1)).capacity(4);
    for host in 0..100 {
        let budget = budgets.get(&host);
        assert_eq!(
            (budget.available(), budgets.all().len()),
            (host + 1, 4.min(host as usize + 1))
        );
    }
}

#[test]
fn threads_get_the_same_budget() {
    let budgets = Budgets::by_key(|_: &u32| WindowedRatio::new().reserve(8));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..100).for_each(|key: u32| budgets.get(&key).withdraw(NOW).unwrap()));
        }
    });
    assert_eq!(budgets.all().len(), 100);
    assert!(budgets.all().iter().all(|(_, budget)| budget.available(NOW) == 0));
}
