//! Hedged calls, whose legs live in one future without an allocator.

use crate::polled::poll_to_end;
use crate::sensor::SensorError;
use crate::{Claim, MS, claim};
use core::cell::Cell;
use core::future::ready;
use core::time::Duration;
use persevere_budget::WindowedRatio;
use persevere_core::sleeper;
use persevere_hedge::{Hedge, HedgeStats, Latency, Quantile};

static LATENCY: Latency = Latency::new().minimum_samples(1);

/// The first leg never ends, and the second is ready.
pub(crate) fn by_time() -> Claim {
    let clock = Cell::new(Duration::ZERO);
    let asleep = |delay| {
        clock.set(clock.get() + delay);
        ready(())
    };
    let sleeper = sleeper::from_fn(asleep, || clock.get());
    let (budget, stats) = (WindowedRatio::new().reserve(1), HedgeStats::new());
    LATENCY.record(8 * MS, clock.get());
    let hedge = Hedge::at(&LATENCY, Quantile::P95);
    let call = hedge
        .on(&sleeper)
        .budget(&budget)
        .observe(&stats)
        .run(|leg| async move {
            if !leg.is_hedge() {
                core::future::pending::<()>().await;
            }
            Ok::<_, SensorError>(leg.index())
        });
    claim(poll_to_end(call).0 == Ok(1), "the second leg gives the answer")?;
    claim(
        clock.get().abs_diff(8 * MS) <= 8 * MS / 32,
        "the second leg begins at the quantile",
    )?;
    let stats = stats.snapshot();
    claim((stats.hedges, stats.hedges_won) == (1, 1), "hedges are counted")
}

/// The first leg fails.
pub(crate) fn by_failure() -> Claim {
    let sleeper = sleeper::from_fn(|_| ready(()), || Duration::ZERO);
    let hedge = Hedge::after(MS).on(&sleeper).budget(WindowedRatio::new().reserve(1));
    let call = hedge.run(|leg| ready(if leg.is_hedge() { Ok(7) } else { Err(SensorError::Busy) }));
    claim(poll_to_end(call).0 == Ok(7), "the next leg is made at once")
}
