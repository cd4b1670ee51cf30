//! A limit of the concurrent calls.

use crate::error::InvalidLimit;
use crate::places::Places;
use core::fmt;
use core::ops::Deref;
use core::time::Duration;
use persevere_core::gate::{Ended, Gate, Rejected, Report};

/// A limit of the concurrent calls: rejects a call while the given number of others is under way.
///
/// It fits in a `static`. A permit gives its place back when it is dropped: when the attempt has ended, and when its run is
/// dropped or unwinds.
///
/// [`Run::bulkhead`](persevere_core::Run::bulkhead) stops a run whose attempt is rejected, or lets it try again with
/// [`retry_rejected`](persevere_core::Policy::retry_rejected). [`Run::pace`](persevere_core::Run::pace) waits for a
/// place, by trying again every 1 to 64 ms, in no order. For a fair queue use `tokio::sync::Semaphore` in the
/// operation, or tower's `ConcurrencyLimit`.
///
/// ```
/// use persevere::{Policy, StopReason, ThreadSleeper, limit::Bulkhead};
///
/// static REPORTS: Bulkhead = Bulkhead::new(1);
///
/// let policy = Policy::default();
/// let report = || policy.on(ThreadSleeper).bulkhead(&REPORTS).run_blocking(|| Ok::<_, ()>(REPORTS.in_flight()));
/// assert_eq!(report(), Ok(1));
///
/// let other = REPORTS.try_acquire().unwrap(); // another call
/// assert_eq!(report().unwrap_err().reason(), StopReason::Rejected);
/// drop(other);
/// assert_eq!(report(), Ok(1));
/// ```
pub struct Bulkhead {
    places: Places,
    limit: u32,
}

impl Bulkhead {
    /// A limit of the given number of concurrent calls.
    ///
    /// # Panics
    ///
    /// If the number is 0. See [`try_new`](Bulkhead::try_new).
    #[must_use]
    pub const fn new(limit: u32) -> Bulkhead {
        match Bulkhead::try_new(limit) {
            Ok(bulkhead) => bulkhead,
            Err(_) => panic!("invalid limit: the number of calls must be at least 1"),
        }
    }

    /// [`new`](Bulkhead::new), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::Calls`] if the number is 0.
    pub const fn try_new(limit: u32) -> Result<Bulkhead, InvalidLimit> {
        if limit == 0 {
            return Err(InvalidLimit::Calls);
        }
        Ok(Bulkhead {
            places: Places::new(),
            limit,
        })
    }

    /// Takes a place for a call outside of a run; `None` if there is none.
    #[must_use]
    pub fn try_acquire(&self) -> Option<BulkheadPermit<&Bulkhead>> {
        BulkheadPermit::acquire(self).ok()
    }

    /// The number of calls under way.
    #[must_use]
    pub fn in_flight(&self) -> u32 {
        self.places.taken()
    }

    /// The greatest number of concurrent calls.
    #[must_use]
    pub const fn limit(&self) -> u32 {
        self.limit
    }
}

impl fmt::Debug for Bulkhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bulkhead")
            .field("in_flight", &self.in_flight())
            .field("limit", &self.limit)
            .finish()
    }
}

/// A place in a [`Bulkhead`], which it gives back when it is dropped. `H` is the reference or `Arc`.
pub struct BulkheadPermit<H: Deref<Target = Bulkhead>> {
    bulkhead: H,
}

impl<H: Deref<Target = Bulkhead>> BulkheadPermit<H> {
    pub(crate) fn acquire(bulkhead: H) -> Result<Self, Rejected> {
        match bulkhead.places.take(bulkhead.limit) {
            Some(_) => Ok(BulkheadPermit { bulkhead }),
            None => Err(Rejected::for_now(Duration::ZERO)),
        }
    }
}

impl<H: Deref<Target = Bulkhead>> Drop for BulkheadPermit<H> {
    fn drop(&mut self) {
        self.bulkhead.places.give_back();
    }
}

impl<H: Deref<Target = Bulkhead>> fmt::Debug for BulkheadPermit<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkheadPermit").finish_non_exhaustive()
    }
}

impl Gate for &Bulkhead {
    type Permit = BulkheadPermit<Self>;

    fn admit(&self, _now: Duration) -> Result<Self::Permit, Rejected> {
        BulkheadPermit::acquire(*self)
    }

    fn admit_by(&self, _clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        BulkheadPermit::acquire(*self)
    }
}

impl<T, E> Report<T, E> for &Bulkhead {
    fn report(&self, permit: Self::Permit, _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {
        drop(permit);
    }
}
