//! How delays grow: [`Backoff`], the curves, and [`from_fn`] for one of your own.
//!
//! With `n` the number of the attempt that just failed, counted from 1:
//!
//! | curve | delay |
//! |---|---|
//! | [`Fixed`] | `d` |
//! | [`Linear`] | `d·n` |
//! | [`Exponential`] | `d·factor^(n-1)`, factor 2 unless set |
//! | [`Fibonacci`] | `d·fib(n)`: 1, 1, 2, 3, 5, … |
//! | [`Decorrelated`] | `U(d, max(d, min(cap, 3·previous)))`, with previous = `d` at first |
//! | [`Schedule`] | the given delays in order, then stop, or the last again |
//!
//! Every product saturates at [`Duration::MAX`]. The policy's cap and jitter come after: a curve knows neither.

mod decorrelated;
mod exponential;
mod fibonacci;
mod fixed;
mod linear;
mod scale;
mod schedule;

pub use decorrelated::Decorrelated;
pub use exponential::Exponential;
pub use fibonacci::Fibonacci;
pub use fixed::Fixed;
pub use linear::Linear;
pub use schedule::Schedule;

use crate::nanos::saturating_nanos;
use crate::random::Random;
use crate::span::Span;
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
/// jitter to the policy. A backoff that draws random numbers also implements [`range`](Backoff::range).
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
    /// The delay after the attempt that just failed, or `None` if there is to be no other attempt.
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration>;

    /// The shortest and the longest that [`delay`](Backoff::delay) may return here, for
    /// [`Policy::worst_case`](crate::Policy::worst_case). Both are the same, unless the backoff draws random numbers.
    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        self.delay(context).map(|delay| delay..=delay)
    }

    /// [`delay`](Backoff::delay) as the machine counts, for curves that count so as well. No part of the API.
    #[doc(hidden)]
    #[inline]
    fn span(&self, context: &mut Context<'_>) -> Option<Span> {
        self.delay(context).map(Span::from)
    }
}

impl<B: Backoff + ?Sized> Backoff for &B {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        (**self).delay(context)
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        (**self).range(context)
    }

    #[inline]
    fn span(&self, context: &mut Context<'_>) -> Option<Span> {
        (**self).span(context)
    }
}

#[cfg(feature = "alloc")]
impl<B: Backoff + ?Sized> Backoff for alloc::sync::Arc<B> {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        (**self).delay(context)
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        (**self).range(context)
    }

    #[inline]
    fn span(&self, context: &mut Context<'_>) -> Option<Span> {
        (**self).span(context)
    }
}

#[cfg(feature = "alloc")]
impl<B: Backoff + ?Sized> Backoff for alloc::boxed::Box<B> {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        (**self).delay(context)
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        (**self).range(context)
    }

    #[inline]
    fn span(&self, context: &mut Context<'_>) -> Option<Span> {
        (**self).span(context)
    }
}

/// What a [`Backoff`] may look at when it computes a delay.
#[derive(Debug)]
pub struct Context<'a> {
    pub(crate) attempt: u32,
    pub(crate) previous: Option<u64>,
    pub(crate) elapsed: Option<u64>,
    pub(crate) max_delay: Duration,
    pub(crate) random: &'a mut Random,
}

impl<'a> Context<'a> {
    /// A context for testing a backoff of one's own: `attempt` has failed, nothing came before, and there is no cap.
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
            previous: None,
            elapsed: None,
            max_delay: Duration::MAX,
            random,
        }
    }

    /// The same after a delay of `previous`.
    #[must_use]
    pub fn after(mut self, previous: Duration) -> Self {
        self.previous = Some(saturating_nanos(previous));
        self
    }

    /// The same under a cap.
    #[must_use]
    pub fn capped(mut self, max_delay: Duration) -> Self {
        self.max_delay = max_delay;
        self
    }

    /// The same with this much time passed since the start of the run.
    #[must_use]
    pub fn at(mut self, elapsed: Duration) -> Self {
        self.elapsed = Some(saturating_nanos(elapsed));
        self
    }

    /// The number of the attempt that just failed, from 1.
    #[inline]
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What the backoff returned the last time in this run, capped but without jitter; `None` at first. It
    /// saturates at 2^64 nanoseconds, 584 years.
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

    /// The cap that the policy will apply; [`Duration::MAX`] if it has none.
    #[inline]
    #[must_use]
    pub fn max_delay(&self) -> Duration {
        self.max_delay
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

/// So many nanoseconds, saturating. For those that fit 64 bits the standard library has it.
fn from_nanos(nanos: u128) -> Duration {
    const PER_SECOND: u64 = 1_000_000_000;
    // Divided by hand, in digits of 32 bits, since a division of 128 bits takes a kilobyte of a device's memory.
    let Ok(high) = u64::try_from(nanos >> 32) else {
        return Duration::MAX;
    };
    let low = ((high % PER_SECOND) << 32) + (nanos as u64 & u64::from(u32::MAX));
    match u32::try_from(high / PER_SECOND) {
        Ok(high) => Duration::new((u64::from(high) << 32) + low / PER_SECOND, (low % PER_SECOND) as u32),
        Err(_) => Duration::MAX,
    }
}
