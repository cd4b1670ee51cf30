//! Adaptive throttling: when it begins, how much it rejects, and when it forgets.

use persevere::Random;
use persevere_budget::{Account, AdaptiveThrottle, Budget, Class, LastFailure};
use std::time::Duration;

const NOW: Duration = Duration::from_secs(86_400);

/// Makes the given number of requests, of which the given number are accepted.
fn requests(budget: &AdaptiveThrottle, requests: u32, accepts: u32, now: Duration) {
    for number in 0..requests {
        let mut account = Account::open(budget);
        account.attempt(now);
        if number < accepts {
            account.succeeded(now);
        }
    }
}

/// While half of the requests are accepted, every retry is allowed. With one less, some are rejected.
#[test]
fn rejections_begin_below_half() {
    let budget = AdaptiveThrottle::new();
    requests(&budget, 1000, 500, NOW);
    assert_eq!(budget.rejection_probability(NOW), 0.0);
    assert!((0..1000).all(|_| budget.withdraw(Class::Transient, NOW).is_some()));
    requests(&budget, 1, 0, NOW);
    assert_eq!(budget.rejection_probability(NOW), 1.0 / 1002.0);
}

/// Rejects in proportion to the probability, which is almost constant here. The standard deviation of 20,000 draws at 0.7
/// is 65. The seeds are fixed, so that the result does not vary.
#[test]
fn rejections_are_in_proportion() {
    for seed in 0..2 {
        let budget = AdaptiveThrottle::new().seed(seed);
        requests(&budget, 1_000_000, 150_000, NOW);
        let rejected = (0..20_000)
            .filter(|_| budget.withdraw(Class::Transient, NOW).is_none())
            .count();
        assert!(rejected.abs_diff(14_040) < 260, "{rejected} of 20,000 at 0.7");
    }
}

/// The same holds for one draw of each of many budgets.
#[test]
fn rejections_of_many_seeds_are_in_proportion() {
    let rejected = (0..20_000).filter(|&seed| {
        let budget = AdaptiveThrottle::new().seed(seed);
        requests(&budget, 9, 1, NOW);
        assert_eq!(budget.rejection_probability(NOW), 0.7);
        budget.withdraw(Class::Transient, NOW).is_none()
    });
    let rejected = rejected.count();
    assert!(rejected.abs_diff(14_000) < 260, "{rejected} of 20,000 at 0.7");
}

/// The first 1,000 of 2,000 equally likely values are rejected: some seeds draw the last of these, and some the next.
#[test]
fn draw_decides_to_the_value() {
    let mut bounds = [0, 0];
    for seed in 0..20_000 {
        let budget = AdaptiveThrottle::new().seed(seed);
        requests(&budget, 1, 0, NOW);
        let value = (u128::from(Random::seeded(seed).bits()) * 2_000) >> 64;
        let rejected = budget.withdraw(Class::Transient, NOW).is_none();
        assert_eq!(rejected, value < 1_000, "seed {seed} draws {value}");
        bounds[0] += usize::from(value == 999);
        bounds[1] += usize::from(value == 1_000);
    }
    assert!(bounds.iter().all(|&seeds| seeds > 0), "{bounds:?}");
}

/// A rejected retry counts as a request, so that rejections grow while nothing recovers.
#[test]
fn rejected_retries_are_requests() {
    let budget = AdaptiveThrottle::new();
    requests(&budget, 9, 1, NOW);
    let before = budget.rejection_probability(NOW);
    while budget.withdraw(Class::Transient, NOW).is_some() {
        assert_eq!(
            budget.rejection_probability(NOW),
            before,
            "a retry counts when it is made"
        );
    }
    assert_eq!((before, budget.rejection_probability(NOW)), (0.7, 8.0 / 11.0));
}

/// A permanent failure counts as accepted, since the server answered. A retryable failure does not.
#[test]
fn permanent_failures_are_accepted() {
    let budget = AdaptiveThrottle::new();
    for _ in 0..10 {
        let mut account = Account::open(&budget);
        account.attempt(NOW);
        account.failed(LastFailure::Permanent, NOW);
    }
    assert_eq!(budget.rejection_probability(NOW), 0.0);
    for _ in 0..20 {
        let mut account = Account::open(&budget);
        account.attempt(NOW);
        account.failed(LastFailure::Retryable(Class::Timeout), NOW);
    }
    assert_eq!(budget.rejection_probability(NOW), 10.0 / 31.0);
}

/// A million successes of yesterday allow nothing today: after two minutes the first failures count.
#[test]
fn old_requests_expire() {
    let budget = AdaptiveThrottle::new();
    requests(&budget, 1_000_000, 1_000_000, NOW);
    let later = NOW + Duration::from_secs(120);
    requests(&budget, 99, 0, later);
    assert_eq!(budget.rejection_probability(later), 0.99);
}

/// A smaller multiplier rejects earlier.
#[test]
fn smaller_multiplier_rejects_earlier() {
    let budget = AdaptiveThrottle::new().multiplier(1.1);
    requests(&budget, 99, 80, NOW);
    assert!((budget.rejection_probability(NOW) - 0.11).abs() < 1e-9);
}

/// A retry that cannot be rejected takes no draw.
#[test]
fn nothing_is_drawn_if_nothing_can_be_rejected() {
    let rejections = |healthy: usize| {
        let budget = AdaptiveThrottle::new().seed(7);
        for _ in 0..healthy {
            assert!(budget.withdraw(Class::Transient, NOW).is_some());
        }
        requests(&budget, 10, 0, NOW);
        let retries = (0..100).map(|_| budget.withdraw(Class::Transient, NOW).is_some());
        retries.collect::<Vec<_>>()
    };
    assert_eq!(rejections(0), rejections(50));
}
