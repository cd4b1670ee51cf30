//! The windowed ratio: the arithmetic of Finagle's own test, fractions that others round, and credit that expires.

use persevere_budget::WindowedRatio;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn withdrawn(budget: &WindowedRatio, tries: usize, now: Duration) -> usize {
    (0..tries).filter(|_| budget.try_withdraw(now)).count()
}

/// Finagle's oracle: of 10,000 calls that each deposit and then ask, the ratio and the reserve are let through, give or
/// take one.
#[test]
fn ten_thousand_calls_get_the_ratio_and_the_reserve() {
    let now = DAY;
    let ratios = (1..=9_999)
        .step_by(13)
        .chain([1, 2_000, 3_000, 6_000, 7_500, 9_000, 9_998, 9_999]);
    for ten_thousandths in ratios {
        for reserve in [0, 100] {
            let budget = WindowedRatio::new()
                .ratio(f64::from(ten_thousandths) / 10_000.0)
                .reserve(reserve);
            let let_through = (0..10_000).filter(|_| {
                budget.deposit(now);
                budget.try_withdraw(now)
            });
            let let_through = u32::try_from(let_through.count()).unwrap();
            let allowed = (ten_thousandths + reserve).min(10_000);
            assert!(
                let_through <= allowed && allowed - let_through <= 1,
                "{let_through} of {allowed} at {ten_thousandths} in 10,000"
            );
        }
    }
}

/// The other half of it: above one, every call may be retried more than once.
#[test]
fn a_ratio_of_two_leaves_twenty_thousand() {
    let budget = WindowedRatio::new().ratio(2.0).reserve(0);
    for _ in 0..10_000 {
        budget.deposit(DAY);
    }
    assert_eq!(budget.balance(DAY), 20_000);
    assert_eq!(withdrawn(&budget, 30_000, DAY), 20_000);
}

/// G2: 0.6 means 60 %, 0.3 means 30 %, and 0.9 means 90 %.
#[test]
fn fractions_are_not_rounded_to_the_next_whole_cost() {
    for (ratio, allowed) in [
        (0.1, 100),
        (0.3, 300),
        (0.6, 600),
        (0.7, 700),
        (0.75, 750),
        (0.9, 900),
        (1.5, 1500),
    ] {
        let budget = WindowedRatio::new().ratio(ratio).reserve(0);
        for _ in 0..1000 {
            budget.deposit(DAY);
        }
        assert_eq!(withdrawn(&budget, 2000, DAY), allowed, "at {ratio}");
    }
    // In binary, a millionth of this is a little less than a whole number.
    let budget = WindowedRatio::new().ratio(0.0157).reserve(0);
    for _ in 0..10_000 {
        budget.deposit(DAY);
    }
    assert_eq!(budget.balance(DAY), 157);
}

/// G3: what was deposited ten seconds ago is gone, and after thirty idle days as well.
#[test]
fn old_credit_expires() {
    for idle in [Duration::from_secs(10), 30 * DAY, 3650 * DAY] {
        let budget = WindowedRatio::new().reserve(3);
        for _ in 0..5000 {
            budget.deposit(DAY);
        }
        assert_eq!(budget.balance(DAY + Duration::from_secs(9)), 1003);
        assert_eq!(withdrawn(&budget, 5000, DAY + idle), 3, "after {idle:?}");
    }
}

/// The reserve is for each window, and not for each second: it comes back when the retries are as old as the window.
#[test]
fn the_reserve_comes_back_with_the_window() {
    let budget = WindowedRatio::new();
    assert_eq!(withdrawn(&budget, 1000, DAY), 100);
    for second in 0..10 {
        assert_eq!(
            withdrawn(&budget, 1000, DAY + Duration::from_secs(second)),
            0,
            "after {second} s"
        );
    }
    assert_eq!(withdrawn(&budget, 1000, DAY + Duration::from_secs(10)), 100);
}

/// A retry that was paid by a deposit which is gone is still there: it is not paid again, and more is not let through.
#[test]
fn a_retry_outlives_the_deposit_that_paid_for_it() {
    let budget = WindowedRatio::new().ratio(1.0).reserve(2);
    for _ in 0..10 {
        budget.deposit(DAY);
    }
    let later = DAY + Duration::from_secs(5);
    assert_eq!(withdrawn(&budget, 100, later), 12);
    let gone = DAY + Duration::from_secs(10);
    assert_eq!((budget.balance(gone), withdrawn(&budget, 100, gone)), (0, 0));
    assert_eq!(withdrawn(&budget, 100, later + Duration::from_secs(10)), 2);
}

/// Times that come late do no harm, and none is too far.
#[test]
fn time_may_be_out_of_order() {
    let budget = WindowedRatio::new().ratio(1.0).reserve(1);
    budget.deposit(DAY);
    budget.deposit(DAY - Duration::from_millis(1));
    budget.deposit(Duration::ZERO);
    assert_eq!(budget.balance(DAY - Duration::from_secs(5)), 4);
    assert_eq!(withdrawn(&budget, 10, Duration::ZERO), 4);
    assert_eq!(withdrawn(&budget, 10, Duration::MAX), 1);
    assert_eq!(withdrawn(&budget, 10, DAY), 0);
}
