//! Layers for [tower](https://docs.rs/tower): retries, hedges, circuit breakers, limits and timeouts, on any executor.
//!
//! ```
//! use persevere::tower::{BoxError, BreakerLayer, RetryLayer};
//! use persevere::{Policy, TokioSleeper, breaker::CircuitBreaker, budget::WindowedRatio};
//! use std::time::Duration;
//! use tower::{Service, ServiceBuilder, ServiceExt};
//!
//! static POLICY: Policy = Policy::exponential(Duration::from_millis(50)).max_attempts(4).max_elapsed(Duration::from_secs(10));
//! static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(10);
//! static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
//!
//! # use std::sync::atomic::{AtomicU32, Ordering};
//! # static CALLS: AtomicU32 = AtomicU32::new(0);
//! async fn greet(name: String) -> Result<String, &'static str> {
//! #   if CALLS.fetch_add(1, Ordering::Relaxed) < 2 { return Err("connection reset") }
//!     Ok(format!("hello {name}"))
//! }
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() -> Result<(), BoxError> {
//! let mut service = ServiceBuilder::new()
//!     .layer(RetryLayer::new(&POLICY, TokioSleeper).budget(&BUDGET))
//!     .concurrency_limit(100)
//!     .layer(BreakerLayer::new(&BREAKER, TokioSleeper))
//!     .service_fn(greet);
//! assert_eq!(service.ready().await?.call("world".to_owned()).await?, "hello world");
//! # assert_eq!(CALLS.load(Ordering::Relaxed), 3);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to look
//!
//! | task | items |
//! |---|---|
//! | retry calls | [`RetryLayer`] |
//! | set how requests are repeated | [`replay`]: [`AsIs`](replay::AsIs), [`by`](replay::by), `HttpClone`, `Buffered` |
//! | learn that a request could not be repeated | [`RetryLayer::on_unrepeatable`] |
//! | learn why a call failed, limit the time of attempts | [`RetryLayer::explained`] |
//! | stop at once on an error of a layer below | [`RetryLayer::stop_if`] |
//! | call again while a call is slow | `HedgeLayer`, with the feature `hedge` |
//! | stop calls to a service that is down | [`BreakerLayer`], [`rejected`] |
//! | limit concurrent calls, and reject the others | [`BreakerLayer`] with a `Bulkhead` or `AdaptiveLimit` |
//! | limit calls or pause them, and let the others wait | [`RetryLayer::pace`]; without retries by `max_attempts(1)` |
//! | answer in place of a call that failed | tower's `map_result` or `then` above the retries: see [below](#fallbacks) |
//! | limit the time of a call | [`TimeoutLayer`], [`TimedOut`] |
//! | have a policy for each request | [`RetryLayer::by`]; `Retries`, in the request's extensions |
//!
//! # Which layer counts what
//!
//! A layer above the retries receives one call, a layer below receives each attempt:
//!
//! | layer | above `RetryLayer` | below `RetryLayer` |
//! |---|---|---|
//! | tracing, metrics | calls, with their waits | attempts; the number is in the request's extensions |
//! | `HedgeLayer` | two calls, each with its retries: attempts multiply | a hedge is one attempt: recommended |
//! | [`BreakerLayer`] | calls that were given up | attempts that failed: usually recommended |
//! | [`TimeoutLayer`] | the whole call | each attempt |
//! | tower's `ConcurrencyLimit` | a waiting call holds its place | a waiting call holds no place: usually recommended |
//! | tower's `RateLimit` | calls | attempts: usually recommended |
//! | tower's `LoadShed` | sheds calls: usually recommended | its error uses up the attempts, unless [`stop_if`](RetryLayer::stop_if) stops |
//! | tower's `Buffer` | calls | attempts; its error is final |
//!
//! A recommended order, from the outermost: `map_result` for the fallback, `TimeoutLayer` for the call, `LoadShed`,
//! `RetryLayer`, `HedgeLayer`, `RateLimit`, `ConcurrencyLimit`, `BreakerLayer`, `TimeoutLayer` for the attempt.
//!
//! # Fallbacks
//!
//! tower has them: `map_result` for a value, `then` for another call. They stand above the retries, and answer for the whole
//! call.
//!
//! ```
//! use persevere::tower::RetryLayer;
//! use persevere::{Policy, RetryError, TokioSleeper};
//! use tower::{Service, ServiceBuilder, ServiceExt};
//!
//! # #[tokio::main(flavor = "current_thread", start_paused = true)] async fn main() {
//! let down = tower::service_fn(|_: ()| std::future::ready(Err::<u32, _>("down")));
//! let mut service = ServiceBuilder::new()
//!     .map_result(|outcome: Result<u32, RetryError<&str>>| Ok::<_, RetryError<&str>>(outcome.unwrap_or(0)))
//!     .layer(RetryLayer::new(Policy::default(), TokioSleeper).explained())
//!     .service(down);
//! assert_eq!(service.ready().await.unwrap().call(()).await.unwrap(), 0);
//! # }
//! ```
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `http` | `replay::HttpClone` and `Retries`: the attempt and the policy of a request in its extensions |
//! | `http-body` | `replay::Buffered`: bodies that are buffered while the first attempt streams them |
//! | `hedge` | `HedgeLayer`: a second call while the first is slow |
//!
//! The feature `tower` of `persevere` has the first two, and with its feature `hedge` all.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod breaker;
#[cfg(feature = "hedge")]
pub mod hedge;
pub mod replay;
pub mod retry;
pub mod timeout;
mod unrepeatable;

pub use breaker::{Breaker, BreakerLayer, rejected};
#[cfg(feature = "hedge")]
pub use hedge::{HedgeLayer, HedgeService};
#[cfg(feature = "http-body")]
pub use replay::Buffered;
pub use replay::Replay;
#[cfg(feature = "http")]
pub use replay::{HttpClone, Retries};
pub use retry::{NotReady, Retry, RetryLayer};
pub use timeout::{TimedOut, Timeout, TimeoutLayer};
pub use unrepeatable::Unrepeatable;

/// Any error: the error type of layers that add errors of their own, as in tower.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
