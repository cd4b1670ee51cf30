//! The gates in an `Arc`.

use crate::bulkhead::{Bulkhead, BulkheadPermit};
use crate::pause::{Pause, PausePermit};
use alloc::sync::Arc;
use core::time::Duration;
use persevere_core::gate::{ArcGate, ArcReport, Ended, Rejected};

impl ArcGate for Bulkhead {
    type Permit = BulkheadPermit<Arc<Bulkhead>>;

    fn admit_by(self: &Arc<Self>, _clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        BulkheadPermit::acquire(Arc::clone(self))
    }
}

impl<T, E> ArcReport<T, E> for Bulkhead {
    fn report(self: &Arc<Self>, permit: Self::Permit, _ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {
        drop(permit);
    }
}

impl ArcGate for Pause {
    type Permit = PausePermit<Arc<Pause>>;

    fn admit_by(self: &Arc<Self>, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        PausePermit::admit(Arc::clone(self), clock)
    }

    fn hinted(self: &Arc<Self>, hint: Duration, now: Duration) {
        self.pause_for(hint, now);
    }
}

impl<T, E> ArcReport<T, E> for Pause {
    fn report(self: &Arc<Self>, permit: Self::Permit, ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {
        permit.report(ended);
    }
}
