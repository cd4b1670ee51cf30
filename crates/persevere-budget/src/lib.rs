//! The retry budgets of [`persevere`](https://docs.rs/persevere): how many retries there may be, over all the runs of a
//! program.
//!
//! ```
//! use persevere_budget::{Account, Class, WindowedRatio};
//! use std::time::Duration;
//!
//! static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(2);
//!
//! let now = Duration::from_secs(1);
//! let retries = (0..100).filter(|_| {
//!     let mut run = Account::open(&BUDGET);
//!     run.attempt(now);
//!     run.withdraw(Class::Transient, now).is_ok() // everything fails
//! });
//! assert_eq!(retries.count(), 2);
//! ```
//!
//! # Why
//!
//! A policy bounds the attempts of one run. It knows nothing of the others, and when a server is down all of them retry.
//! With three attempts the server then gets three times the load, at the moment when it can bear least. And retries
//! multiply where one service calls another: each layer retries what has been retried below it, so that one request of a
//! user becomes
//!
//! ```text
//! attempts ^ layers
//! ```
//!
//! of the last server: 3^3 = 27 with three layers of three attempts, 4^3 = 64 with four attempts, 3^5 = 243 with five
//! layers. Such a load can keep a server down after what brought it down is gone: retries that fail call for more
//! retries.
//!
//! A budget bounds the sum. Where `ratio` of the successes may be retried, the load grows to at most `1 + ratio` in each
//! layer, `(1 + ratio) ^ layers` in all, plus a reserve that does not grow with the traffic:
//!
//! ```
//! let (attempts, ratio, layers) = (3_f64, 0.1_f64, 5);
//! assert_eq!(attempts.powi(layers), 243.0);
//! assert!((1.0 + ratio).powi(layers) < 1.62);
//! ```
//!
//! A single failure is still retried as if there were no budget, since that costs next to nothing. Jitter and backoff spread
//! retries over time; a budget makes them fewer. Both are needed.
//!
//! Better still, retry in one layer alone, the one right above what fails, and let it say above that there is no point in
//! trying again.
//!
//! # Which
//!
//! | budget | a retry is let through | time | take it |
//! |---|---|---|---|
//! | [`WindowedRatio`] | for so many successes in the window, or from the reserve | yes | unless there is a reason for another |
//! | [`TokenBucket`] | while there are tokens; a success puts some back | no | without a clock, for costs by class of failure, to do as AWS does |
//! | [`GrpcThrottle`] | while more than half of the tokens are there | no | for gRPC, with the numbers of its service config |
//! | [`AdaptiveThrottle`] | by chance, by how many requests are accepted | yes | with much traffic, where a sharp edge is not wanted |
//!
//! Have one for each thing that fails on its own: a server, a database, a region. One for everything lets what is down take
//! the retries of what is not. And share it among all the runs that call that thing: in a `static`, by reference, or in an
//! `Arc`. A budget of each run's own bounds nothing.
//!
//! A breaker goes with it: that stops *first* attempts at what is down for good, a budget never does.
//!
//! # The parts
//!
//! - A [`Budget`] is asked for each retry, and told of what became of each attempt. It reads no clock: time comes in.
//! - An [`Account`] is what one run has withdrawn from a budget. Dropped before the retry, it gives that back.
//! - A [`Class`] says what kind of failure a retry is asked for; a [`LastFailure`] with what a run ended.
//! - [`Pushback`] is what a gRPC server says of the next attempt.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `alloc` | yes | a budget in an `Arc` or a `Box` is a budget |
//!
//! Where the target has no atomics of 64 bits, as on most microcontrollers, those of `portable-atomic` stand in, and unless
//! the program says otherwise they take a lock for a few instructions. A program that uses a budget in an interrupt handler
//! too has to choose that crate's feature `unsafe-assume-single-core`, or `unsafe-assume-privileged` if there are several
//! cores: the handler would wait for ever for a lock that it has interrupted. Where the target has no compare-and-swap
//! either, as on a Cortex-M0, every program has to choose `unsafe-assume-single-core` or `critical-section`.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod adaptive;
mod bucket;
mod error;
mod grpc;
mod pushback;
mod window;
mod windowed;
mod word;

pub use adaptive::AdaptiveThrottle;
pub use bucket::TokenBucket;
pub use error::InvalidBudget;
pub use grpc::GrpcThrottle;
pub use persevere_core::budget::{Account, Budget, Class, Exhausted, LastFailure};
pub use pushback::{PUSHBACK_METADATA, Pushback};
pub use windowed::WindowedRatio;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
