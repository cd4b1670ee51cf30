//! Accounts: a withdrawal belongs to its run. It is given back once if the retry is not made, and kept if it is.

use persevere_budget::{
    Account, AdaptiveThrottle, Budget, Class, Counted, Exhausted, GrpcThrottle, LastFailure, TokenBucket, WindowedRatio,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const NOW: Duration = Duration::ZERO;

/// G4: twenty concurrent runs, each with a retry that succeeds, leave the bucket as full as consecutive runs.
#[test]
fn concurrent_runs_give_back_their_own() {
    let bucket = TokenBucket::aws_2_1();
    let mut accounts: Vec<_> = (0..20).map(|_| Account::open(&bucket)).collect();
    for account in &mut accounts {
        account.attempt(NOW);
    }
    for (number, account) in accounts.iter_mut().enumerate() {
        let class = if number % 2 == 0 {
            Class::Transient
        } else {
            Class::Throttling
        };
        account.withdraw(class, NOW).unwrap();
    }
    assert_eq!(bucket.available(), 500 - 10 * 14 - 10 * 5);
    for account in &mut accounts {
        account.attempt(NOW);
    }
    for account in &mut accounts {
        account.succeeded(NOW);
    }
    assert_eq!(bucket.available(), 500);
}

/// O7: a budget that is counted answers as the budget itself, and its counts are its answers.
#[test]
fn counted_budget_answers_as_the_budget_itself() {
    let (plain, counted) = (TokenBucket::new(5), Counted::new(TokenBucket::new(5)));
    let (mut admitted, mut returned) = (0, 0);
    for step in 0..40u32 {
        let class = if step % 3 == 0 {
            Class::Throttling
        } else {
            Class::Transient
        };
        let cost = plain.withdraw(class, NOW);
        assert_eq!(counted.withdraw(class, NOW), cost);
        admitted += u64::from(cost.is_some());
        match (step % 8, cost) {
            (0, Some(cost)) => {
                plain.give_back(cost);
                counted.give_back(cost);
                returned += 1;
            }
            (1, cost) => {
                plain.succeeded(cost, NOW);
                counted.succeeded(cost, NOW);
            }
            (2, _) => {
                plain.attempted(NOW);
                counted.attempted(NOW);
            }
            _ => {}
        }
        assert_eq!(plain.available(), counted.get().available());
    }
    let stats = counted.stats();
    assert!(0 < admitted && admitted < 40);
    assert_eq!(
        (stats.withdrawals, stats.rejections, stats.returns),
        (admitted, 40 - admitted, returned)
    );
    assert_eq!(counted.is_timed(), plain.is_timed());
}

/// A success returns the cost of the last retry alone.
#[test]
fn success_returns_the_cost_of_the_last_retry() {
    let bucket = TokenBucket::aws_2_1();
    let mut account = Account::open(&bucket);
    for class in [Class::Transient, Class::Timeout, Class::Throttling] {
        account.attempt(NOW);
        account.withdraw(class, NOW).unwrap();
    }
    account.attempt(NOW);
    account.succeeded(NOW);
    assert_eq!(bucket.available(), 500 - 14 - 14);
}

/// An account that serves consecutive runs forgets the cost of the last run, however it ended.
#[test]
fn next_run_of_an_account_starts_anew() {
    let bucket = TokenBucket::aws_2_1().capacity(28);
    let mut account = Account::open(&bucket);
    let retry = |account: &mut Account<&TokenBucket>| {
        account.attempt(NOW);
        let is_allowed = account.withdraw(Class::Transient, NOW).is_ok();
        account.attempt(NOW);
        is_allowed
    };
    assert!(retry(&mut account));
    account.failed(LastFailure::Permanent, NOW);
    account.succeeded(NOW);
    assert_eq!(bucket.available(), 15, "a success at once");
    assert!(retry(&mut account) && account.withdraw(Class::Transient, NOW).is_err());
    account.succeeded(NOW);
    assert_eq!(bucket.available(), 2, "a success at once");
}

/// Without a budget every retry is allowed.
#[test]
fn unit_allows_every_retry() {
    let mut account = Account::open(());
    assert!((0..1000).all(|_| account.withdraw(Class::Transient, NOW).is_ok()));
    assert!(!account.budget().is_timed());
    assert_eq!(().withdraw(Class::Transient, NOW), Some(0), "it costs nothing");
}

/// A run that is dropped while it waits gives back the cost of the retry, and no more.
#[test]
fn retry_that_is_not_made_costs_nothing() {
    let bucket = TokenBucket::aws_2_1();
    let mut account = Account::open(&bucket);
    account.attempt(NOW);
    account.withdraw(Class::Transient, NOW).unwrap();
    account.attempt(NOW);
    account.withdraw(Class::Transient, NOW).unwrap();
    assert_eq!(bucket.available(), 472);
    drop(account);
    assert_eq!(bucket.available(), 486);
}

/// A run that is dropped during an attempt, or panics, gives nothing back, and is no success.
#[test]
fn retry_dropped_during_its_attempt_is_paid() {
    let bucket = TokenBucket::aws_2_1();
    let unwound = catch_unwind(AssertUnwindSafe(|| {
        let mut account = Account::open(&bucket);
        account.attempt(NOW);
        account.withdraw(Class::Transient, NOW).unwrap();
        account.attempt(NOW);
        panic!("the operation");
    }));
    assert!(unwound.is_err());
    assert_eq!(bucket.available(), 486);
}

/// A second withdrawal without an attempt between replaces the first.
#[test]
fn account_holds_one_retry() {
    let bucket = TokenBucket::aws_2_1();
    let mut account = Account::open(&bucket);
    for _ in 0..3 {
        account.withdraw(Class::Transient, NOW).unwrap();
        assert_eq!(bucket.available(), 486);
    }
    account.succeeded(NOW);
    assert_eq!(bucket.available(), 500);
}

/// G5: an exhausted budget stops the retry, and no first attempt.
#[test]
fn exhausted_budget_stops_the_retry_alone() {
    let budget = WindowedRatio::new().reserve(1);
    let mut first = Account::open(&budget);
    let mut second = Account::open(&budget);
    first.attempt(NOW);
    second.attempt(NOW);
    assert_eq!(first.withdraw(Class::Transient, NOW), Ok(()));
    assert_eq!(second.withdraw(Class::Transient, NOW), Err(Exhausted));
    assert_eq!(Exhausted.to_string(), "the retry budget is exhausted");
    first.attempt(NOW);
    first.succeeded(NOW);
    assert_eq!(budget.available(NOW), 0, "a success is a fifth of a retry");
}

static IN_A_STATIC: [&(dyn Budget + Sync); 4] = {
    static WINDOWED: WindowedRatio = WindowedRatio::new()
        .ratio(0.1)
        .reserve(10)
        .window(Duration::from_secs(60));
    static BUCKET: TokenBucket = TokenBucket::aws_2_0().capacity(100).reward(2);
    static GRPC: GrpcThrottle = GrpcThrottle::new(100, 0.1);
    static ADAPTIVE: AdaptiveThrottle = AdaptiveThrottle::new().multiplier(1.1).seed(7);
    [&WINDOWED, &BUCKET, &GRPC, &ADAPTIVE]
};

/// Every kind fits in a static and behind `dyn`, by reference and in an `Arc`.
#[test]
fn every_kind_is_shared_by_reference_and_arc() {
    fn run(mut account: Account<impl Budget>) -> bool {
        account.attempt(NOW);
        let is_allowed = account.withdraw(Class::Timeout, NOW).is_ok();
        account.attempt(NOW);
        account.failed(LastFailure::Permanent, NOW);
        is_allowed
    }
    let shared: [Arc<dyn Budget + Send + Sync>; 4] = [
        Arc::new(WindowedRatio::default()),
        Arc::new(TokenBucket::aws_2_1()),
        Arc::new(GrpcThrottle::new(10, 0.1)),
        Arc::new(AdaptiveThrottle::default()),
    ];
    for (budget, is_timed) in shared.into_iter().zip([true, false, false, true]) {
        budget.succeeded(None, NOW);
        assert_eq!((&&*budget).is_timed(), is_timed);
        let moved = Arc::clone(&budget);
        assert!(std::thread::spawn(move || run(Account::open(moved))).join().unwrap());
        assert!(run(Account::open(&*budget)));
    }
    for budget in IN_A_STATIC {
        budget.succeeded(None, NOW);
        assert!(run(Account::open(budget)));
    }
}

/// The other methods of a budget do nothing by default.
#[test]
fn budget_needs_two_methods() {
    struct Once(AtomicBool);

    impl Budget for Once {
        fn withdraw(&self, _: Class, _: Duration) -> Option<u32> {
            self.0.swap(false, Ordering::Relaxed).then_some(1)
        }

        fn give_back(&self, _: u32) {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    let budget = Once(AtomicBool::new(true));
    assert!(budget.is_timed(), "it may look at the time");
    for _ in 0..2 {
        let mut account = Account::open(&budget);
        account.attempt(NOW);
        account.withdraw(Class::Transient, NOW).unwrap();
        drop(account);
    }
    let mut account = Account::open(&budget);
    account.attempt(NOW);
    account.withdraw(Class::Transient, NOW).unwrap();
    account.attempt(NOW);
    account.succeeded(NOW);
    account.failed(LastFailure::Permanent, NOW);
    assert_eq!(account.withdraw(Class::Transient, NOW), Err(Exhausted));
}

/// The capacity of a bucket in use is lowered below the number of missing tokens.
#[test]
fn lowered_capacity_of_a_bucket_in_use_does_not_overflow() {
    let bucket = TokenBucket::new(10);
    for _ in 0..8 {
        bucket.withdraw(Class::Transient, Duration::ZERO).unwrap();
    }
    let bucket = bucket.capacity(5);
    assert_eq!(
        (bucket.available(), bucket.withdraw(Class::Transient, Duration::ZERO)),
        (0, None)
    );
    for _ in 0..4 {
        bucket.succeeded(None, Duration::ZERO);
    }
    assert_eq!(bucket.available(), 1);
}
