//! An attempt that may panic.

use crate::gate::Ended;
use crate::run::Guards;
use core::marker::PhantomData;
use core::mem;
use core::time::Duration;

/// Reports an attempt that panics to the guards, while it is being made.
pub(crate) struct PanicGuard<'r, T, E, G: Guards<T, E>, N: Fn() -> Duration> {
    guards: &'r mut G,
    clock: N,
    of: PhantomData<fn() -> Result<T, E>>,
}

impl<'r, T, E, G: Guards<T, E>, N: Fn() -> Duration> PanicGuard<'r, T, E, G, N> {
    #[inline(always)]
    pub(crate) fn new(guards: &'r mut G, clock: N) -> Self {
        PanicGuard {
            guards,
            clock,
            of: PhantomData,
        }
    }

    /// Makes the attempt, or a step of it.
    #[inline(always)]
    pub(crate) fn during<R>(self, attempt: impl FnOnce() -> R) -> R {
        let result = attempt();
        mem::forget(self);
        result
    }
}

impl<T, E, G: Guards<T, E>, N: Fn() -> Duration> Drop for PanicGuard<'_, T, E, G, N> {
    #[inline]
    fn drop(&mut self) {
        self.guards.report(Ended::Panicked, &self.clock);
    }
}
