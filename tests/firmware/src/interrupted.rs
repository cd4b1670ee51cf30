//! A breaker and a budget that the program and an interrupt use at once.

use crate::clock;
use core::time::Duration;
use persevere_bare::{Claim, MS, claim};
use persevere_breaker::{CircuitBreaker, State};
use persevere_budget::WindowedRatio;
use portable_atomic::{AtomicBool, AtomicU32, Ordering};

/// Three failures open it, and only the interrupt reports any.
static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(3)
    .open_for(Duration::from_millis(2))
    .build();

/// A retry for each success.
static BUDGET: WindowedRatio = WindowedRatio::new().ratio(1.0).reserve(0);

/// Whether the interrupt takes part.
static TAKES_PART: AtomicBool = AtomicBool::new(false);

/// The deposits of the interrupt.
static DEPOSITS: AtomicU32 = AtomicU32::new(0);

/// Reports a failure and makes a deposit. The interrupt calls it at each tick.
pub(crate) fn tick(now: Duration) {
    if !TAKES_PART.load(Ordering::Relaxed) {
        return;
    }
    if let Ok(permit) = BREAKER.try_acquire(now) {
        permit.failed(now);
    }
    BUDGET.deposit(now);
    DEPOSITS.store(DEPOSITS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// The program uses both without a pause, so that the interrupt comes in the midst of their operations.
pub(crate) fn shared() -> Claim {
    let mut watch = BREAKER.transitions();
    let (mut deposits, mut withdrawn, mut opened, mut before) = (0, 0, 0, State::Closed);
    let start = clock::now();
    TAKES_PART.store(true, Ordering::Relaxed);
    while clock::now() < start + 100 * MS {
        if let Ok(permit) = BREAKER.try_acquire(clock::now()) {
            // Calls are not reported. Probes succeed.
            if permit.is_probe() {
                permit.succeeded(clock::now());
            } else {
                permit.ignored();
            }
        }
        BUDGET.deposit(clock::now());
        deposits += 1;
        withdrawn += u64::from(BUDGET.withdraw(clock::now()).is_ok());
        for transition in watch.by_ref() {
            claim(transition.from == before, "each transition follows the one before")?;
            before = transition.to;
            opened += u32::from(before == State::Open);
        }
    }
    TAKES_PART.store(false, Ordering::Relaxed);
    claim(opened > 5, "failures in an interrupt open a breaker, time and again")?;
    claim(watch.missed() == 0, "no transition is missed")?;
    let in_ticks = DEPOSITS.load(Ordering::Relaxed);
    claim(in_ticks >= 95, "the interrupt took part at every tick")?;
    let left = BUDGET.available(clock::now());
    claim(
        withdrawn + left == deposits + u64::from(in_ticks),
        "no deposit is lost, and none is spent twice",
    )
}
