//! A seed reproduces the draws of a breaker.

use persevere::Jitter;
use persevere::breaker::CircuitBreaker;
use std::collections::BTreeSet;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// The times after which calls rejected by a half-open breaker may try again. Its probe has been out for a second.
fn rejections(seed: Option<u64>) -> Vec<Duration> {
    let builder = CircuitBreaker::consecutive_failures(1)
        .open_for(10 * SECOND)
        .jitter(Jitter::Equal);
    let breaker = match seed {
        Some(seed) => builder.seed(seed).build(),
        None => builder.build(),
    };
    breaker.try_acquire(SECOND).unwrap().failed(SECOND);
    let _probe = breaker.try_acquire(20 * SECOND).unwrap();
    let rejected = || breaker.try_acquire(21 * SECOND).unwrap_err().retry_after().unwrap();
    (0..50).map(|_| rejected()).collect()
}

#[test]
fn rejections_of_half_open_breaker_are_reproduced_by_seed_and_differ_from_each_other() {
    assert_eq!(rejections(Some(7)), rejections(Some(7)));
    assert_ne!(rejections(Some(7)), rejections(Some(8)));
    assert_ne!(rejections(None), rejections(None));
    for seed in [None, Some(7)] {
        let times = rejections(seed);
        assert!(times.iter().all(|time| (SECOND / 2..=SECOND).contains(time)));
        assert!(times.into_iter().collect::<BTreeSet<_>>().len() > 40);
    }
}
