//! A policy that the optimizer can see through.

use crate::backoff::Backoff;
use crate::policy::parts::{PolicyParts, sealed};
use crate::policy::{Limits, Policy};
use crate::run::Run;
use crate::sleeper::Sleeper;
use core::fmt;
use core::marker::PhantomData;

impl<B: Backoff, C, On> Policy<B, C, On> {
    /// A policy in a `static` that the optimizer can see through, for the smallest and fastest code.
    ///
    /// [`on`](Policy::on) keeps a pointer, through which a run reads its settings. The closure here has no size, so the
    /// settings of a `static` of the same crate become constants of the loop. It gains nothing for a policy of another
    /// crate, whose value the compiler does not see. `#[retry]` does the same.
    ///
    /// ```
    /// use persevere::{Policy, TokioSleeper};
    ///
    /// static TRANSIENT: Policy = Policy::DEFAULT;
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let run = Policy::inlined(|| &TRANSIENT).on(TokioSleeper).run(|| async { Ok::<_, std::io::Error>(7) });
    /// assert_eq!(run.await.unwrap(), 7);
    /// # }
    /// ```
    #[inline]
    pub const fn inlined<'p, F>(policy: F) -> Inlined<'p, F, B, C, On>
    where
        F: Fn() -> &'p Policy<B, C, On>,
    {
        Inlined {
            policy,
            of: PhantomData,
        }
    }
}

/// A policy that the optimizer can see through; made by [`Policy::inlined`].
#[must_use = "a policy does nothing until an operation runs with it: `.on(sleeper).run(..)`"]
pub struct Inlined<'p, F, B, C, On> {
    policy: F,
    of: PhantomData<&'p Policy<B, C, On>>,
}

impl<'p, F: Fn() -> &'p Policy<B, C, On>, B: Backoff, C, On> Inlined<'p, F, B, C, On> {
    /// A run with this policy on `sleeper`: see [`Policy::on`].
    #[inline]
    pub const fn on<S: Sleeper>(self, sleeper: S) -> Run<Self, S> {
        Run::new(self, sleeper)
    }
}

impl<'p, F: Fn() -> &'p Policy<B, C, On>, B: Backoff, C, On> PolicyParts for Inlined<'p, F, B, C, On> {
    type Backoff = B;
    type Classifier = C;
    type On = On;

    #[inline]
    fn backoff(&self) -> &B {
        &(self.policy)().backoff
    }

    #[inline]
    fn classifier(&self) -> &C {
        &(self.policy)().classifier
    }
}

impl<'p, F: Fn() -> &'p Policy<B, C, On>, B, C, On> sealed::Settings for Inlined<'p, F, B, C, On> {
    #[inline]
    fn limits(&self) -> &Limits {
        &(self.policy)().limits
    }
}

impl<'p, F, B: fmt::Debug, C: fmt::Debug, On> fmt::Debug for Inlined<'p, F, B, C, On>
where
    F: Fn() -> &'p Policy<B, C, On>,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Inlined").field((self.policy)()).finish()
    }
}
