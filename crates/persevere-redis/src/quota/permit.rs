//! Permits of a quota, and gates that take several for an attempt.

use super::Quota;
use super::lease::Taken;
use persevere_core::gate::{Ended, Gate, Rejected, Report};
use std::borrow::Borrow;
use std::fmt;
use std::time::Duration;

/// The permits of an attempt that a [`Quota`] admitted. Dropped without a report, they go back, unless their lease has ended
/// or was replaced: then they count as used. `H` is the reference or the handle.
#[must_use = "a permit that is dropped goes back"]
pub struct QuotaPermit<H: Borrow<Quota>> {
    quota: H,
    permits: u32,
    /// `None` if there is nothing to put back.
    taken: Option<Taken>,
}

impl<H: Borrow<Quota>> QuotaPermit<H> {
    #[inline]
    pub(crate) fn admit(quota: H, permits: u32, clock: impl Fn() -> Duration) -> Result<Self, Rejected> {
        let taken = quota.borrow().take(permits, clock)?;
        Ok(QuotaPermit { quota, permits, taken })
    }

    /// Uses the permits: they do not go back.
    #[inline]
    pub fn spend(mut self) {
        self.taken = None;
    }
}

impl<H: Borrow<Quota>> Drop for QuotaPermit<H> {
    fn drop(&mut self) {
        if let Some(taken) = self.taken {
            self.quota.borrow().put_back(taken, self.permits);
        }
    }
}

impl<H: Borrow<Quota>> fmt::Debug for QuotaPermit<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuotaPermit")
            .field("permits", &self.permits)
            .finish_non_exhaustive()
    }
}

/// A gate that takes several permits of a [`Quota`] for each attempt; returned by [`Quota::weigh`].
#[derive(Debug, Clone, Copy)]
pub struct Weighted<H: Borrow<Quota>> {
    quota: H,
    permits: u32,
}

impl<H: Borrow<Quota>> Weighted<H> {
    pub(crate) fn new(quota: H, permits: u32) -> Weighted<H> {
        Weighted { quota, permits }
    }
}

impl<H: Borrow<Quota> + Clone> Gate for Weighted<H> {
    type Permit = QuotaPermit<H>;

    fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected> {
        self.admit_by(|| now)
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        QuotaPermit::admit(self.quota.clone(), self.permits, clock)
    }
}

impl<T, E, H: Borrow<Quota> + Clone> Report<T, E> for Weighted<H> {
    fn report(&self, permit: Self::Permit, _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {
        permit.spend();
    }
}

macro_rules! gate {
    ($handle:ty) => {
        impl Gate for $handle {
            type Permit = QuotaPermit<Self>;

            fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected> {
                self.admit_by(|| now)
            }

            #[inline]
            fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
                QuotaPermit::admit(self.clone(), 1, clock)
            }
        }

        impl<T, E> Report<T, E> for $handle {
            #[inline]
            fn report(&self, permit: Self::Permit, _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {
                permit.spend();
            }
        }
    };
}

gate!(&Quota);
gate!(Quota);
