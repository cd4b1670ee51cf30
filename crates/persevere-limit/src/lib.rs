//! The limits of [`persevere`](https://docs.rs/persevere): gates that runs wait for, or that reject their attempts.
//!
//! ```
//! use persevere::{Policy, ThreadSleeper, limit::{Bulkhead, Pause}};
//! use std::time::Duration;
//!
//! static PAUSE: Pause = Pause::new().at_most(Duration::from_secs(60));
//! static CALLS: Bulkhead = Bulkhead::new(10);
//!
//! let policy = Policy::default().max_elapsed(Duration::from_secs(90));
//! let value = policy.on(ThreadSleeper).pace(&PAUSE).bulkhead(&CALLS).run_blocking(|| Ok::<_, ()>(7));
//! assert_eq!(value, Ok(7));
//! ```
//!
//! # Which
//!
//! | limit | holds attempts back | use it |
//! |---|---|---|
//! | [`Pause`] | during a wait that the server requested from one caller | with `Run::pace`, for a server that answers 429 |
//! | [`Bulkhead`] | while the given number of others is under way | with `Run::bulkhead`, so that one slow server does not take all threads or connections |
//! | `AdaptiveLimit` | while the server is slower than usual | with either, where the right number of calls is not known, or changes |
//! | `RateLimit` | above a quota of the server | with `Run::pace`; by the crate governor |
//!
//! Use one limit for each thing that is limited on its own: a server, an account, a region. All fit in a `static`, except
//! `RateLimit`, which fits in a `LazyLock`. They are passed to a run by reference, in an `Arc`, or in an `Option` of either.
//!
//! # Order
//!
//! Whatever the order of the calls, the guards admit or reject each attempt in this order. If a guard rejects, the
//! permits of the earlier guards go back.
//!
//! | | is rejected | why here |
//! |---|---|---|
//! | 1. gates of `Run::pace` | waits | they admit attempts, not runs; nothing else is held while a run waits |
//! | 2. bulkheads | stops, or tries again with `Policy::retry_rejected` | before the breaker, so that no probe of it is taken for a call that is not made |
//! | 3. breakers and other gates | likewise | last, so that a breaker admits and counts only calls that are made |
//! | 4. the attempt timeout | times out | it measures the call alone, without any wait |
//! | 5. the operation | | |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `alloc` | with `std` | limits in an `Arc` |
//! | `std` | yes | `AdaptiveLimit` |
//! | `governor` | no | `RateLimit` |
//!
//! The notes on targets without 64-bit atomics in `persevere-breaker` hold for this crate too.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "std")]
mod adaptive;
#[cfg(feature = "alloc")]
mod arc;
mod bulkhead;
mod error;
mod limit;
mod pause;
mod places;
#[cfg(feature = "governor")]
mod rate;

#[cfg(feature = "std")]
pub use adaptive::{AdaptiveLimit, AdaptivePermit};
pub use bulkhead::{Bulkhead, BulkheadPermit};
pub use error::InvalidLimit;
#[cfg(feature = "governor")]
pub use governor::Quota;
pub use limit::{Aimd, Gradient2, Limit};
pub use pause::{Pause, PausePermit};
#[cfg(feature = "governor")]
pub use rate::RateLimit;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
