//! Logs of runs and circuit breakers through [`tracing`](https://docs.rs/tracing).
//!
//! [`Trace`] is an observer. Its defaults neither flood nor hide:
//!
//! | [`Kind`] | level | example |
//! |---|---|---|
//! | [`Retry`](Kind::Retry) | DEBUG | `billing: attempt 2 failed, again in 210ms: connection refused` |
//! | [`Recovered`](Kind::Recovered) | DEBUG | `billing: succeeded after 3 attempts` |
//! | [`GaveUp`](Kind::GaveUp) | WARN, once for a run | `billing: gave up after 4 attempts: connection refused` |
//! | [`Stopped`](Kind::Stopped) | DEBUG | `billing: not retryable after 1 attempt: not found` |
//! | [`Opened`](Kind::Opened) | WARN | `billing: circuit breaker opened` |
//! | [`HalfOpened`](Kind::HalfOpened), [`Closed`](Kind::Closed) | INFO | `billing: circuit breaker closed` |
//! | [`Attempt`](Kind::Attempt), [`Succeeded`](Kind::Succeeded) | off | `billing: attempt 1` |
//!
//! ```
//! use persevere::tracing::Trace;
//! use persevere::{Policy, ThreadSleeper};
//! use std::{fs, time::Duration};
//!
//! static TRACE: Trace = Trace::named("config");
//!
//! let policy = Policy::exponential(Duration::from_millis(1)).max_attempts(3);
//! let read = policy.on(ThreadSleeper).observe(&TRACE).run_blocking(|| fs::read("no such file"));
//! assert!(read.is_err());
//! ```
//!
//! # Fields
//!
//! The target of all events is `persevere`. The names and types of the fields are stable, the texts of messages are not.
//!
//! | field | type | in | what |
//! |---|---|---|---|
//! | `persevere.name` | string | all | the name of the [`Trace`]; absent if it has none |
//! | `persevere.attempt` | integer | attempts, retries, ends | the number of the attempt, from 1; at the end, how many attempts were made |
//! | `persevere.delay` | seconds | retries | how long the wait is going to be |
//! | `persevere.waited` | seconds | ends | the sum of the waits |
//! | `persevere.reason` | string | ends without success | [`StopReason::as_str`](persevere_core::StopReason::as_str), such as `attempts` |
//! | `persevere.failure` | string | retries, ends without success | [`Failure::as_str`](persevere_core::Failure::as_str), such as `timed_out` |
//! | `persevere.state` | string | transitions | the new state of the breaker |
//! | `error` | string | retries, ends without success | the error of the last attempt; absent if there was none |
//!
//! Every event is within the span of the caller, which identifies the request and the user. No field has the name of a
//! key, a host or a request.
//!
//! In debug builds a `Trace` also logs parts that are [misplaced](persevere_core::observe::Misplaced), as a WARN.
//!
//! # An observer of the program
//!
//! With the feature `tracing` of `persevere`, an application logs the runs of its libraries without a change to them. A
//! run with its own `Trace` is logged by that `Trace` alone. For other runs, the errors are logged by their type alone.
//!
//! ```
//! use persevere::{observe, tracing::Trace};
//!
//! observe::set_global(Trace::new())?;
//! # Ok::<(), observe::GlobalIsSet>(())
//! ```
//!
//! # In an outage
//!
//! [`Trace::at_most_every`] logs at most one event of each kind in a period, over all runs that share the observer.
//!
//! # `log`
//!
//! The feature `log` of `tracing` writes the same events to the `log` crate where no subscriber is set:
//! `tracing = { version = "0.1", features = ["log"] }`. Its features `max_level_..` and `release_max_level_..` remove levels
//! when the program is built.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
#![cfg_attr(
    feature = "breaker",
    doc = "| `breaker` | no | [`Trace::transition`], for the transitions of a circuit breaker |"
)]
#![cfg_attr(
    not(feature = "breaker"),
    doc = "| `breaker` | no | `Trace::transition`, for the transitions of a circuit breaker |"
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod kind;
mod printing;
mod trace;
#[cfg(feature = "breaker")]
mod transition;

pub use kind::Kind;
pub use printing::{ByDebug, ByDisplay, ByKind, Print};
pub use trace::Trace;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
