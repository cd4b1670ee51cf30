//! The retry budgets of [`persevere`](https://docs.rs/persevere): they limit the retries of all the runs of a program
//! together.
//!
//! ```
//! use persevere::budget::{Account, Class, WindowedRatio};
//! use std::time::Duration;
//!
//! static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1).reserve(2);
//!
//! let now = Duration::from_secs(1);
//! let retries = (0..100).filter(|_| {
//!     let mut run = Account::open(&BUDGET);
//!     run.attempt(now);
//!     let is_allowed = run.withdraw(Class::Transient, now).is_ok(); // everything fails
//!     if is_allowed {
//!         run.attempt(now);
//!     }
//!     is_allowed
//! });
//! assert_eq!(retries.count(), 2);
//! ```
//!
//! # Why
//!
//! A policy limits the attempts of one run. It does not depend on other runs, and when a server is down all of them retry.
//! With three attempts the server gets three times the load, when it can bear least. Retries also multiply where one
//! service calls another: each layer retries the retries of the layer below, so that one request of a user becomes
//!
//! ```text
//! attempts ^ layers
//! ```
//!
//! requests of the last server: 3^3 = 27 with three layers of three attempts, 4^3 = 64 with four attempts, 3^5 = 243 with
//! five layers. Such a load can keep a server down after the cause is gone: failed retries cause more retries.
//!
//! A budget limits the sum. If retries are at most `ratio` of the successes, the load grows to at most `1 + ratio` in
//! each layer and `(1 + ratio) ^ layers` in all. A reserve comes on top, and does not grow with the traffic:
//!
//! ```
//! let (attempts, ratio, layers) = (3_f64, 0.1_f64, 5);
//! assert_eq!(attempts.powi(layers), 243.0);
//! assert!((1.0 + ratio).powi(layers) < 1.62);
//! ```
//!
//! A single failure is still retried as if there were no budget. Jitter and backoff spread retries over time, and a budget
//! makes them fewer. Use both.
//!
//! Better still, retry in one layer alone, directly above the layer that fails. Let it return an error that the layers
//! above do not retry.
//!
//! # Which
//!
//! | budget | a retry is allowed | depends on time | use it |
//! |---|---|---|---|
//! | [`WindowedRatio`] | in proportion to the successes in the window, or from the reserve | yes | by default |
//! | [`TokenBucket`] | while tokens are available; a success returns some | no | without a clock, for costs by class of failure, to do as AWS does |
//! | [`GrpcThrottle`] | while more than half of the tokens are available | no | for gRPC, with the numbers of its service config |
//! | [`AdaptiveThrottle`] | at random, depending on how many requests the server accepts | yes | with much traffic, where a sharp limit is not wanted |
//!
//! Use one budget for each thing that fails on its own: a server, a database, a region. With one budget for everything, the
//! part that is down takes the retries of the parts that are not. Share it among all runs that call that thing: in a
//! `static`, by reference, or in an `Arc`. A budget that each run creates for itself limits nothing.
//!
//! A circuit breaker complements it: a breaker stops *first* attempts at what is down, a budget never does.
//!
//! # The parts
//!
//! - A [`Budget`] grants or rejects each retry, and counts the outcome of each attempt. It reads no clock: times are
//!   arguments.
//! - An [`Account`] holds what one run has withdrawn from a budget. Dropped before the retry, it gives that back.
//! - A [`Class`] is the kind of failure that a retry follows, and a [`LastFailure`] the failure that a run ends with.
//! - A [`Counted`] budget counts its withdrawals and rejections.
//! - `Budgets` holds one budget per key, such as a host.
//! - [`Pushback`] is the delay that a gRPC server requests.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `alloc` | with `std` | implements [`Budget`] for `Arc` and `Box` of a budget |
//! | `std` | yes | `Budgets` |
//!
//! On targets without 64-bit atomics, such as most microcontrollers, `portable-atomic` emulates them, by default with a
//! lock for a few instructions. A program that uses a budget in an interrupt handler must enable its feature
//! `unsafe-assume-single-core`, or `unsafe-assume-privileged` on several cores. Otherwise the handler would wait
//! forever for a lock that it has interrupted. On targets without compare-and-swap, such as a Cortex-M0, every program
//! must enable `unsafe-assume-single-core` or `critical-section`.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod adaptive;
mod bucket;
mod counted;
mod error;
mod grpc;
#[cfg(feature = "std")]
mod keyed;
mod returned;
mod sliding_counters;
mod windowed;

pub use adaptive::AdaptiveThrottle;
pub use bucket::TokenBucket;
pub use counted::{BudgetStats, Counted};
pub use error::InvalidBudget;
pub use grpc::GrpcThrottle;
pub use grpc::pushback::{PUSHBACK_METADATA, Pushback};
#[cfg(feature = "std")]
pub use keyed::Budgets;
pub use persevere_core::budget::{Account, Budget, Class, Exhausted, LastFailure};
pub use windowed::WindowedRatio;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
