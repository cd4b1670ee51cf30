//! [`Sleeper`]: how runs wait and tell the time.
//!
//! # For callers
//!
//! Take the sleeper of your runtime from its crate or from a feature of `persevere`: `ThreadSleeper`, `TokioSleeper`,
//! `SmolSleeper`, `AsyncStdSleeper`, `FuturesTimerSleeper` (any executor), `DelaySleeper` (`embedded-hal`). For
//! anything else [`from_fn`] and [`blocking_from_fn`] make a sleeper from two closures. Anything behind `&`, `Box` or
//! `Arc` works as it is, `dyn Sleeper` included. `SharedSleeper` is any async sleeper without a type parameter, and
//! `dyn Sleeper<Sleep = Slept>` any blocking one, which needs no allocator.
//!
//! # For implementors
//!
//! See the contract at [`Sleeper`].

/// All methods of a sleeper except `sleep`, by another sleeper.
macro_rules! forward_clock {
    ($self:ident => $inner:expr) => {
        #[inline]
        fn now(&$self) -> core::time::Duration {
            $inner.now()
        }

        #[inline]
        fn is_cancelled(&$self) -> bool {
            $inner.is_cancelled()
        }

        #[inline]
        fn is_cancellable(&$self) -> bool {
            $inner.is_cancellable()
        }

        #[inline]
        fn assert_ready(&$self) {
            $inner.assert_ready();
        }

        #[cfg(feature = "std")]
        #[inline]
        fn cancel_token(&$self) -> Option<&crate::CancelToken> {
            $inner.cancel_token()
        }
    };
}

mod closures;
mod extended;
#[cfg(feature = "alloc")]
mod local;
#[cfg(feature = "alloc")]
mod shared;

pub use closures::{BlockingFromFn, FromFn, blocking_from_fn, from_fn};
pub use extended::{Extended, extended};
#[cfg(feature = "alloc")]
pub use local::{LocalBoxSleep, LocalSharedSleeper};
#[cfg(feature = "alloc")]
pub use shared::{BoxSleep, SharedSleeper};

use core::future::Future;
use core::time::Duration;

/// Waits, and tells the time, on one clock.
///
/// # Contract
///
/// - `sleep(d)` waits **at least** `d`, measured by `now`. Where the clock is coarser than `d`, round up.
/// - `now` is monotonic, counted from any origin. A device with nothing but a delay routine may return the total
///   that it has slept. If `now` always moves, implement [`Clock`] too.
/// - Sleep and clock are the same: if one is paused or virtual, so is the other.
/// - [`Duration::ZERO`] and [`Duration::MAX`] neither panic nor overflow.
/// - A dropped `Sleep` leaves nothing behind: no thread, no timer, no wake-up.
/// - Many concurrent sleeps do not block each other on an executor.
///
/// # Blocking and async
///
/// A blocking sleeper waits within `sleep`, and its `Sleep` is [`Slept`]. It goes to
/// [`run_blocking`](crate::Run::run_blocking). The `Sleep` of an async sleeper is a future that waits, and the sleeper
/// goes to [`run`](crate::Run::run). Neither compiles in the place of the other. A simulated clock, on which a sleep
/// takes no time, has [`Ready`](core::future::Ready) as its `Sleep`, and goes to both.
///
/// ```
/// use persevere::{Policy, Sleeper};
/// use std::{cell::Cell, future::{Ready, ready}, time::Duration};
///
/// /// Virtual time: sleeping moves the clock.
/// #[derive(Default)]
/// struct Simulated(Cell<Duration>);
///
/// impl Sleeper for Simulated {
///     type Sleep = Ready<()>;
///
///     fn sleep(&self, delay: Duration) -> Ready<()> {
///         self.0.set(self.0.get() + delay);
///         ready(())
///     }
///
///     fn now(&self) -> Duration {
///         self.0.get()
///     }
/// }
///
/// let time = Simulated::default();
/// let policy = Policy::fixed(Duration::from_secs(3600)).max_attempts(5);
/// let result = policy.on(&time).run_blocking(|| Err::<(), _>("still closed"));
/// assert_eq!(time.now(), Duration::from_secs(4 * 3600));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a sleeper",
    note = "use the sleeper of your runtime, such as `TokioSleeper`, or `ThreadSleeper` on a thread and `DelaySleeper::new(delay)` on a device; `sleeper::from_fn` makes a sleeper from two closures"
)]
pub trait Sleeper {
    /// The return value of [`sleep`](Sleeper::sleep): a future that waits, or [`Slept`] if the wait is over by then.
    type Sleep;

    /// Waits at least `delay`.
    fn sleep(&self, delay: Duration) -> Self::Sleep;

    /// Returns the time on the clock that [`sleep`](Sleeper::sleep) goes by, from any origin.
    fn now(&self) -> Duration;

    /// Whether the runs on this sleeper are to end. A sleeper that returns `true` has also interrupted its waits. Always
    /// `false` unless the sleeper is tied to something that cancels, such as a
    /// [`CancelToken`](https://docs.rs/persevere/latest/persevere/struct.CancelToken.html).
    #[inline]
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Whether [`is_cancelled`](Sleeper::is_cancelled) may ever return `true`. An async run on such a sleeper lets it
    /// interrupt attempts too, by a sleep of [`Duration::MAX`] beside each.
    #[inline]
    fn is_cancellable(&self) -> bool {
        false
    }

    /// Panics if this sleeper cannot sleep here, as outside of its runtime. Called at the start of each run in debug
    /// builds, so that the first run finds a missing runtime, and not the first retry.
    #[inline]
    fn assert_ready(&self) {}

    /// The token that this sleeper is tied to, for blocking attempts to look at; `None` by default.
    #[cfg(feature = "std")]
    #[inline]
    fn cancel_token(&self) -> Option<&crate::CancelToken> {
        None
    }

    /// Ties an async sleeper to a token that ends its runs: see
    /// [`CancelToken`](crate::CancelToken). Each sleep is one allocation.
    #[cfg(feature = "std")]
    fn cancelled_by(self, token: &crate::CancelToken) -> crate::cancel::Cancellable<Self>
    where
        Self: AsyncSleeper + Sized,
    {
        token.guard(self)
    }

    /// This sleeper as a [`SharedSleeper`], to be stored without a type parameter.
    #[cfg(feature = "alloc")]
    fn shared(self) -> SharedSleeper
    where
        Self: AsyncSleeper + Sized + Send + Sync + 'static,
        Self::Sleep: Send + 'static,
    {
        SharedSleeper::new(self)
    }

    /// This sleeper as a [`LocalSharedSleeper`], to be stored without a type parameter where sleeps are not `Send`, as in a
    /// browser.
    ///
    /// ```
    /// use persevere::{LocalSharedSleeper, Policy, SharedPolicy, Sleeper, TokioSleeper};
    /// use std::time::Duration;
    ///
    /// struct Client { policy: SharedPolicy<&'static str>, sleeper: LocalSharedSleeper }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// let policy = Policy::fixed(Duration::from_millis(1)).shared();
    /// let client = Client { policy, sleeper: TokioSleeper.shared_local() };
    /// let error = client.policy.on(&client.sleeper).run(async || Err::<(), _>("down")).await.unwrap_err();
    /// assert_eq!(error.attempts(), 3);
    /// # }
    /// ```
    #[cfg(feature = "alloc")]
    fn shared_local(self) -> LocalSharedSleeper
    where
        Self: AsyncSleeper + Sized + 'static,
        Self::Sleep: 'static,
    {
        LocalSharedSleeper::new(self)
    }
}

macro_rules! forward {
    ($(#[$attribute:meta])* $pointer:ty) => {
        $(#[$attribute])*
        impl<S: Sleeper + ?Sized> Sleeper for $pointer {
            type Sleep = S::Sleep;

            #[inline]
            fn sleep(&self, delay: Duration) -> S::Sleep {
                (**self).sleep(delay)
            }

            forward_clock!(self => (**self));
        }
    };
}

forward!(&S);
forward!(
    #[cfg(feature = "alloc")]
    alloc::rc::Rc<S>
);
forward!(
    #[cfg(feature = "alloc")]
    alloc::sync::Arc<S>
);
forward!(
    #[cfg(feature = "alloc")]
    alloc::boxed::Box<S>
);

/// A [`Sleeper`] whose [`now`](Sleeper::now) moves while nothing sleeps. A circuit breaker needs this to close again,
/// and [`Run::timeout`](crate::Run::timeout) and [`deadline`](crate::Run::deadline) to count attempts.
///
/// Implement it for a sleeper of your own, in one line. Do not implement it for a sleeper whose time is the total that
/// it has slept, such as `DelaySleeper`. A breaker that rejects calls sleeps nothing, so that its open time would never
/// pass. An attempt that never returns would take no time.
#[diagnostic::on_unimplemented(
    message = "the clock of `{Self}` moves only while it sleeps: attempts would take no time, and a circuit breaker would never close again",
    note = "on a device, make the sleeper from its timer: `sleeper::extended(wait, ticks, hz)`, or `sleeper::blocking_from_fn(wait, now)`",
    note = "for a sleeper of your own whose clock always moves, write `impl Clock for ..`; a generic function asks for `S: Clock`"
)]
pub trait Clock: Sleeper {}

impl<S: Clock + ?Sized> Clock for &S {}
#[cfg(feature = "alloc")]
impl<S: Clock + ?Sized> Clock for alloc::sync::Arc<S> {}
#[cfg(feature = "alloc")]
impl<S: Clock + ?Sized> Clock for alloc::boxed::Box<S> {}

/// A wait that is over: the [`Sleep`](Sleeper::Sleep) of a blocking sleeper. It is not a future, so that a blocking
/// sleeper cannot block an executor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slept;

/// The time of the platform's monotonic clock, for the [`Sleeper::now`] of adapters whose runtime sleeps by
/// [`std::time::Instant`]. Sleepers that return this time can share a breaker or a budget.
///
/// ```
/// let earlier = persevere::sleeper::monotonic();
/// assert!(persevere::sleeper::monotonic() >= earlier);
/// ```
#[cfg(feature = "std")]
#[must_use]
pub fn monotonic() -> Duration {
    monotonic_at(std::time::Instant::now())
}

/// The time on the clock of [`monotonic`] at an instant, for adapters whose runtime has its own instants, such as a
/// paused clock. Instants before the first call have a time as well.
///
/// ```
/// use persevere::sleeper::monotonic_at;
/// use std::time::{Duration, Instant};
///
/// let (instant, second) = (Instant::now(), Duration::from_secs(1));
/// assert_eq!(monotonic_at(instant + second), monotonic_at(instant) + second);
/// ```
#[cfg(feature = "std")]
#[must_use]
pub fn monotonic_at(instant: std::time::Instant) -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    /// As far back as instants go, to the second and at most 136 years, so that every instant is after it.
    static ORIGIN: LazyLock<Instant> = LazyLock::new(|| {
        let seconds = (0..u32::BITS).rev().map(|bit| Duration::from_secs(1 << bit));
        seconds.fold(Instant::now(), |origin, part| {
            origin.checked_sub(part).unwrap_or(origin)
        })
    });
    instant.saturating_duration_since(*ORIGIN)
}

/// The sleep of a blocking sleeper: it is over. Sealed, and implemented by [`Slept`] and
/// [`Ready`](core::future::Ready).
#[diagnostic::on_unimplemented(
    message = "`{S}` is an async sleeper, but this call blocks",
    label = "`run_blocking` needs a sleeper that has slept when `sleep` returns",
    note = "on an executor, use `.run(..).await` instead of `.run_blocking(..)`",
    note = "on a thread, use `ThreadSleeper` instead of `{S}`"
)]
pub trait SleptBy<S: ?Sized>: sealed::Over {}

#[diagnostic::do_not_recommend]
impl<S: ?Sized, W: sealed::Over> SleptBy<S> for W {}

/// The sleep of an async sleeper: a future. Sealed, and implemented by every future.
#[diagnostic::on_unimplemented(
    message = "`{S}` blocks its thread, but this call is async",
    label = "`run` needs a sleeper whose `sleep` returns a future",
    note = "on an executor, use the sleeper of its runtime, such as `TokioSleeper`, instead of `{S}`",
    note = "on a thread without an executor, use `.run_blocking(..)` instead of `.run(..).await`"
)]
pub trait AwaitedBy<S: ?Sized>: Future<Output = ()> {}

#[diagnostic::do_not_recommend]
impl<S: ?Sized, F: Future<Output = ()>> AwaitedBy<S> for F {}

/// A [`Sleeper`] for async runs, whose sleep is a future: the bound for code that is generic over its sleeper.
///
/// ```
/// use persevere::{AsyncSleeper, Policy, TokioSleeper};
///
/// async fn ping(sleeper: impl AsyncSleeper) -> u32 {
///     Policy::default().on(sleeper).run(|| async { Ok::<_, std::io::Error>(7) }).await.unwrap()
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// assert_eq!(ping(TokioSleeper).await, 7);
/// # }
/// ```
pub trait AsyncSleeper: Sleeper<Sleep: Future<Output = ()>> {}

impl<S: Sleeper<Sleep: Future<Output = ()>> + ?Sized> AsyncSleeper for S {}

/// A [`Sleeper`] for blocking runs, which has slept when `sleep` returns: the bound for code that is generic over its
/// sleeper.
pub trait BlockingSleeper: Sleeper<Sleep: sealed::Over> {}

impl<S: Sleeper<Sleep: sealed::Over> + ?Sized> BlockingSleeper for S {}

mod sealed {
    /// A wait that is over.
    pub trait Over {}
    impl Over for super::Slept {}
    impl Over for core::future::Ready<()> {}
}
