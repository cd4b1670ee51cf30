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

/// Any async sleeper without a type parameter, for one thread: a [`SharedSleeper`](super::SharedSleeper) whose sleeps need not
/// be `Send`, as those of browsers are not. Made by [`Sleeper::shared_local`]. Each sleep is one allocation.
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

    fn now(&self) -> Duration {
        self.0.now()
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn is_cancellable(&self) -> bool {
        self.0.is_cancellable()
    }

    fn assert_ready(&self) {
        self.0.assert_ready();
    }

    #[cfg(feature = "std")]
    fn cancel_token(&self) -> Option<&crate::CancelToken> {
        self.0.cancel_token()
    }
}

impl Clock for LocalSharedSleeper {}

/// A sleeper whose sleeps are boxed.
struct Boxed<S>(S);

impl<S: AsyncSleeper<Sleep: 'static>> Sleeper for Boxed<S> {
    type Sleep = LocalBoxSleep;

    fn sleep(&self, delay: Duration) -> LocalBoxSleep {
        Box::pin(self.0.sleep(delay))
    }

    fn now(&self) -> Duration {
        self.0.now()
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }

    fn is_cancellable(&self) -> bool {
        self.0.is_cancellable()
    }

    fn assert_ready(&self) {
        self.0.assert_ready();
    }

    #[cfg(feature = "std")]
    fn cancel_token(&self) -> Option<&crate::CancelToken> {
        self.0.cancel_token()
    }
}

impl fmt::Debug for LocalSharedSleeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalSharedSleeper")
    }
}
