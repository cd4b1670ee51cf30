//! The windowed ratio: the arithmetic of Finagle's test, exact fractions, and credit that expires.

use persevere_budget::{Account, Class, WindowedRatio};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn withdrawn(budget: &WindowedRatio, tries: usize, now: Duration) -> usize {
    (0..tries).filter(|_| budget.withdraw(now).is_ok()).count()
}

/// Finagle's oracle: of 10,000 calls that each deposit and withdraw, the ratio and the reserve are allowed, plus or minus
/// one.
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
            let allowed_retries = (0..10_000).filter(|_| {
                budget.deposit(now);
                budget.withdraw(now).is_ok()
            });
            let allowed_retries = u32::try_from(allowed_retries.count()).unwrap();
            let allowed = (ten_thousandths + reserve).min(10_000);
            assert!(
                allowed_retries <= allowed && allowed - allowed_retries <= 1,
                "{allowed_retries} of {allowed} at {ten_thousandths} in 10,000"
            );
        }
    }
}

/// Above 1.0, every call may be retried more than once.
#[test]
fn ratio_of_two_leaves_twenty_thousand() {
    let budget = WindowedRatio::new().ratio(2.0).reserve(0);
    for _ in 0..10_000 {
        budget.deposit(DAY);
    }
    assert_eq!(budget.available(DAY), 20_000);
    assert_eq!(withdrawn(&budget, 30_000, DAY), 20_000);
}

/// G2: 0.6 means 60 %, 0.3 means 30 %, and 0.9 means 90 %.
#[test]
fn fractions_are_exact() {
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
    // In binary, a millionth of this is slightly less than a whole number.
    let budget = WindowedRatio::new().ratio(0.0157).reserve(0);
    for _ in 0..10_000 {
        budget.deposit(DAY);
    }
    assert_eq!(budget.available(DAY), 157);
}

/// G3: a deposit expires after ten seconds, and after thirty idle days as well.
#[test]
fn old_credit_expires() {
    for idle in [Duration::from_secs(10), 30 * DAY, 3650 * DAY] {
        let budget = WindowedRatio::new().reserve(3);
        for _ in 0..5000 {
            budget.deposit(DAY);
        }
        assert_eq!(budget.available(DAY + Duration::from_secs(9)), 1003);
        assert_eq!(withdrawn(&budget, 5000, DAY + idle), 3, "after {idle:?}");
    }
}

/// The reserve is for each window, not for each second: it returns when the retries expire.
#[test]
fn reserve_returns_with_the_window() {
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

/// A retry outlives the deposit that paid for it: it is not paid again, and no more are allowed.
#[test]
fn retry_outlives_its_deposit() {
    let budget = WindowedRatio::new().ratio(1.0).reserve(2);
    for _ in 0..10 {
        budget.deposit(DAY);
    }
    let later = DAY + Duration::from_secs(5);
    assert_eq!(withdrawn(&budget, 100, later), 12);
    let gone = DAY + Duration::from_secs(10);
    assert_eq!((budget.available(gone), withdrawn(&budget, 100, gone)), (0, 0));
    assert_eq!(withdrawn(&budget, 100, later + Duration::from_secs(10)), 2);
}

/// Times out of order do no harm, and no time is too far.
#[test]
fn times_out_of_order_do_no_harm() {
    let budget = WindowedRatio::new().ratio(1.0).reserve(1);
    budget.deposit(DAY);
    budget.deposit(DAY - Duration::from_millis(1));
    budget.deposit(Duration::ZERO);
    assert_eq!(budget.available(DAY - Duration::from_secs(5)), 4);
    assert_eq!(withdrawn(&budget, 10, Duration::ZERO), 4);
    assert_eq!(withdrawn(&budget, 10, Duration::MAX), 1);
    assert_eq!(withdrawn(&budget, 10, DAY), 0);
}

/// G6: ten runs that are dropped while they wait leave the budget as it was, then and later.
#[test]
fn retries_given_back_within_their_slice_are_available() {
    let budget = WindowedRatio::new().reserve(10);
    let mut accounts: Vec<_> = (0..10).map(|_| Account::open(&budget)).collect();
    for account in &mut accounts {
        account.withdraw(Class::Transient, DAY).unwrap();
    }
    assert_eq!(budget.available(DAY), 0);
    drop(accounts);
    for seconds in [0, 1, 5, 9, 10] {
        assert_eq!(
            budget.available(DAY + Duration::from_secs(seconds)),
            10,
            "after {seconds} s"
        );
    }
    assert_eq!(withdrawn(&budget, 20, DAY + Duration::from_secs(9)), 10);
}

/// G6: given back in a later slice it would be available in windows without the withdrawal.
#[test]
fn retries_given_back_later_expire_with_the_window() {
    let budget = WindowedRatio::new().reserve(10);
    let second = |seconds| DAY + Duration::from_secs(seconds);
    let mut accounts: Vec<_> = (0..10).map(|_| Account::open(&budget)).collect();
    for account in &mut accounts {
        account.withdraw(Class::Transient, second(0)).unwrap();
    }
    budget.deposit(second(1));
    drop(accounts);
    assert_eq!(budget.available(second(9)), 0);
    assert_eq!(budget.available(second(10)), 10);
}

/// G6: callers that come and go for an hour leave the reserve as it was.
#[test]
fn callers_that_leave_do_not_drain_the_reserve() {
    let budget = WindowedRatio::new().reserve(10);
    for step in 0..36_000_u32 {
        let now = DAY + step * Duration::from_millis(100);
        let mut account = Account::open(&budget);
        account.withdraw(Class::Transient, now).unwrap();
        drop(account);
        assert_eq!(budget.available(now), 10, "at {now:?}");
    }
}

/// G6: a retry that was given back is spent once.
#[test]
fn retry_given_back_is_spent_once() {
    let budget = WindowedRatio::new().reserve(1);
    let mut account = Account::open(&budget);
    account.withdraw(Class::Transient, DAY).unwrap();
    drop(account);
    assert_eq!(withdrawn(&budget, 10, DAY), 1);
    assert_eq!(withdrawn(&budget, 10, DAY + Duration::from_secs(9)), 0);
    assert_eq!(withdrawn(&budget, 10, DAY + Duration::from_secs(10)), 1);
}
