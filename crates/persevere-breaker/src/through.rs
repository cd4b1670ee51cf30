//! Making a call through a breaker, with a sleeper to tell the time.

use crate::breaker::CircuitBreaker;
use crate::error::BreakerError;
use crate::permit::Permit;
use crate::probes::Ticket;
use crate::trip::Trip;
use core::fmt;
use core::future::Future;
use core::mem::ManuallyDrop;
use core::time::Duration;
use persevere_core::classify::Judge;
use persevere_core::{Backoff, Sleeper};

/// One call through a breaker, about to be made; made by [`CircuitBreaker::on`].
#[must_use = "no call is made until `.run(..).await` or `.run_blocking(..)`"]
pub struct Through<'b, S, T: Trip, B, C> {
    breaker: &'b CircuitBreaker<T, B, C>,
    sleeper: S,
}

impl<T: Trip, B: Backoff, C> CircuitBreaker<T, B, C> {
    /// A call through this breaker, by the time that `sleeper` tells. Nothing sleeps, so any sleeper will do.
    ///
    /// ```
    /// use persevere::TokioSleeper;
    /// use persevere_breaker::{BreakerError, CircuitBreaker};
    ///
    /// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
    ///
    /// async fn fetch() -> std::io::Result<u32> { Ok(7) }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// match BREAKER.on(TokioSleeper).run(fetch).await {
    ///     Ok(value) => assert_eq!(value, 7),
    ///     Err(BreakerError::Rejected(rejected)) => println!("not now, but in {:?}", rejected.retry_after()),
    ///     Err(BreakerError::Inner(error)) => println!("{error}"),
    /// }
    /// # }
    /// ```
    #[inline]
    pub const fn on<S: Sleeper>(&self, sleeper: S) -> Through<'_, S, T, B, C> {
        Through { breaker: self, sleeper }
    }
}

impl<'b, S: Sleeper, T: Trip, B: Backoff, C> Through<'b, S, T, B, C> {
    /// Makes the call, if the breaker lets it through, and reports how it went.
    ///
    /// # Errors
    ///
    /// [`BreakerError::Rejected`] if the call was not made, [`BreakerError::Inner`] if it failed.
    #[inline]
    pub fn run_blocking<V, E, F>(self, operation: F) -> Result<V, BreakerError<E>>
    where
        F: FnOnce() -> Result<V, E>,
        C: Judge<V, E>,
    {
        let Through { breaker, sleeper } = self;
        let call = Call::enter(breaker, &sleeper)?;
        let outcome = operation();
        call.report(outcome)
    }

    /// Makes the call, if the breaker lets it through, awaits it, and reports how it went. The breaker is asked when the
    /// future is first polled; dropping it abandons the call.
    ///
    /// The future is `Send` whenever the breaker, the sleeper and what the operation captures and returns are.
    ///
    /// # Errors
    ///
    /// [`BreakerError::Rejected`] if the call was not made, [`BreakerError::Inner`] if it failed.
    #[inline]
    #[expect(clippy::manual_async_fn, reason = "an async function keeps its arguments twice")]
    pub fn run<V, E, F, A>(self, operation: F) -> impl Future<Output = Result<V, BreakerError<E>>>
    where
        F: FnOnce() -> A,
        A: Future<Output = Result<V, E>>,
        C: Judge<V, E>,
    {
        async move {
            let Through { breaker, sleeper } = self;
            let call = Call::enter(breaker, &sleeper)?;
            let outcome = operation().await;
            call.report(outcome)
        }
    }
}

impl<S, T: Trip, B, C> fmt::Debug for Through<'_, S, T, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Through")
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}

/// A call that was let through. Unlike a permit on its own it can tell when a panic has ended it.
struct Call<'c, S: Sleeper, T: Trip, B: Backoff, C> {
    breaker: &'c CircuitBreaker<T, B, C>,
    ticket: Ticket,
    entered: Duration,
    sleeper: &'c S,
    /// While the clock is read, which if it panics is not to be read again.
    is_timing: bool,
}

impl<'c, S: Sleeper, T: Trip, B: Backoff, C> Call<'c, S, T, B, C> {
    #[inline]
    fn enter<E>(breaker: &'c CircuitBreaker<T, B, C>, sleeper: &'c S) -> Result<Self, BreakerError<E>> {
        let permit = breaker.acquire_by(|| sleeper.now()).map_err(BreakerError::Rejected)?;
        let (ticket, entered) = permit.into_parts();
        Ok(Call {
            breaker,
            ticket,
            entered,
            sleeper,
            is_timing: false,
        })
    }

    #[inline]
    fn report<V, E>(mut self, outcome: Result<V, E>) -> Result<V, BreakerError<E>>
    where
        C: Judge<V, E>,
    {
        let verdict = self.breaker.judge(&outcome);
        self.is_timing = true;
        let now = if self.breaker.reads_end(verdict) {
            self.sleeper.now()
        } else {
            Duration::ZERO
        };
        let call = ManuallyDrop::new(self);
        Permit::new(call.breaker, call.ticket, call.entered).judged(verdict, now);
        outcome.map_err(BreakerError::Inner)
    }
}

/// A call that was not reported: it was dropped, or it panicked. Its parts are handed on by value, so that a call need not
/// be in memory.
impl<S: Sleeper, T: Trip, B: Backoff, C> Drop for Call<'_, S, T, B, C> {
    #[inline(always)]
    fn drop(&mut self) {
        let permit = Permit::new(self.breaker, self.ticket, self.entered);
        unreported(permit, self.sleeper, self.is_timing);
    }
}

#[cold]
fn unreported<S: Sleeper, T: Trip, B: Backoff, C>(permit: Permit<'_, T, B, C>, sleeper: &S, is_timing: bool) {
    #[cfg(feature = "std")]
    if std::thread::panicking() {
        return if is_timing {
            permit.ignore();
        } else {
            permit.failure(sleeper.now());
        };
    }
    #[cfg(not(feature = "std"))]
    let _ = (sleeper, is_timing);
    drop(permit);
}
