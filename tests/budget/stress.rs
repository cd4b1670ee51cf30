//! Eight threads on one budget: it is never overdrawn, and nothing is lost.

use persevere_budget::{
    Account, AdaptiveThrottle, Budget, Class, GrpcThrottle, LastFailure, TokenBucket, WindowedRatio,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const THREADS: u64 = 8;
const CALLS: u64 = 20_000;
const START: u64 = 1_000_000_000_000;

/// Random bits, of a generator per thread.
struct Dice(u64);

impl Dice {
    fn new(thread: u64) -> Dice {
        Dice((thread + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

fn on_all_threads(work: impl Fn(u64) + Sync) {
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let work = &work;
            scope.spawn(move || work(thread));
        }
    });
}

/// Deposits and withdrawals, counted from outside: a deposit just before, a withdrawal just after.
#[derive(Default)]
struct Ledger {
    deposits: AtomicU64,
    withdrawals: AtomicU64,
}

impl Ledger {
    /// Reads withdrawals first, so that every deposit that paid for one is read.
    fn totals(&self) -> (u64, u64) {
        let withdrawals = self.withdrawals.load(Ordering::SeqCst);
        (self.deposits.load(Ordering::SeqCst), withdrawals)
    }
}

fn deposit_or_withdraw(budget: &WindowedRatio, ledger: &Ledger, dice: &mut Dice, now: Duration) {
    if dice.throw(3) == 0 {
        ledger.deposits.fetch_add(1, Ordering::SeqCst);
        budget.deposit(now);
    } else if budget.withdraw(now).is_ok() {
        ledger.withdrawals.fetch_add(1, Ordering::SeqCst);
    }
}

/// G1, G2: at a ratio of 0.6 at most 60 % of the deposits and the reserve are withdrawn, at every moment.
#[test]
fn windowed_ratio_is_never_overdrawn() {
    const RESERVE: u64 = 25;
    let budget = WindowedRatio::new().ratio(0.6).reserve(RESERVE as u32);
    let ledger = Ledger::default();
    let now = Duration::from_nanos(START);
    let allowed = |deposits: u64| deposits * 6 / 10 + RESERVE;
    on_all_threads(|thread| {
        let mut dice = Dice::new(thread);
        for _ in 0..CALLS {
            deposit_or_withdraw(&budget, &ledger, &mut dice, now);
            let (deposits, withdrawals) = ledger.totals();
            assert!(
                withdrawals <= allowed(deposits),
                "{withdrawals} withdrawn of {deposits}"
            );
        }
    });
    let (deposits, withdrawals) = ledger.totals();
    assert_eq!(budget.available(now), allowed(deposits) - withdrawals);
    assert!(withdrawals > CALLS, "they were withdrawing all the time");
}

/// G3 with all threads turning the window: after an idle window exactly the reserve is available. Times are read first and
/// passed later, so that they are out of order.
#[test]
fn concurrent_turns_lose_nothing() {
    const RESERVE: u64 = 25;
    let budget = WindowedRatio::new().ratio(0.6).reserve(RESERVE as u32);
    let ledger = Ledger::default();
    let clock = AtomicU64::new(START);
    on_all_threads(|thread| {
        let mut dice = Dice::new(thread);
        for _ in 0..CALLS {
            let now = clock.fetch_add(dice.throw(3_000_000), Ordering::SeqCst);
            deposit_or_withdraw(&budget, &ledger, &mut dice, Duration::from_nanos(now));
            if dice.throw(2000) == 0 {
                clock.fetch_add(11_000_000_000, Ordering::SeqCst);
            }
        }
    });
    let passed = clock.load(Ordering::SeqCst) - START;
    let (deposits, withdrawals) = ledger.totals();
    // A window has at least nine slices, and a reserve.
    let windows = passed / 9_000_000_000 + 1;
    assert!(withdrawals <= deposits * 6 / 10 + windows * RESERVE);
    let after = Duration::from_nanos(START + passed + 10_000_000_000);
    assert_eq!(budget.available(after), RESERVE);
    assert_eq!(
        (0..100).filter(|_| budget.withdraw(after).is_ok()).count() as u64,
        RESERVE
    );
}

/// G1, G4: all runs together hold and keep at most the capacity. In the end exactly the kept tokens are missing.
#[test]
fn bucket_holds_what_its_runs_do_not() {
    const CAPACITY: u32 = 100_000;
    let budget = TokenBucket::aws_2_1().capacity(CAPACITY);
    let (out, kept) = (AtomicU64::new(0), AtomicU64::new(0));
    on_all_threads(|thread| {
        let mut dice = Dice::new(thread);
        for _ in 0..CALLS {
            let (class, cost) = if dice.throw(2) == 0 {
                (Class::Transient, 14)
            } else {
                (Class::Throttling, 5)
            };
            let mut account = Account::open(&budget);
            account.attempt(Duration::ZERO);
            if account.withdraw(class, Duration::ZERO).is_err() {
                continue;
            }
            let all = out.fetch_add(cost, Ordering::SeqCst) + cost;
            assert!(all <= CAPACITY.into(), "{all} tokens are out");
            match dice.throw(4) {
                0 => {
                    account.attempt(Duration::ZERO);
                    account.failed(LastFailure::Permanent, Duration::ZERO);
                    kept.fetch_add(cost, Ordering::SeqCst);
                }
                1 => {
                    out.fetch_sub(cost, Ordering::SeqCst);
                    account.attempt(Duration::ZERO);
                    account.succeeded(Duration::ZERO);
                }
                _ => {
                    out.fetch_sub(cost, Ordering::SeqCst);
                    drop(account);
                }
            }
        }
    });
    let kept = kept.load(Ordering::SeqCst);
    assert_eq!(u64::from(budget.available()), u64::from(CAPACITY) - kept);
    assert!(kept > u64::from(CAPACITY) / 2, "it was as good as empty");
}

/// Concurrent failures each take a token: the first 499 of 1000 are retried.
#[test]
fn grpc_throttle_counts_every_failure() {
    for _ in 0..50 {
        let budget = GrpcThrottle::new(1000, 0.1);
        let retried = AtomicU64::new(0);
        on_all_threads(|_| {
            for _ in 0..100 {
                let is_retried = budget.withdraw(Class::Transient, Duration::ZERO).is_some();
                retried.fetch_add(is_retried.into(), Ordering::SeqCst);
            }
        });
        assert_eq!((retried.into_inner(), budget.available()), (499, 200.0));
    }
}

/// Every request and every accept is counted once.
#[test]
fn adaptive_throttle_counts_every_request() {
    let budget = AdaptiveThrottle::new();
    let now = Duration::from_nanos(START);
    let rejected = AtomicU64::new(0);
    on_all_threads(|thread| {
        for number in 0..CALLS {
            budget.attempted(now);
            if (number + thread) % 4 == 0 {
                budget.succeeded(None, now);
            } else {
                let is_rejected = budget.withdraw(Class::Transient, now).is_none();
                rejected.fetch_add(is_rejected.into(), Ordering::SeqCst);
            }
        }
    });
    let requests = (THREADS * CALLS + rejected.into_inner()) as f64;
    let accepts = (THREADS * CALLS / 4) as f64;
    let expected = (requests - 2.0 * accepts) / (requests + 1.0);
    assert!((budget.rejection_probability(now) - expected).abs() < 1e-9);
}
