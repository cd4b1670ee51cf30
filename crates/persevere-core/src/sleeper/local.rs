//! Any async sleeper behind an `Rc`, for one thread.

use super::{AsyncSleeper, Clock, Sleeper};
use alloc::boxed::Box;
use alloc::rc::Rc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::time::Duration;

/// The sleep of a [`LocalSharedSleeper`].
pub type LocalBoxSleep = Pin<Box<dyn Future<Output = ()>>>;

/// Any async sleeper without a type parameter, for one thread: a [`SharedSleeper`](super::SharedSleeper) whose sleeps
/// need not be `Send`, such as the sleeps of browsers. Made by [`Sleeper::shared_local`]. Each sleep is one allocation.
#[derive(Clone)]
pub struct LocalSharedSleeper(Rc<dyn Sleeper<Sleep = LocalBoxSleep>>);

impl LocalSharedSleeper {
    pub(crate) fn new<S>(sleeper: S) -> LocalSharedSleeper
    where
        S: AsyncSleeper<Sleep: 'static> + 'static,
    {
        LocalSharedSleeper(Rc::new(Boxed(sleeper)))
    }
}

impl Sleeper for LocalSharedSleeper {
    type Sleep = LocalBoxSleep;

    fn sleep(&self, delay: Duration) -> LocalBoxSleep {
        self.0.sleep(delay)
    }

    forward_clock!(self => self.0);
}

impl Clock for LocalSharedSleeper {}

/// A sleeper whose sleeps are boxed.
struct Boxed<S>(S);

impl<S: AsyncSleeper<Sleep: 'static>> Sleeper for Boxed<S> {
    type Sleep = LocalBoxSleep;

    fn sleep(&self, delay: Duration) -> LocalBoxSleep {
        Box::pin(self.0.sleep(delay))
    }

    forward_clock!(self => self.0);
}

impl fmt::Debug for LocalSharedSleeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalSharedSleeper")
    }
}
