//! Runs with a breaker and a budget, and their statistics.

use crate::sensor::{Delay, busy};
use crate::{Claim, TRANSIENT, claim};
use core::cell::Cell;
use core::time::Duration;
use persevere_blocking::DelaySleeper;
use persevere_breaker::{CircuitBreaker, State};
use persevere_budget::TokenBucket;
use persevere_core::sleeper::blocking_from_fn;
use persevere_core::{Policy, Sleeper, StopReason};

/// Each attempt asks the breaker.
pub(crate) fn by_breaker() -> Claim {
    // A device with a timer, whose clock moves while nothing sleeps.
    let clock = Cell::new(Duration::ZERO);
    let sleeper = blocking_from_fn(|delay| clock.set(clock.get() + delay), || clock.get());
    let breaker = CircuitBreaker::consecutive_failures(3)
        .open_for(Duration::from_secs(1))
        .build();
    let run = || TRANSIENT.on(&sleeper).breaker(&breaker).run_blocking(busy(u32::MAX));
    let failed = run().err().ok_or("it never succeeds")?;
    claim(
        (failed.reason(), failed.attempts()) == (StopReason::Rejected, 3),
        "the third failure opens it, and the fourth attempt is not made",
    )?;
    let failed = run().err().ok_or("it is open")?;
    claim(
        (failed.reason(), failed.attempts()) == (StopReason::Rejected, 0),
        "another run makes no attempt",
    )?;
    clock.set(clock.get() + Duration::from_secs(2));
    let recovered = TRANSIENT.on(&sleeper).breaker(&breaker).run_blocking(busy(0));
    claim(recovered == Ok(1), "in time a run is the probe")?;
    claim(breaker.state(sleeper.now()) == State::Closed, "and has closed it")
}

/// Each retry asks the budget.
pub(crate) fn by_budget() -> Claim {
    let nanoseconds = Cell::new(0);
    let sleeper = DelaySleeper::new(Delay(&nanoseconds));
    let budget = TokenBucket::new(4);
    let ends = [(); 3].map(|()| {
        let run = TRANSIENT.on(&sleeper).budget(&budget).run_blocking(busy(u32::MAX));
        run.err().map(|failed| (failed.reason(), failed.attempts()))
    });
    let expected = [
        (StopReason::Attempts, 4),
        (StopReason::Budget, 2),
        (StopReason::Budget, 1),
    ];
    claim(ends == expected.map(Some), "three retries, one, and none are left")
}

/// Counts of 64 bits, on whatever the processor has to count with.
#[cfg(target_has_atomic = "32")]
pub(crate) fn counted() -> Claim {
    use persevere_core::Stats;

    let nanoseconds = Cell::new(0);
    let stats = Stats::new();
    // The third wait carries the sum past 32 bits of nanoseconds.
    let policy = Policy::fixed(Duration::from_secs(2)).max_attempts(4);
    for fails in [0, 3, u32::MAX] {
        let run = policy.on(DelaySleeper::new(Delay(&nanoseconds))).observe(&stats);
        claim(
            run.run_blocking(busy(fails)).is_ok() == (fails < 4),
            "it is only watched",
        )?;
    }
    let seen = stats.snapshot();
    claim(
        (seen.started, seen.attempts, seen.failures, seen.successes_after_retry) == (3, 9, 7, 1),
        "runs and attempts are counted",
    )?;
    claim(
        (seen.waited, seen.gave_up[StopReason::Attempts]) == (Duration::from_secs(12), 1),
        "waits are summed, and ends told apart",
    )?;
    claim(
        seen.waited.as_nanos() == u128::from(nanoseconds.get()),
        "as they were slept",
    )
}

/// A processor without compare-and-swap has no statistics; a program counts in an observer of its own.
#[cfg(not(target_has_atomic = "32"))]
pub(crate) fn counted() -> Claim {
    let (nanoseconds, failures) = (Cell::new(0), Cell::new(0));
    let policy = Policy::fixed(Duration::from_secs(2)).max_attempts(4);
    let run = policy
        .on(DelaySleeper::new(Delay(&nanoseconds)))
        .on_retry(|_, _: Option<&crate::SensorError>, _| failures.set(failures.get() + 1));
    claim(
        run.run_blocking(busy(3)) == Ok(4) && failures.get() == 3,
        "each retry is counted",
    )
}
