//! Making a call through a breaker, with a sleeper to tell the time.

use crate::breaker::CircuitBreaker;
use crate::call::Call;
use crate::call_future::CallFuture;
use crate::error::BreakerError;
use crate::judge::Judge;
use crate::trip::Trip;
use core::fmt;
use core::future::Future;
use persevere_core::{Backoff, Sleeper};

/// One call through a breaker, about to be made; made by [`CircuitBreaker::on`].
#[must_use = "no call is made until `.run(..).await` or `.run_blocking(..)`"]
pub struct Through<'b, S, T: Trip, B, C> {
    pub(crate) breaker: &'b CircuitBreaker<T, B, C>,
    pub(crate) sleeper: S,
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
    pub fn run<V, E, F, A>(self, operation: F) -> impl Future<Output = Result<V, BreakerError<E>>>
    where
        F: FnOnce() -> A,
        A: Future<Output = Result<V, E>>,
        C: Judge<V, E>,
    {
        CallFuture::new(self, operation)
    }
}

impl<S, T: Trip, B, C> fmt::Debug for Through<'_, S, T, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Through")
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}
