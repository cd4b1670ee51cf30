//! The only door to time: [`Sleeper`], which waits and tells what time it is.
//!
//! # For callers
//!
//! Take the sleeper of your runtime from its crate or from a feature of `persevere`: `ThreadSleeper`,
//! `TokioSleeper`, `SmolSleeper`, `AsyncStdSleeper`, `FuturesTimerSleeper` (any executor), `DelaySleeper`
//! (`embedded-hal`). For anything else [`from_fn`] makes one of two closures. Everything behind `&` or `Arc` works
//! as it is, `dyn Sleeper` included: `dyn Sleeper<Sleep = BoxSleep>` is the shared async form (`SharedSleeper`),
//! `dyn Sleeper<Sleep = Ready<()>>` the shared blocking one, which needs no allocator.
//!
//! # For implementors
//!
//! See the contract at [`Sleeper`].

use core::future::{Future, Ready, ready};
use core::time::Duration;

/// Waits, and tells the time, on one clock.
///
/// # Contract
///
/// - `sleep(d)` waits **at least** `d`, measured by `now`. Where the clock is coarser than `d`, round up.
/// - `now` is monotonic, counted from any origin. A device with nothing but a delay routine may return the total
///   that it has slept.
/// - Sleep and clock are the same: if one is paused or virtual, so is the other.
/// - [`Duration::ZERO`] and [`Duration::MAX`] neither panic nor overflow.
/// - A dropped `Sleep` leaves nothing behind: no thread, no timer, no wake-up.
/// - Many sleeps at once do not block each other on an executor.
///
/// # Blocking and async
///
/// A blocking sleeper waits within `sleep` and returns [`Ready`]; it goes to
/// [`run_blocking`](crate::Run::run_blocking). An async one returns a future that waits, and goes to
/// [`run`](crate::Run::run). An async sleeper in a blocking call does not compile. A blocking sleeper in an async
/// call does, and blocks the executor: right for a simulated clock, wrong for a thread.
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
    note = "use a sleeper of your runtime, such as `TokioSleeper` or `ThreadSleeper`; `sleeper::from_fn` makes one of closures"
)]
pub trait Sleeper {
    /// The wait: [`Ready`] if it is over when [`sleep`](Sleeper::sleep) returns, which is what blocking means.
    type Sleep: Future<Output = ()>;

    /// Waits at least `delay`.
    fn sleep(&self, delay: Duration) -> Self::Sleep;

    /// The time on the clock that [`sleep`](Sleeper::sleep) goes by, from any origin.
    fn now(&self) -> Duration;

    /// Whether the runs on this sleeper are to end. Asked between attempts; a sleeper that says so has also cut
    /// short its waits. `false` unless the sleeper was tied to something that cancels, such as a
    /// [`CancelToken`](https://docs.rs/persevere/latest/persevere/struct.CancelToken.html).
    #[inline]
    fn is_cancelled(&self) -> bool {
        false
    }

    /// This sleeper as a [`SharedSleeper`](crate::SharedSleeper), to be stored without a type parameter.
    #[cfg(feature = "alloc")]
    fn shared(self) -> crate::SharedSleeper
    where
        Self: Sized + Send + Sync + 'static,
        Self::Sleep: Send + 'static,
    {
        crate::SharedSleeper::new(self)
    }
}

impl<S: Sleeper + ?Sized> Sleeper for &S {
    type Sleep = S::Sleep;

    #[inline]
    fn sleep(&self, delay: Duration) -> S::Sleep {
        (**self).sleep(delay)
    }

    #[inline]
    fn now(&self) -> Duration {
        (**self).now()
    }

    #[inline]
    fn is_cancelled(&self) -> bool {
        (**self).is_cancelled()
    }
}

#[cfg(feature = "alloc")]
impl<S: Sleeper + ?Sized> Sleeper for alloc::sync::Arc<S> {
    type Sleep = S::Sleep;

    #[inline]
    fn sleep(&self, delay: Duration) -> S::Sleep {
        (**self).sleep(delay)
    }

    #[inline]
    fn now(&self) -> Duration {
        (**self).now()
    }

    #[inline]
    fn is_cancelled(&self) -> bool {
        (**self).is_cancelled()
    }
}

/// An async sleeper from two closures: one that returns a future which waits, one that tells the time.
///
/// ```
/// use persevere::{Policy, sleeper};
/// use std::time::{Duration, Instant};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let start = Instant::now();
/// let timer = sleeper::from_fn(tokio::time::sleep, move || start.elapsed());
/// let policy = Policy::fixed(Duration::from_millis(1));
/// let result = policy.on(timer).run(|| async { Err::<(), _>("no") }).await;
/// assert!(start.elapsed() >= result.unwrap_err().waited());
/// # }
/// ```
#[must_use]
pub const fn from_fn<W, F, N>(sleep: W, now: N) -> FromFn<W, N>
where
    W: Fn(Duration) -> F,
    F: Future<Output = ()>,
    N: Fn() -> Duration,
{
    FromFn { sleep, now }
}

/// A blocking sleeper from two closures: one that waits, one that tells the time.
///
/// ```
/// use persevere::{Policy, sleeper};
/// use std::{thread, time::{Duration, Instant}};
///
/// let start = Instant::now();
/// let patient = sleeper::blocking_from_fn(thread::sleep, || start.elapsed());
/// let value = Policy::default().on(patient).run_blocking(|| Ok::<_, std::io::Error>(1)).unwrap();
/// assert_eq!(value, 1);
/// ```
#[must_use]
pub const fn blocking_from_fn<W, N>(sleep: W, now: N) -> BlockingFromFn<W, N>
where
    W: Fn(Duration),
    N: Fn() -> Duration,
{
    BlockingFromFn { sleep, now }
}

/// Two closures as an async sleeper; made by [`from_fn`].
#[derive(Clone, Copy)]
pub struct FromFn<W, N> {
    sleep: W,
    now: N,
}

impl<W, F, N> Sleeper for FromFn<W, N>
where
    W: Fn(Duration) -> F,
    F: Future<Output = ()>,
    N: Fn() -> Duration,
{
    type Sleep = F;

    #[inline]
    fn sleep(&self, delay: Duration) -> F {
        (self.sleep)(delay)
    }

    #[inline]
    fn now(&self) -> Duration {
        (self.now)()
    }
}

/// Two closures as a blocking sleeper; made by [`blocking_from_fn`].
#[derive(Clone, Copy)]
pub struct BlockingFromFn<W, N> {
    sleep: W,
    now: N,
}

impl<W: Fn(Duration), N: Fn() -> Duration> Sleeper for BlockingFromFn<W, N> {
    type Sleep = Ready<()>;

    #[inline]
    fn sleep(&self, delay: Duration) -> Ready<()> {
        (self.sleep)(delay);
        ready(())
    }

    #[inline]
    fn now(&self) -> Duration {
        (self.now)()
    }
}

impl<W, N> core::fmt::Debug for FromFn<W, N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("FromFn")
    }
}

impl<W, N> core::fmt::Debug for BlockingFromFn<W, N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("BlockingFromFn")
    }
}

/// The platform's monotonic clock as [`Sleeper::now`] tells it, for adapters whose runtime sleeps by
/// [`std::time::Instant`]. Sleepers that tell this time can share a breaker or a budget.
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

/// The time on the clock of [`monotonic`] at an instant, for adapters whose runtime tells the time by instants of its own,
/// such as a paused clock. It tells of those as well that were before it was first asked.
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

/// What the sleep of a blocking sleeper is: over. Sealed, and implemented by [`Ready`] alone.
#[diagnostic::on_unimplemented(
    message = "`{S}` is an async sleeper, but this call blocks",
    label = "`run_blocking` needs a sleeper that has slept when `sleep` returns",
    note = "on an executor, use `.run(..).await` instead of `.run_blocking(..)`",
    note = "on a thread, use `ThreadSleeper` instead of `{S}`"
)]
pub trait SleptBy<S: ?Sized>: sealed::Sealed {}

impl<S: ?Sized> SleptBy<S> for Ready<()> {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for core::future::Ready<()> {}
}
