//! A policy where it stands.

use crate::as_policy::{AsPolicy, sealed};
use crate::backoff::Backoff;
use crate::limits::Limits;
use crate::policy::Policy;
use crate::run::Run;
use crate::sleeper::Sleeper;
use core::fmt;
use core::marker::PhantomData;

impl<B: Backoff, C> Policy<B, C> {
    /// A policy where it stands: a closure that leads there, for the hottest async paths.
    ///
    /// [`on`](Policy::on) keeps a pointer, which an async run reads its numbers through at every step. The closure of a
    /// `static` has no size and the compiler sees through it: the run's future is 8 bytes smaller, its numbers are
    /// constants of the loop, and a failure costs three fifths. `#[retry]` does the same on its own.
    ///
    /// ```
    /// use persevere::{Policy, TokioSleeper};
    ///
    /// static TRANSIENT: Policy = Policy::DEFAULT;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let run = Policy::in_place(|| &TRANSIENT).on(TokioSleeper).run(|| async { Ok::<_, std::io::Error>(7) });
    /// assert_eq!(run.await.unwrap(), 7);
    /// # }
    /// ```
    #[inline]
    pub const fn in_place<'p, F>(place: F) -> InPlace<'p, F, B, C>
    where
        F: Fn() -> &'p Policy<B, C>,
    {
        InPlace {
            place,
            policy: PhantomData,
        }
    }
}

/// A policy where it stands; made by [`Policy::in_place`].
#[must_use = "a policy does nothing until an operation runs with it: `.on(sleeper).run(..)`"]
pub struct InPlace<'p, F, B, C> {
    place: F,
    policy: PhantomData<&'p Policy<B, C>>,
}

impl<'p, F: Fn() -> &'p Policy<B, C>, B: Backoff, C> InPlace<'p, F, B, C> {
    /// A run with this policy on `sleeper`: see [`Policy::on`].
    #[inline]
    pub const fn on<S: Sleeper>(self, sleeper: S) -> Run<Self, S> {
        Run::new(self, sleeper)
    }
}

impl<'p, F: Fn() -> &'p Policy<B, C>, B: Backoff, C> AsPolicy for InPlace<'p, F, B, C> {
    type Backoff = B;
    type Classifier = C;

    #[inline]
    fn backoff(&self) -> &B {
        &(self.place)().backoff
    }

    #[inline]
    fn classifier(&self) -> &C {
        &(self.place)().classifier
    }
}

impl<'p, F: Fn() -> &'p Policy<B, C>, B, C> sealed::Parts for InPlace<'p, F, B, C> {
    #[inline]
    fn limits(&self) -> &Limits {
        &(self.place)().limits
    }
}

impl<'p, F: Fn() -> &'p Policy<B, C>, B: fmt::Debug, C: fmt::Debug> fmt::Debug for InPlace<'p, F, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InPlace").field((self.place)()).finish()
    }
}
