//! A limit of the concurrent calls that follows the server.

use crate::error::InvalidLimit;
use crate::limit::{Gradient2, Limit};
use crate::places::Places;
use alloc::sync::Arc;
use core::fmt;
use core::ops::Deref;
use core::time::Duration;
use persevere_core::gate::{ArcGate, ArcReport, Ended, Gate, Rejected, Report};
use persevere_core::time::nanos;
use portable_atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A limit of the concurrent calls that follows the response times of the server. Calls wait or are rejected here
/// instead of in the server's queue.
///
/// It fits in a `static`. [`Run::bulkhead`](persevere_core::Run::bulkhead) stops a run whose attempt is rejected,
/// [`Run::pace`](persevere_core::Run::pace) waits for a place.
///
/// It samples attempts that return `Ok`. Attempts that time out within the run count as dropped, and so does a hint
/// that the policy accepts. An `Err` without a hint is not sampled, since it does not measure the load. Response times
/// are averaged over a [`window`](AdaptiveLimit::window), and then [`Limit::update`] decides.
///
/// ```
/// use persevere::{Policy, ThreadSleeper};
/// use persevere::limit::{AdaptiveLimit, Gradient2};
///
/// static SEARCH: AdaptiveLimit = AdaptiveLimit::new(Gradient2::new().bounds(4, 500));
///
/// let hits = Policy::default().on(ThreadSleeper).pace(&SEARCH).run_blocking(|| Ok::<_, ()>(SEARCH.in_flight()));
/// assert_eq!((hits, SEARCH.in_flight(), SEARCH.limit()), (Ok(1), 0, 20));
/// ```
pub struct AdaptiveLimit<L = Gradient2> {
    places: Places,
    limit: AtomicU32,
    window: u64,
    following: Mutex<Following<L>>,
}

/// The algorithm, and the samples of the window.
#[derive(Debug)]
struct Following<L> {
    algorithm: L,
    began: u64,
    sum: u64,
    samples: u32,
    most_in_flight: u32,
    dropped: bool,
}

/// The limit before the algorithm has returned a limit. A limit of 0 would never be sampled again, and counts as 1.
const UNKNOWN: u32 = 0;

/// A window with fewer samples is prolonged. Netflix's `WindowedLimit` has the same number.
const LEAST_SAMPLES: u32 = 10;

impl<L> AdaptiveLimit<L> {
    /// A limit by an algorithm: [`Gradient2`], [`Aimd`](crate::Aimd), or an algorithm of the caller.
    #[must_use]
    pub const fn new(algorithm: L) -> AdaptiveLimit<L> {
        AdaptiveLimit {
            places: Places::new(),
            limit: AtomicU32::new(UNKNOWN),
            window: 1_000_000_000,
            following: Mutex::new(Following {
                algorithm,
                began: 0,
                sum: 0,
                samples: 0,
                most_in_flight: 0,
                dropped: false,
            }),
        }
    }

    /// How long response times are averaged; 1 s by default, as in Netflix's `WindowedLimit`. A window lasts at least twice
    /// the average response time, and until it has 10 samples.
    ///
    /// # Panics
    ///
    /// If it is zero. See [`try_window`](AdaptiveLimit::try_window).
    #[must_use]
    pub const fn window(mut self, window: Duration) -> AdaptiveLimit<L> {
        assert!(
            !window.is_zero(),
            "invalid adaptive limit: window must be longer than zero"
        );
        self.window = nanos(window);
        self
    }

    /// [`window`](AdaptiveLimit::window), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Window`] if it is zero.
    pub fn try_window(mut self, window: Duration) -> Result<AdaptiveLimit<L>, InvalidLimit> {
        if window.is_zero() {
            return Err(InvalidLimit::Window);
        }
        self.window = nanos(window);
        Ok(self)
    }

    /// The number of calls under way.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.places.taken()
    }

    fn lock(&self) -> MutexGuard<'_, Following<L>> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<L: Limit> AdaptiveLimit<L> {
    /// The greatest number of concurrent calls, as of now.
    #[must_use]
    pub fn limit(&self) -> u32 {
        // Ordering: a number alone, whose delay does no harm.
        match self.limit.load(Ordering::Relaxed) {
            UNKNOWN => {
                let following = self.lock();
                self.set_limit(following.algorithm.limit())
            }
            limit => limit,
        }
    }

    /// Keeps the limit, at least 1, and returns it. Called with the lock held, so that an older limit does not replace
    /// a newer limit.
    fn set_limit(&self, limit: u32) -> u32 {
        let limit = limit.max(1);
        self.limit.store(limit, Ordering::Relaxed);
        limit
    }

    /// Takes a place for a call outside of a run that begins at `now`; `None` if there is none.
    #[must_use]
    pub fn try_acquire(&self, now: Duration) -> Option<AdaptivePermit<L, &AdaptiveLimit<L>>> {
        AdaptivePermit::acquire(self, now).ok()
    }

    /// Notes that the server requested a pause.
    fn drop_one(&self) {
        self.lock().dropped = true;
    }

    fn sample(&self, began: u64, now: u64, in_flight: u32, dropped: bool) {
        let mut following = self.lock();
        if following.samples == 0 {
            following.began = began;
        }
        following.sum = following.sum.saturating_add(now.saturating_sub(began));
        following.samples += 1;
        following.most_in_flight = following.most_in_flight.max(in_flight);
        following.dropped |= dropped;
        let rtt = following.sum / u64::from(following.samples);
        let is_over = now.saturating_sub(following.began) >= self.window.max(rtt.saturating_mul(2));
        if is_over && following.samples >= LEAST_SAMPLES {
            let (most, dropped) = (following.most_in_flight, following.dropped);
            let limit = following.algorithm.update(Duration::from_nanos(rtt), most, dropped);
            self.set_limit(limit);
            (following.sum, following.samples) = (0, 0);
            (following.most_in_flight, following.dropped) = (0, false);
        }
    }
}

impl<L: Limit + Default> Default for AdaptiveLimit<L> {
    fn default() -> AdaptiveLimit<L> {
        AdaptiveLimit::new(L::default())
    }
}

impl<L: Limit> fmt::Debug for AdaptiveLimit<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptiveLimit")
            .field("in_flight", &self.in_flight())
            .field("limit", &self.limit())
            .finish_non_exhaustive()
    }
}

/// A place under an [`AdaptiveLimit`], which it gives back when it is dropped. `H` is the reference or `Arc`.
pub struct AdaptivePermit<L: Limit, H: Deref<Target = AdaptiveLimit<L>>> {
    adaptive: H,
    began: u64,
    /// How many calls were under way when this one began, with it.
    in_flight: u32,
}

impl<L: Limit, H: Deref<Target = AdaptiveLimit<L>>> AdaptivePermit<L, H> {
    fn acquire(adaptive: H, now: Duration) -> Result<Self, Rejected> {
        match adaptive.places.take(adaptive.limit()) {
            Some(in_flight) => Ok(AdaptivePermit {
                adaptive,
                began: nanos(now),
                in_flight,
            }),
            None => Err(Rejected::for_now(Duration::ZERO)),
        }
    }

    /// Reports a response at `now`, and gives the place back.
    pub fn responded(self, now: Duration) {
        self.adaptive.sample(self.began, nanos(now), self.in_flight, false);
    }

    /// Reports a call that timed out, or that the server rejected for its load, and gives the place back.
    pub fn dropped(self, now: Duration) {
        self.adaptive.sample(self.began, nanos(now), self.in_flight, true);
    }

    fn report<T, E>(self, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        match ended {
            Ended::Returned(Ok(_)) => self.responded(clock()),
            Ended::TimedOut => self.dropped(clock()),
            _ => {}
        }
    }
}

impl<L: Limit, H: Deref<Target = AdaptiveLimit<L>>> Drop for AdaptivePermit<L, H> {
    fn drop(&mut self) {
        self.adaptive.places.give_back();
    }
}

impl<L: Limit, H: Deref<Target = AdaptiveLimit<L>>> fmt::Debug for AdaptivePermit<L, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AdaptivePermit")
            .field("began", &Duration::from_nanos(self.began))
            .finish_non_exhaustive()
    }
}

impl<L: Limit> Gate for &AdaptiveLimit<L> {
    type Permit = AdaptivePermit<L, Self>;

    fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected> {
        AdaptivePermit::acquire(*self, now)
    }

    fn hinted(&self, _hint: Duration, _now: Duration) {
        self.drop_one();
    }
}

impl<T, E, L: Limit> Report<T, E> for &AdaptiveLimit<L> {
    fn report(&self, permit: Self::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        permit.report(ended, clock);
    }
}

impl<L: Limit> ArcGate for AdaptiveLimit<L> {
    type Permit = AdaptivePermit<L, Arc<AdaptiveLimit<L>>>;

    fn admit_by(self: &Arc<Self>, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        AdaptivePermit::acquire(Arc::clone(self), clock())
    }

    fn hinted(self: &Arc<Self>, _hint: Duration, _now: Duration) {
        self.drop_one();
    }
}

impl<T, E, L: Limit> ArcReport<T, E> for AdaptiveLimit<L> {
    fn report(self: &Arc<Self>, permit: Self::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        permit.report(ended, clock);
    }
}
