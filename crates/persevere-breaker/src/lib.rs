//! The circuit breaker of [`persevere`](https://docs.rs/persevere): stops calling what is down, and probes whether it is
//! back.
//!
//! ```
//! use persevere::ThreadSleeper;
//! use persevere::breaker::{BreakerError, CircuitBreaker};
//! use std::{io, time::Duration};
//!
//! static BREAKER: CircuitBreaker =
//!     CircuitBreaker::consecutive_failures(5).open_for(Duration::from_secs(60)).build();
//!
//! let refused = || Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionRefused));
//! for _ in 0..5 {
//!     let error = BREAKER.on(ThreadSleeper).run_blocking(refused).unwrap_err();
//!     assert!(matches!(error, BreakerError::Inner(_)));
//! }
//! let error = BREAKER.on(ThreadSleeper).run_blocking(refused).unwrap_err();
//! assert!(matches!(error, BreakerError::Rejected(_)));
//! ```
//!
//! # The parts
//!
//! - A [`CircuitBreaker`] fits in a `static`. It takes no lock, allocates nothing and reads no clock: times are arguments.
//! - A [`Builder`] holds its settings, in a `const` too, and documents the sources of the defaults.
//! - A [`Trip`](trip) is the condition on which it opens: [`ConsecutiveFailures`], [`LastCalls`], [`TimeSlices`], or a
//!   combination.
//! - A [`Permit`] admits one call. It is reported or dropped, and either way leaves nothing behind.
//! - [`CircuitBreaker::on`] makes one call, blocking or async, and reports it by a classifier. `Run::breaker` checks the
//!   breaker before each attempt of a run.
//! - [`Transitions`] iterates over the transitions, each exactly once and in order. [`BreakerStats`] counts the rest.
//! - A [`Snapshot`] keeps the state over a restart.
//! - A `SharedBreaker` fits in a struct without type parameters, and `Breakers` holds one per key, such as a host.
//!
//! # What counts
//!
//! | the call | counts as |
//! |---|---|
//! | succeeded | a success |
//! | failed, timed out within the call or run, or panicked | a failure, unless the classifier accepts or ignores the error |
//! | took [`slow_after`](Builder::slow_after) or longer, however it ended | a failure |
//! | was abandoned: its future was dropped, as by `tokio::time::timeout` around it, or its caller went away | nothing |
//! | was superseded: another leg of a hedge was faster | nothing |
//!
//! So a breaker without `slow_after` does not notice a server that hangs, if a timeout *around* its calls drops them. Put
//! the timeout into the call or the policy (`Policy::attempt_timeout`), or set `slow_after`.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `alloc` | with `std` | `SharedBreaker`, and a breaker in an `Arc` |
//! | `std` | yes | `Breakers`; a [`Permit`] that a panic drops counts as a failure; without it, as abandoned |
//!
//! On targets without 64-bit atomics, such as most microcontrollers, `portable-atomic` emulates them, by default with a
//! lock for a few instructions. A program that uses a breaker in an interrupt handler must enable its feature
//! `unsafe-assume-single-core`, or `unsafe-assume-privileged` on several cores. Otherwise the handler would wait
//! forever for a lock that it has interrupted. On targets without compare-and-swap, such as a Cortex-M0, every program
//! must enable `unsafe-assume-single-core` or `critical-section`.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

// First, so that rustdoc lists constructors before other methods.
mod constructors;

mod admit;
#[cfg(feature = "alloc")]
mod arc;
mod breaker;
mod builder;
mod call;
pub mod classify;
mod control;
mod error;
mod gate;
mod generation;
mod handle;
mod in_flight;
#[cfg(feature = "std")]
mod keyed;
mod manual;
mod opening;
mod outcome;
mod permit;
mod probes;
mod report;
mod settings;
#[cfg(feature = "alloc")]
mod shared;
mod snapshot;
mod state;
mod stats;
mod ticket;
#[cfg(feature = "loom")]
mod touch;
mod transitions;
pub mod trip;

pub use breaker::{BreakerIf, CircuitBreaker};

pub use call::BreakerCall;
pub use constructors::FailureRate;
pub use error::{BreakerError, InvalidBreaker, Rejected};
pub use gate::AttemptPermit;
pub use handle::{Handle, Judges};
#[cfg(feature = "std")]
pub use keyed::Breakers;
pub use permit::Permit;
pub use probes::MAX_PROBES;
pub use settings::Builder;
#[cfg(feature = "alloc")]
pub use shared::SharedBreaker;
pub use snapshot::{Saved, Snapshot};
pub use state::State;
pub use stats::BreakerStats;
pub use transitions::{Transition, Transitions};
pub use trip::{ConsecutiveFailures, LastCalls, Or, TimeSlices, Trip, WindowCounts};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
