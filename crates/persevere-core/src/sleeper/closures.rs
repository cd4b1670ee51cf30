//! Sleepers from closures.

use super::{Clock, Sleeper, Slept};
use core::fmt;
use core::future::Future;
use core::time::Duration;

/// An async sleeper from two closures: the first returns a future that waits, the second returns
/// the time.
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

/// A blocking sleeper from two closures: the first waits, the second returns the time.
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
    type Sleep = Slept;

    #[inline]
    fn sleep(&self, delay: Duration) -> Slept {
        (self.sleep)(delay);
        Slept
    }

    #[inline]
    fn now(&self) -> Duration {
        (self.now)()
    }
}

impl<W, F, N> Clock for FromFn<W, N>
where
    W: Fn(Duration) -> F,
    F: Future<Output = ()>,
    N: Fn() -> Duration,
{
}

impl<W: Fn(Duration), N: Fn() -> Duration> Clock for BlockingFromFn<W, N> {}

impl<W, N> fmt::Debug for FromFn<W, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FromFn")
    }
}

impl<W, N> fmt::Debug for BlockingFromFn<W, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BlockingFromFn")
    }
}
