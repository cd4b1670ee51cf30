//! Retries: **one policy, on any executor or none**.
//!
//! # Where to look
//!
//! | task | items |
//! |---|---|
//! | start reading | [`guide`]: one chapter for each question |
//! | understand a message of the compiler | [`guide::faq`][guide] |
//! | come from another crate | [`guide::migration`][guide] |
//! | set delays, limits, jitter | [`Policy`], [`backoff`], [`Jitter`] |
//! | choose what is retried | [`Policy::retry_if`], [`Policy::classify_with`], [`classify`] |
//! | retry a function by one attribute | [`#[retry]`][retry] |
//! | run it | [`Run::run_blocking`], [`Run::run`], [`Run::run_mut`] |
//! | obey a server's `Retry-After` | [`Verdict::RetryAfter`], [`Policy::max_hint`] |
//! | poll until done | [`Policy::classify_outcome_with`], [`Run::accept_last`] |
//! | bound the time | [`Policy::max_elapsed`], [`Policy::attempt_timeout`], [`Run::timeout`], [`Run::deadline`] |
//! | log | [`tracing::Trace`][tracing], [`Run::on_retry`], [`Run::observe`], [`observe`] |
//! | log less in an outage | [`observe::at_most_every`] |
//! | see the runs of libraries too | [`observe::set_global`][global] |
//! | count | [`Stats`], [`StatsRegistry`] |
//! | export metrics | [`metrics`] |
//! | find out why a run gave up | [`RetryError`], [`StopReason`], [`Run::whole`] |
//! | use `?` with `anyhow`, `eyre` or `Box<dyn Error>` | [`RetryError::boxed`] |
//! | store a policy in a library that supports any executor | [`SharedPolicy`], [`SharedSleeper`] |
//! | do work between attempts, keep a connection alive | [`Run::steps`], [`Policy::start`] |
//! | resume a run later or elsewhere | [`Machine::progress`], [`Policy::resume`] |
//! | cancel a run, shut down | [`CancelToken`], [`Run::cancelled_by`] |
//! | support another runtime | [`sleeper`] |
//! | inspect a schedule before use | [`Policy::delays`], [`Policy::worst_case`] |
//! | stop calling a server that is down | [`Run::breaker`], [`breaker`] |
//! | retry HTTP requests | [`http`], [`reqwest`] |
//! | bound the retries of all callers | [`Run::budget`], [`budget`] |
//! | retry the calls of a tower service | [`tower::RetryLayer`][tower] |
//! | hold back all callers when a server makes one wait | [`limit`] |
//! | share a quota, a pause or openings between processes | [`guide::fleets`](https://docs.rs/persevere/latest/persevere/guide/fleets/index.html) |
//! | cut the tail of the latency | [`hedge`] |
//! | read policies from a file | [`config`] |
//! | see whether a policy survives an outage | [`persevere-sim`](https://docs.rs/persevere-sim), the command [`persevere`](https://docs.rs/persevere-cli) |
//! | test without waiting | [`persevere-testkit`](https://docs.rs/persevere-testkit) |
//!
//! # In short
//!
//! A [`Policy`] sets how delays grow, what is retried and when to stop. It is plain data, built by `const`
//! methods, so it can be a `static`. A sleeper is how a run waits and tells the time. [`Policy::on`] combines
//! both:
//!
//! ```
//! use persevere::{Jitter, Policy, ThreadSleeper};
//! use std::{net::TcpListener, time::Duration};
//!
//! static TRANSIENT: Policy = Policy::exponential(Duration::from_millis(100))
//!     .max_delay(Duration::from_secs(5))
//!     .max_attempts(5)
//!     .jitter(Jitter::Full);
//!
//! let listener = TRANSIENT.on(ThreadSleeper).run_blocking(|| TcpListener::bind("127.0.0.1:0"))?;
//! # Ok::<(), persevere::RetryError<std::io::Error>>(())
//! ```
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
//! | `embedded-hal` | no | [`DelaySleeper`], without std and without an allocator |
//! | `breaker` | no | circuit breakers, in the module [`breaker`] |
//! | `keyed` | no | breakers without type parameters, breakers and budgets by key: `breaker::SharedBreaker`, `breaker::Breakers`, `budget::Budgets` |
//! | `budget` | no | retry budgets, in the module [`budget`] |
//! | `hedge` | no | a second call while the first is slow, in the module [`hedge`] |
//! | `http` | no | which HTTP requests are worth a retry, and when, in the module [`http`] |
//! | `http-hyper` | no | the same for errors of hyper and of hyper-util's client |
//! | `reqwest` | no | retries for `reqwest`, in the module [`reqwest`] |
//! | `reqwest-blocking`, `reqwest-http2`, `reqwest-middleware` | no | the same for blocking requests, for HTTP/2, and as a middleware |
//! | `tower` | no | layers for tower, in the module [`tower`] |
//! | `config` | no | policies, breakers, budgets, limits and hedges from a file and the environment, in the module [`config`] |
//! | `config-json` | no | the same from files in JSON |
//! | `tracing` | no | logs of runs and breakers, in the module [`tracing`]; `global-observer` |
//! | `metrics` | no | metrics of runs, breakers and budgets through the `metrics` crate, in the module [`metrics`] |
//! | `global-observer` | no | [`observe::set_global`][global], an observer of all runs of a program |
//! | `limit` | no | gates that runs wait for, bulkheads, adaptive limits, in the module [`limit`] |
//! | `limit-governor` | no | limits of the rate, by the crate governor |
//! | `serde` | no | serialization of [`StatsSnapshot`], [`RegistrySnapshot`] and [`Progress`] |
//! | `defmt` | no | reasons and verdicts that `defmt` prints, on devices |
//!
//! Features are additive. No feature selects a sleeper: the call always names it. The async sleepers require
//! `std` and enable it in the core.
//!
//! # Without std
//!
//! ```toml
//! persevere = { version = "0.1", default-features = false, features = ["embedded-hal"] }
//! ```
//!
//! This leaves policies, the machine, [`DelaySleeper`], and blocking and async runs, on `core` alone. Give every
//! device its own base for jitter, once at boot: [`Random::seed_device`]. Name the policy by [`Policy::inlined`],
//! so that the optimizer sees its settings as constants.
//!
//! # Compatibility
//!
//! The oldest supported Rust is 1.85, and is raised in minor releases only. Enums and structs that may grow are
//! `non_exhaustive`. The texts of messages, the delays of a seed, and everything in `__private` may change in
//! any release.
//!
// Items of a feature that is off are linked to the documentation on docs.rs, where all features are on.
#![cfg_attr(
    not(feature = "std"),
    doc = "[`ThreadSleeper`]: https://docs.rs/persevere/latest/persevere/struct.ThreadSleeper.html
[`CancelToken`]: https://docs.rs/persevere/latest/persevere/struct.CancelToken.html
[`StatsRegistry`]: https://docs.rs/persevere/latest/persevere/struct.StatsRegistry.html
[`RegistrySnapshot`]: https://docs.rs/persevere/latest/persevere/struct.RegistrySnapshot.html
[`SharedPolicy`]: https://docs.rs/persevere/latest/persevere/type.SharedPolicy.html
[`RetryError::boxed`]: https://docs.rs/persevere/latest/persevere/struct.RetryError.html
[`observe::at_most_every`]: https://docs.rs/persevere/latest/persevere/observe/index.html
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
    not(feature = "tower"),
    doc = "[`tower`]: https://docs.rs/persevere/latest/persevere/tower/index.html
[tower]: https://docs.rs/persevere/latest/persevere/tower/index.html"
)]
#![cfg_attr(
    not(feature = "tracing"),
    doc = "[`tracing`]: https://docs.rs/persevere/latest/persevere/tracing/index.html
[tracing]: https://docs.rs/persevere/latest/persevere/tracing/struct.Trace.html"
)]
#![cfg_attr(feature = "tracing", doc = "[tracing]: tracing::Trace")]
#![cfg_attr(
    not(feature = "metrics"),
    doc = "[`metrics`]: https://docs.rs/persevere/latest/persevere/metrics/index.html"
)]
#![cfg_attr(
    not(feature = "global-observer"),
    doc = "[global]: https://docs.rs/persevere/latest/persevere/observe/fn.set_global.html"
)]
#![cfg_attr(feature = "global-observer", doc = "[global]: observe::set_global")]
#![cfg_attr(
    not(feature = "budget"),
    doc = "[`budget`]: https://docs.rs/persevere/latest/persevere/budget/index.html"
)]
#![cfg_attr(
    not(feature = "hedge"),
    doc = "[`hedge`]: https://docs.rs/persevere/latest/persevere/hedge/index.html"
)]
#![cfg_attr(
    not(feature = "config"),
    doc = "[`config`]: https://docs.rs/persevere/latest/persevere/config/index.html"
)]
#![cfg_attr(
    not(feature = "limit"),
    doc = "[`limit`]: https://docs.rs/persevere/latest/persevere/limit/index.html"
)]
#![cfg_attr(
    not(feature = "http"),
    doc = "[`http`]: https://docs.rs/persevere/latest/persevere/http/index.html"
)]
#![cfg_attr(
    not(feature = "reqwest"),
    doc = "[`reqwest`]: https://docs.rs/persevere/latest/persevere/reqwest/index.html"
)]
#![cfg_attr(
    not(all(
        feature = "std",
        feature = "macros",
        feature = "tokio",
        feature = "embedded-hal",
        feature = "breaker",
        feature = "keyed",
        feature = "budget",
        feature = "config",
        feature = "reqwest",
        feature = "tower",
        feature = "tracing",
        feature = "metrics",
        feature = "limit",
        feature = "hedge",
    )),
    doc = "[`guide`]: https://docs.rs/persevere/latest/persevere/guide/index.html
[guide]: https://docs.rs/persevere/latest/persevere/guide/index.html"
)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

#[doc(hidden)]
pub mod __private;
// Built by rustdoc alone, and with the features of its samples.
#[cfg(all(
    any(doc, doctest),
    feature = "std",
    feature = "macros",
    feature = "tokio",
    feature = "embedded-hal",
    feature = "breaker",
    feature = "keyed",
    feature = "budget",
    feature = "config",
    feature = "reqwest",
    feature = "tower",
    feature = "tracing",
    feature = "metrics",
    feature = "limit",
    feature = "hedge",
))]
pub mod guide;
pub mod prelude;

#[cfg(feature = "breaker")]
#[doc(inline)]
pub use persevere_breaker as breaker;

#[cfg(feature = "budget")]
#[doc(inline)]
pub use persevere_budget as budget;

#[cfg(feature = "hedge")]
#[doc(inline)]
pub use persevere_hedge as hedge;

/// The HTTP requests that are worth a retry, and when. See [`transient`](http::transient) and [`hint`](http::hint()).
#[cfg(feature = "http")]
pub mod http {
    #[doc(inline)]
    pub use persevere_http::*;
}

/// Retries for `reqwest`. See [`RetryRequest`](reqwest::RetryRequest).
#[cfg(feature = "reqwest")]
pub mod reqwest {
    #[doc(inline)]
    pub use persevere_reqwest::*;
}

#[cfg(feature = "config")]
#[doc(inline)]
pub use persevere_config as config;
#[cfg(feature = "metrics")]
#[doc(inline)]
pub use persevere_metrics as metrics;

#[cfg(feature = "limit")]
#[doc(inline)]
pub use persevere_limit as limit;

#[cfg(feature = "tower")]
#[doc(inline)]
pub use persevere_tower as tower;

#[cfg(feature = "tracing")]
#[doc(inline)]
pub use persevere_tracing as tracing;

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

/// Compiles and runs the examples of the README.
#[cfg(all(
    doctest,
    feature = "std",
    feature = "macros",
    feature = "tokio",
    feature = "embedded-hal",
    feature = "breaker",
    feature = "budget",
    feature = "hedge",
    feature = "config",
    feature = "limit",
    feature = "reqwest",
    feature = "tower",
    feature = "tracing",
    feature = "metrics"
))]
#[doc = include_str!("../README.md")]
struct Readme;
