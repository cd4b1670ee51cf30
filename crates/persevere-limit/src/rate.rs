//! A limit of the rate, by the crate governor.

use alloc::sync::Arc;
use core::fmt;
use core::time::Duration;
use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use persevere_core::gate::{ArcGate, ArcReport, Ended, Gate, Rejected, Report};
use persevere_core::time::nanos;
use portable_atomic::{AtomicU64, Ordering};

/// A limit of the rate by [`governor`], on the clock of the runs, so that virtual time rules it.
///
/// [`Run::pace`](persevere_core::Run::pace) waits until the rate allows an attempt. Each attempt takes from the quota, a
/// retry too. A run may find after its wait that others were faster, and waits again.
///
/// governor gives nothing back. Put the rate after the other gates of [`Run::pace`](persevere_core::Run::pace), so that no
/// attempt takes from the quota which another gate holds up. An attempt that a bulkhead or breaker rejects has taken from
/// it.
///
/// ```
/// use persevere::{Policy, Sleeper, ThreadSleeper, limit::{Quota, RateLimit}};
/// use std::{num::NonZero, time::Duration};
///
/// let rate = RateLimit::new(Quota::per_second(NonZero::new(100).unwrap()).allow_burst(NonZero::new(1).unwrap()));
/// let began = ThreadSleeper.now();
/// for _ in 0..3 {
///     Policy::default().on(ThreadSleeper).pace(&rate).run_blocking(|| Ok::<_, ()>(())).unwrap();
/// }
/// assert!(ThreadSleeper.now() - began >= Duration::from_millis(20));
/// ```
///
/// All runs on one limit need sleepers with the same clock.
pub struct RateLimit {
    limiter: RateLimiter<NotKeyed, InMemoryState, RunClock, NoOpMiddleware<Nanos>>,
    clock: RunClock,
}

/// The latest time at which a run checked the rate, in nanoseconds.
#[derive(Debug, Clone, Default)]
struct RunClock(Arc<AtomicU64>);

impl Clock for RunClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        // Ordering: a number alone.
        self.0.load(Ordering::Relaxed).into()
    }
}

impl RateLimit {
    /// A limit of the rate to a quota.
    #[must_use]
    pub fn new(quota: Quota) -> RateLimit {
        let clock = RunClock::default();
        RateLimit {
            limiter: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
        }
    }

    /// Takes from the quota at `now`.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the time until the rate allows another attempt.
    pub fn check(&self, now: Duration) -> Result<(), Rejected> {
        // Ordering: a number alone. Never back, as governor needs it.
        let now = self.clock.0.fetch_max(nanos(now), Ordering::Relaxed).max(nanos(now));
        self.limiter
            .check()
            .map_err(|not_until| Rejected::for_now(not_until.earliest_possible().duration_since(now.into()).into()))
    }
}

impl fmt::Debug for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimit").finish_non_exhaustive()
    }
}

impl Gate for &RateLimit {
    type Permit = ();

    fn admit(&self, now: Duration) -> Result<(), Rejected> {
        self.check(now)
    }
}

impl<T, E> Report<T, E> for &RateLimit {
    fn report(&self, _permit: (), _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {}
}

impl ArcGate for RateLimit {
    type Permit = ();

    fn admit_by(self: &Arc<Self>, clock: impl Fn() -> Duration) -> Result<(), Rejected> {
        self.check(clock())
    }
}

impl<T, E> ArcReport<T, E> for RateLimit {
    fn report(self: &Arc<Self>, _permit: (), _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {}
}
