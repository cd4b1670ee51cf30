//! The circuit breaker of [`persevere`](https://docs.rs/persevere): it stops calling what is down, and probes whether it is
//! back.
//!
//! ```
//! use persevere::ThreadSleeper;
//! use persevere_breaker::{BreakerError, CircuitBreaker};
//! use std::{io, time::Duration};
//!
//! static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).open_for(Duration::from_secs(60)).build();
//!
//! let refused = || Err::<(), _>(io::Error::from(io::ErrorKind::ConnectionRefused));
//! for _ in 0..5 {
//!     assert!(matches!(BREAKER.on(ThreadSleeper).run_blocking(refused), Err(BreakerError::Inner(_))));
//! }
//! assert!(matches!(BREAKER.on(ThreadSleeper).run_blocking(refused), Err(BreakerError::Rejected(_))));
//! ```
//!
//! # The parts
//!
//! - A [`CircuitBreaker`] fits in a `static`. It takes no lock, allocates nothing, and reads no clock: time comes in.
//! - A [`Builder`] makes it, in a `const` too, and says where the defaults come from.
//! - A [`Trip`](trip) says when it opens: [`ConsecutiveFailures`], [`LastCalls`], [`TimeSlices`], or several.
//! - A [`Permit`] is for one call. It is reported, or else dropped, and either way leaves nothing behind.
//! - [`CircuitBreaker::on`] makes one call, blocking or async, and reports by a classifier. `Run::breaker` puts it before each
//!   attempt of a run.
//! - A [`Watch`] tells the transitions, each exactly once and in order; [`Stats`] what else there was.
//! - [`Snapshot`] keeps the state over a restart.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | a call that panics counts as a failure; without it, as abandoned |
//!
//! Where the target has no atomics of 64 bits, as on most microcontrollers, those of `portable-atomic` stand in, and unless
//! the program says otherwise they take a lock for a few instructions. A program that uses a breaker in an interrupt handler
//! too has to choose that crate's feature `unsafe-assume-single-core`, or `unsafe-assume-privileged` if there are several
//! cores: the handler would wait for ever for a lock that it has interrupted. Where the target has no compare-and-swap
//! either, as on a Cortex-M0, every program has to choose `unsafe-assume-single-core` or `critical-section`.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod admit;
mod breaker;
mod builder;
mod call;
mod call_future;
mod control;
mod error;
mod gate;
mod generation;
mod hand;
#[doc(hidden)]
pub mod judge;
mod log;
mod permit;
mod probes;
mod record;
mod snapshot;
mod state;
mod stats;
mod through;
pub mod trip;
mod watch;
mod word;

pub use breaker::CircuitBreaker;
pub use builder::Builder;
pub use error::{BreakerError, InvalidBreaker, Rejected};
pub use permit::Permit;
pub use probes::MAX_PROBES;
pub use snapshot::{Saved, Snapshot};
pub use state::State;
pub use stats::Stats;
pub use through::Through;
pub use trip::{ConsecutiveFailures, LastCalls, Or, TimeSlices, Trip};
pub use watch::{Transition, Watch};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
