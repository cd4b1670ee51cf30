//! Y1: a limit of the rate, on the clock of the runs.

use persevere::Policy;
use persevere::limit::{Quota, RateLimit};
use persevere_testkit::VirtualTime;
use std::cell::RefCell;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

/// 100 calls at 10 a second, with a burst of 5, take 9.5 s of virtual time, and no second has more than its quota.
#[test]
fn virtual_time_rules_the_rate() {
    let quota = Quota::per_second(NonZero::new(10).unwrap()).allow_burst(NonZero::new(5).unwrap());
    let (time, rate, calls) = (
        VirtualTime::starting_at(Duration::from_secs(1_000)),
        Arc::new(RateLimit::new(quota)),
        RefCell::new(vec![]),
    );
    let policy = Policy::fixed(Duration::from_secs(1)).max_attempts(1).exact_hints();
    let callers = (0..100).map(|_| {
        policy.on(time.asynchronous()).pace(Arc::clone(&rate)).run(|| {
            calls.borrow_mut().push(time.elapsed());
            std::future::ready(Ok::<_, ()>(()))
        })
    });
    let results = time.run_all(callers.collect::<Vec<_>>());
    assert!(results.iter().all(Result::is_ok));
    let calls = calls.into_inner();
    let took = *calls.last().unwrap() - calls[0];
    assert_eq!((calls.len(), took), (100, Duration::from_millis(9_500)));
    for (n, call) in calls.iter().enumerate() {
        let within = calls[n..]
            .iter()
            .filter(|later| **later < *call + Duration::from_secs(1))
            .count();
        assert!(within <= 15, "{within} calls within a second");
    }
}

/// A retry takes from the quota as well.
#[test]
fn retries_take_from_the_quota() {
    let (time, rate) = (
        VirtualTime::new(),
        RateLimit::new(Quota::per_second(NonZero::new(1).unwrap())),
    );
    let policy = Policy::fixed(Duration::ZERO).max_attempts(4).exact_hints();
    let _ = policy.on(&time).pace(&rate).run_blocking(|| Err::<(), _>("down"));
    assert_eq!(time.elapsed(), Duration::from_secs(3));
}
