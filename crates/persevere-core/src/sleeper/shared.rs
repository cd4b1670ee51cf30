//! Any async sleeper behind an `Arc`.

use super::{AsyncSleeper, Clock, Sleeper};
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::time::Duration;

/// The sleep of a [`SharedSleeper`].
pub type BoxSleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Any async sleeper without a type parameter: `Clone`, `Send` and `Sync`. Made by [`Sleeper::shared`]. Each sleep is
/// one allocation.
///
/// A blocking sleeper needs no such form: `Arc<dyn Sleeper<Sleep = Slept> + Send + Sync>`.
#[derive(Clone)]
pub struct SharedSleeper(Arc<dyn Sleeper<Sleep = BoxSleep> + Send + Sync>);

impl SharedSleeper {
    pub(crate) fn new<S>(sleeper: S) -> SharedSleeper
    where
        S: AsyncSleeper<Sleep: Send + 'static> + Send + Sync + 'static,
    {
        SharedSleeper(Arc::new(Boxed(sleeper)))
    }
}

impl Sleeper for SharedSleeper {
    type Sleep = BoxSleep;

    #[inline]
    fn sleep(&self, delay: Duration) -> BoxSleep {
        self.0.sleep(delay)
    }

    forward_clock!(self => self.0);
}

impl Clock for SharedSleeper {}

/// A sleeper whose sleeps are boxed.
struct Boxed<S>(S);

impl<S: AsyncSleeper<Sleep: Send + 'static>> Sleeper for Boxed<S> {
    type Sleep = BoxSleep;

    fn sleep(&self, delay: Duration) -> BoxSleep {
        Box::pin(self.0.sleep(delay))
    }

    forward_clock!(self => self.0);
}

impl fmt::Debug for SharedSleeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSleeper")
    }
}

// A trait object is not unwind safe by itself, and a client that stores one would lose the property in its public type.
// The sleeper is used through `&self` only, and a run that unwinds leaves no state in it.
impl UnwindSafe for SharedSleeper {}
impl RefUnwindSafe for SharedSleeper {}
