//! How delays grow: [`Backoff`], the curves, and [`from_fn`] for a curve of your own.
//!
//! With `n` the number of the attempt that just failed, counted from 1:
//!
//! | curve | delay |
//! |---|---|
//! | [`Fixed`] | `d` |
//! | [`Linear`] | `d·n` |
//! | [`Exponential`] | `d·factor^(n-1)`, factor 2 by default |
//! | [`Fibonacci`] | `d·fib(n)`: 1, 1, 2, 3, 5, … |
//! | [`Decorrelated`] | `U(d, max(d, min(cap, 3·previous)))`, with previous = `d` at first |
//! | [`Schedule`] | the given delays in order, then stop, or the last again |
//! | [`ByClass`] | one curve for throttled attempts, another for all others |
//! | [`Curve`] | any of these except `ByClass`, chosen at run time |
//!
//! Delays are 64-bit nanoseconds and saturate at 584 years. The policy applies its cap and its jitter afterwards.

mod by_class;
mod curve;
mod decorrelated;
mod exponential;
mod fibonacci;
mod fixed;
mod linear;
mod scale;
mod schedule;

pub use by_class::ByClass;
pub use curve::Curve;
pub use decorrelated::Decorrelated;
pub use exponential::Exponential;
pub use fibonacci::Fibonacci;
pub use fixed::Fixed;
pub use linear::Linear;
pub use schedule::Schedule;

use crate::budget::Class;
use crate::random::Random;
use crate::time::nanos;
use core::fmt;
use core::ops::RangeInclusive;
use core::time::Duration;

/// How long to wait after a failed attempt, before the policy's cap and jitter.
///
/// # For callers
///
/// Pick a curve from [this module](self); the constructors of [`Policy`](crate::Policy) make them. Anything behind
/// `&` or `Arc` works as it is, `dyn Backoff` included.
///
/// # For implementors
///
/// `delay` takes `&self`, so that one value serves many runs at once: all that varies from call to call arrives in
/// the [`Context`]. Saturate rather than overflow, for any attempt number up to `u32::MAX`. Leave the cap and the
/// jitter to the policy. A backoff that draws random numbers also implements [`range`](Backoff::range). A delay longer
/// than 584 years counts as 584 years.
///
/// ```
/// use persevere::{Backoff, Policy, backoff::Context};
/// use std::time::Duration;
///
/// /// Quadratic growth.
/// struct Quadratic(Duration);
///
/// impl Backoff for Quadratic {
///     fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
///         Some(self.0.saturating_mul(context.attempt().saturating_mul(context.attempt())))
///     }
/// }
/// let delays: Vec<_> = Policy::new(Quadratic(Duration::from_millis(10))).max_attempts(4).delays().collect();
/// assert_eq!(delays, [10, 40, 90].map(Duration::from_millis));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a backoff",
    note = "`persevere::backoff` has the usual curves; a closure becomes one by `backoff::from_fn`"
)]
pub trait Backoff {
    /// The delay after the attempt that just failed; `None` if there is to be no other attempt.
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration>;

    /// The shortest and the longest that [`delay`](Backoff::delay) may return here, for
    /// [`Policy::worst_case`](crate::Policy::worst_case). Both are the same, unless the backoff draws random numbers.
    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        self.delay(context).map(|delay| delay..=delay)
    }

    /// The attempt from which the delays of one run no longer change under this cap, in nanoseconds; `u32::MAX` if it
    /// is not known. [`Policy::worst_case`](crate::Policy::worst_case) walks no further.
    #[doc(hidden)]
    fn steady_from(&self, cap: u64) -> u32 {
        let _ = cap;
        u32::MAX
    }

    /// [`delay`](Backoff::delay) in 64-bit nanoseconds, for curves that compute in them. No part of the API.
    #[doc(hidden)]
    #[inline]
    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        self.delay(context).map(nanos)
    }
}

macro_rules! forward {
    ($(#[$attribute:meta])* $pointer:ty) => {
        $(#[$attribute])*
        impl<B: Backoff + ?Sized> Backoff for $pointer {
            #[inline]
            fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
                (**self).delay(context)
            }

            fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
                (**self).range(context)
            }

            fn steady_from(&self, cap: u64) -> u32 {
                (**self).steady_from(cap)
            }

            #[inline]
            fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
                (**self).nanos(context)
            }
        }
    };
}

forward!(&B);
forward!(
    #[cfg(feature = "alloc")]
    alloc::sync::Arc<B>
);
forward!(
    #[cfg(feature = "alloc")]
    alloc::boxed::Box<B>
);

/// The inputs from which a [`Backoff`] computes a delay.
#[derive(Debug)]
pub struct Context<'a> {
    pub(crate) attempt: u32,
    pub(crate) class: Class,
    pub(crate) previous: Option<u64>,
    pub(crate) elapsed: Option<u64>,
    pub(crate) max_delay: u64,
    pub(crate) random: &'a mut Random,
}

impl<'a> Context<'a> {
    /// A context to test a backoff with: `attempt` has failed, nothing came before, and there is no cap.
    ///
    /// ```
    /// use persevere::{Backoff, Random, backoff::{Context, Linear}};
    /// use std::time::Duration;
    ///
    /// let mut random = Random::seeded(1);
    /// let delay = Linear::new(Duration::from_secs(2)).delay(&mut Context::new(3, &mut random));
    /// assert_eq!(delay, Some(Duration::from_secs(6)));
    /// ```
    #[must_use]
    pub const fn new(attempt: u32, random: &'a mut Random) -> Context<'a> {
        Context {
            attempt,
            class: Class::Transient,
            previous: None,
            elapsed: None,
            max_delay: u64::MAX,
            random,
        }
    }

    /// The same after a delay of `previous`.
    #[must_use]
    pub fn after(mut self, previous: Duration) -> Self {
        self.previous = Some(nanos(previous));
        self
    }

    /// The same for a failure of this class.
    #[must_use]
    pub fn of_class(mut self, class: Class) -> Self {
        self.class = class;
        self
    }

    /// The same under a cap.
    #[must_use]
    pub fn capped(mut self, max_delay: Duration) -> Self {
        self.max_delay = nanos(max_delay);
        self
    }

    /// The same with this much time passed since the start of the run.
    #[must_use]
    pub fn at(mut self, elapsed: Duration) -> Self {
        self.elapsed = Some(nanos(elapsed));
        self
    }

    /// The number of the attempt that just failed, from 1.
    #[inline]
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The class of the failure, from [`Verdict::RetryAs`](crate::Verdict::RetryAs); transient by default.
    #[inline]
    #[must_use]
    pub fn class(&self) -> Class {
        self.class
    }

    /// The last delay of the backoff in this run, capped and without jitter; `None` at first.
    #[inline]
    #[must_use]
    pub fn previous(&self) -> Option<Duration> {
        self.previous.map(Duration::from_nanos)
    }

    /// The time since the start of the run, if the run reads the clock: only a policy with
    /// [`max_elapsed`](crate::Policy::max_elapsed) does.
    #[inline]
    #[must_use]
    pub fn elapsed(&self) -> Option<Duration> {
        self.elapsed.map(Duration::from_nanos)
    }

    /// The cap that the policy will apply; 584 years, all of 64 bits, if it has none.
    #[inline]
    #[must_use]
    pub fn max_delay(&self) -> Duration {
        Duration::from_nanos(self.max_delay)
    }

    /// The run's random numbers. Jitter is the policy's; this is for curves that are random themselves.
    #[inline]
    pub fn random(&mut self) -> &mut Random {
        self.random
    }
}

/// A backoff from a closure.
///
/// ```
/// use persevere::{Policy, backoff};
/// use std::time::Duration;
///
/// let policy = Policy::new(backoff::from_fn(|context| match context.attempt() {
///     n @ 1..=3 => Some(Duration::from_secs(1) * n),
///     _ => None,
/// }));
/// assert_eq!(policy.max_attempts(10).delays().count(), 3);
/// ```
#[inline]
#[must_use]
pub const fn from_fn<F>(f: F) -> FromFn<F>
where
    F: Fn(&mut Context<'_>) -> Option<Duration>,
{
    FromFn(f)
}

/// A closure as a backoff; made by [`from_fn`].
#[derive(Clone, Copy)]
pub struct FromFn<F>(F);

impl<F> fmt::Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromFn")
    }
}

impl<F: Fn(&mut Context<'_>) -> Option<Duration>> Backoff for FromFn<F> {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        (self.0)(context)
    }
}
