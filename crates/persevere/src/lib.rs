//! Retries: **one policy, on any executor or none**.
//!
//! A [`Policy`] says how delays grow, what is worth retrying and when to stop. It is plain data, built by `const`
//! methods, so it can be a `static`. A sleeper says where to wait. [`Policy::on`] brings them together:
//!
//! ```
//! use persevere::{Jitter, Policy, ThreadSleeper, backoff::Exponential};
//! use std::{net::TcpListener, time::Duration};
//!
//! static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(100))
//!     .max_delay(Duration::from_secs(5))
//!     .max_attempts(5)
//!     .jitter(Jitter::Full);
//!
//! let listener = TRANSIENT.on(ThreadSleeper).run_blocking(|| TcpListener::bind("127.0.0.1:0"))?;
//! # Ok::<(), persevere::RetryError<std::io::Error>>(())
//! ```
//!
//! # Where to look
//!
//! | you want to | look at |
//! |---|---|
//! | set delays, limits, jitter | [`Policy`], [`backoff`], [`Jitter`] |
//! | choose what is retried | [`Policy::retry_if`], [`Policy::classify_with`], [`classify`] |
//! | retry a function by one attribute | [`#[retry]`][retry] |
//! | run it | [`Run::run_blocking`], [`Run::run`], [`Run::run_mut`] |
//! | obey a server's `Retry-After` | [`Verdict::RetryAfter`], [`Policy::max_hint`] |
//! | poll until done | [`Policy::classify_outcome`] |
//! | bound the time | [`Policy::max_elapsed`], [`Policy::attempt_timeout`], [`Run::deadline`] |
//! | log | [`Run::on_retry`], [`Run::observe`], [`observe`] |
//! | count | [`Stats`], [`StatsRegistry`] |
//! | know why it gave up | [`RetryError`], [`StopReason`] |
//! | store it in a library, executor-neutral | [`SharedPolicy`], [`SharedSleeper`] |
//! | do work between attempts | [`Policy::start`], [`Retry`] |
//! | cancel a run | [`CancelToken`] |
//! | use another runtime | [`sleeper`] |
//! | see a schedule before using it | [`Policy::delays`], [`Policy::worst_case`] |
//! | stop calling what is down | [`Run::breaker`], [`breaker`], [`guide`] |
//! | bound the retries of all callers | [`Run::budget`], [`budget`], [`guide`] |
//! | test it without waiting | [`persevere-testkit`](https://docs.rs/persevere-testkit) |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | [`ThreadSleeper`], random seeds from the platform, [`CancelToken`], [`StatsRegistry`], the shared forms |
//! | `macros` | no | [`#[retry]`][retry] and `#[derive(Retryable)]` |
//! | `tokio` | no | [`TokioSleeper`] |
//! | `async-std` | no | [`AsyncStdSleeper`] |
//! | `smol` | no | [`SmolSleeper`] |
//! | `futures-timer` | no | [`FuturesTimerSleeper`], for any executor |
//! | `embedded-hal` | no | [`DelaySleeper`]: no std, no allocator |
//! | `breaker` | no | the module [`breaker`]: circuit breakers |
//! | `budget` | no | the module [`budget`]: retry budgets |
//! | `serde` | no | statistics that can be written and read: [`StatsSnapshot`], [`RegistrySnapshot`] |
//!
//! All may be on at once, and none changes what another does: the sleeper is always named in the call. The async ones
//! need `std` and turn it on in the core.
//!
//! # Without std
//!
//! ```toml
//! persevere = { version = "0.1", default-features = false, features = ["embedded-hal"] }
//! ```
//!
//! Only `core` is left: policies, the machine, [`DelaySleeper`], the blocking and the async drivers. Give jitter a seed
//! of its own on every device: [`Policy::seed`] says why. And take a policy by [`Policy::in_place`], so that its numbers
//! are constants of the loop: the smallest program for a Cortex-M3 then takes less than 1 KB of code, and 6 KB with
//! `POLICY.on(..)`, which brings along whatever other numbers would need.
//!
// What a feature brings is linked to where all are on, while it is off.
#![cfg_attr(
    not(feature = "std"),
    doc = "[`ThreadSleeper`]: https://docs.rs/persevere/latest/persevere/struct.ThreadSleeper.html
[`CancelToken`]: https://docs.rs/persevere/latest/persevere/struct.CancelToken.html
[`StatsRegistry`]: https://docs.rs/persevere/latest/persevere/struct.StatsRegistry.html
[`RegistrySnapshot`]: https://docs.rs/persevere/latest/persevere/struct.RegistrySnapshot.html
[`SharedPolicy`]: https://docs.rs/persevere/latest/persevere/type.SharedPolicy.html
[`SharedSleeper`]: https://docs.rs/persevere/latest/persevere/struct.SharedSleeper.html"
)]
#![cfg_attr(
    not(feature = "macros"),
    doc = "[retry]: https://docs.rs/persevere/latest/persevere/attr.retry.html"
)]
#![cfg_attr(
    not(feature = "tokio"),
    doc = "[`TokioSleeper`]: https://docs.rs/persevere/latest/persevere/struct.TokioSleeper.html"
)]
#![cfg_attr(
    not(feature = "async-std"),
    doc = "[`AsyncStdSleeper`]: https://docs.rs/persevere/latest/persevere/struct.AsyncStdSleeper.html"
)]
#![cfg_attr(
    not(feature = "smol"),
    doc = "[`SmolSleeper`]: https://docs.rs/persevere/latest/persevere/struct.SmolSleeper.html"
)]
#![cfg_attr(
    not(feature = "futures-timer"),
    doc = "[`FuturesTimerSleeper`]: https://docs.rs/persevere/latest/persevere/struct.FuturesTimerSleeper.html"
)]
#![cfg_attr(
    not(feature = "embedded-hal"),
    doc = "[`DelaySleeper`]: https://docs.rs/persevere/latest/persevere/struct.DelaySleeper.html"
)]
#![cfg_attr(
    not(feature = "breaker"),
    doc = "[`breaker`]: https://docs.rs/persevere/latest/persevere/breaker/index.html"
)]
#![cfg_attr(
    not(feature = "budget"),
    doc = "[`budget`]: https://docs.rs/persevere/latest/persevere/budget/index.html"
)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

#[doc(hidden)]
pub mod __private;
pub mod guide;
pub mod prelude;
#[cfg(feature = "std")]
mod registry;
#[cfg(feature = "std")]
mod table;

/// Circuit breakers: they stop calling what is down, and probe whether it is back. See
/// [`CircuitBreaker`](breaker::CircuitBreaker), and [`Run::breaker`].
#[cfg(feature = "breaker")]
pub mod breaker {
    pub use persevere_breaker::*;
}

/// Retry budgets: how many retries there may be, over all the runs that share one. See [`Budget`](budget::Budget), and
/// [`Run::budget`].
#[cfg(feature = "budget")]
pub mod budget {
    pub use persevere_budget::*;
}

#[cfg(feature = "async-std")]
pub use persevere_async_std::AsyncStdSleeper;
#[cfg(feature = "embedded-hal")]
pub use persevere_blocking::DelaySleeper;
#[cfg(feature = "std")]
pub use persevere_blocking::{CancellableThreadSleeper, ThreadSleeper};
pub use persevere_core::*;
#[cfg(feature = "futures-timer")]
pub use persevere_futures_timer::FuturesTimerSleeper;
#[cfg(feature = "macros")]
pub use persevere_macros::{Retryable, retry};
#[cfg(feature = "smol")]
pub use persevere_smol::SmolSleeper;
#[cfg(feature = "tokio")]
pub use persevere_tokio::TokioSleeper;
#[cfg(feature = "std")]
pub use registry::{RegistrySnapshot, StatsRegistry};

/// The README's samples, compiled and run.
#[cfg(all(
    doctest,
    feature = "std",
    feature = "macros",
    feature = "tokio",
    feature = "embedded-hal",
    feature = "breaker",
    feature = "budget"
))]
#[doc = include_str!("../README.md")]
struct Readme;
