//! Making a call through a breaker, with a sleeper as its clock.

use crate::breaker::CircuitBreaker;
use crate::error::BreakerError;
use crate::handle::{Handle, Judges};
use crate::in_flight::InFlight;
use crate::trip::Trip;
use core::fmt;
use core::future::{Future, poll_fn};
use core::pin::pin;
use persevere_core::gate::within_call;
use persevere_core::{Backoff, Sleeper};

/// One call through a breaker, about to be made; returned by [`CircuitBreaker::on`].
#[must_use = "no call is made until `.run(..).await` or `.run_blocking(..)`"]
pub struct BreakerCall<S, H> {
    breaker: H,
    sleeper: S,
}

impl<T: Trip, B: Backoff, C, On> CircuitBreaker<T, B, C, On> {
    /// Returns a call through this breaker that reads the clock of `sleeper`. It never sleeps, so any sleeper will do.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::TokioSleeper;
    /// use persevere::breaker::{BreakerError, CircuitBreaker};
    ///
    /// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
    ///
    /// async fn fetch() -> std::io::Result<u32> { Ok(7) }
    ///
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// match BREAKER.on(TokioSleeper).run(fetch).await {
    ///     Ok(value) => assert_eq!(value, 7),
    ///     Err(BreakerError::Rejected(rejected)) => println!("try in {:?}", rejected.retry_after()),
    ///     Err(BreakerError::Inner(error)) => println!("{error}"),
    /// }
    /// # }
    /// ```
    #[inline]
    pub const fn on<S: Sleeper>(&self, sleeper: S) -> BreakerCall<S, &Self> {
        BreakerCall::new(self, sleeper)
    }
}

impl<S: Sleeper, H: Handle> BreakerCall<S, H> {
    /// Makes the call if the breaker admits it, and reports how it ended. A panic in `operation` is a failure.
    ///
    /// # Errors
    ///
    /// [`BreakerError::Rejected`] if the call was not made, [`BreakerError::Inner`] if it failed.
    #[inline]
    pub fn run_blocking<V, E, F>(self, operation: F) -> Result<V, BreakerError<E>>
    where
        F: FnOnce() -> Result<V, E>,
        H: Judges<V, E>,
    {
        let mut call = InFlight::admit(&self.breaker, &self.sleeper)?;
        let outcome = call.run(|| within_call(operation));
        call.report(outcome)
    }

    /// Makes the call if the breaker admits it, awaits it, and reports how it ended. A panic in `operation` is a
    /// failure.
    ///
    /// The breaker admits the call at the first poll. A future that is dropped abandons the call. The future is `Send` if the
    /// breaker, the sleeper, and what the operation captures and returns are.
    ///
    /// # Errors
    ///
    /// [`BreakerError::Rejected`] if the call was not made, [`BreakerError::Inner`] if it failed.
    #[inline]
    pub async fn run<V, E, F, A>(self, operation: F) -> Result<V, BreakerError<E>>
    where
        F: FnOnce() -> A,
        A: Future<Output = Result<V, E>>,
        H: Judges<V, E>,
    {
        let mut call = InFlight::admit(&self.breaker, &self.sleeper)?;
        let outcome = {
            // Dropped before the call is reported, so that a probe holds its place until it is over.
            let mut attempt = pin!(call.run(operation));
            poll_fn(|context| call.run(|| within_call(|| attempt.as_mut().poll(context)))).await
        };
        call.report(outcome)
    }
}

impl<S, H> BreakerCall<S, H> {
    pub(crate) const fn new(breaker: H, sleeper: S) -> Self {
        BreakerCall { breaker, sleeper }
    }
}

impl<S, H: fmt::Debug> fmt::Debug for BreakerCall<S, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BreakerCall")
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}
