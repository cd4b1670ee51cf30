//! Layers for [tower](https://docs.rs/tower): retries, circuit breakers and timeouts, on any executor.
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
//! | say how requests are repeated | [`replay`]: [`AsIs`](replay::AsIs), [`by`](replay::by), `HttpClone`, `Buffered` |
//! | learn why a call failed, limit the time of attempts | [`RetryLayer::explained`] |
//! | stop at once on an error of a layer below | [`RetryLayer::stop_if`] |
//! | stop calling what is down | [`BreakerLayer`], [`rejected`] |
//! | limit the time of a call | [`TimeoutLayer`], [`TimedOut`] |
//! | have a policy for each request | [`RetryLayer::by`]; `Retries`, in the request's extensions |
//!
//! # Which layer counts what
//!
//! A layer above the retries sees one call, a layer below sees each attempt:
//!
//! | layer | above `RetryLayer` | below `RetryLayer` |
//! |---|---|---|
//! | tracing, metrics | calls, with their waits | attempts; the number is in the request's extensions |
//! | [`BreakerLayer`] | calls that were given up | attempts that failed: mostly what is meant |
//! | [`TimeoutLayer`] | the whole call | each attempt |
//! | tower's `ConcurrencyLimit` | a waiting call holds its place | a waiting call holds no place: mostly what is meant |
//! | tower's `RateLimit` | calls | attempts: mostly what is meant |
//! | tower's `LoadShed` | sheds calls: mostly what is meant | its error uses up the attempts, unless [`stop_if`](RetryLayer::stop_if) stops |
//! | tower's `Buffer` | calls | attempts; its error is final |
//!
//! A recommended order, from the outermost: `TimeoutLayer` for the call, `LoadShed`, `RetryLayer`, `RateLimit`,
//! `ConcurrencyLimit`, `BreakerLayer`, `TimeoutLayer` for the attempt.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `http` | `replay::HttpClone` and `Retries`: the attempt and the policy of a request in its extensions |
//! | `http-body` | `replay::Buffered`: bodies that are buffered while the first attempt streams them |
//!
//! The feature `tower` of `persevere` has both.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

pub mod breaker;
pub mod replay;
pub mod retry;
pub mod timeout;

pub use breaker::{Breaker, BreakerLayer, rejected};
#[cfg(feature = "http-body")]
pub use replay::Buffered;
pub use replay::Replay;
#[cfg(feature = "http")]
pub use replay::{HttpClone, Retries};
pub use retry::{NotReady, Retry, RetryLayer};
pub use timeout::{TimedOut, Timeout, TimeoutLayer};

/// Any error: the error type of layers that add errors of their own, as in tower.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;
