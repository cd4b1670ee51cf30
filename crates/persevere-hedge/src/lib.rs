//! Hedged requests for [`persevere`](https://docs.rs/persevere): a second call while the first is slow, and the answer that
//! is there first.
//!
//! ```
//! use persevere::TokioSleeper;
//! use persevere::budget::WindowedRatio;
//! use persevere::hedge::{Hedge, Latency, Quantile};
//! use std::{io, time::Duration};
//!
//! static LATENCY: Latency = Latency::new();
//! static HEDGE: Hedge = Hedge::at(&LATENCY, Quantile::P95).floor(Duration::from_millis(2));
//! static HEDGES: WindowedRatio = WindowedRatio::new().ratio(0.05).reserve(0);
//!
//! struct Replica;
//! impl Replica { async fn get(&self, key: u32) -> io::Result<u32> { Ok(key) } }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> io::Result<()> {
//! let replicas = [Replica, Replica];
//! let value = HEDGE.on(TokioSleeper).budget(&HEDGES).run(|leg| replicas[leg.index()].get(7)).await?;
//! # assert_eq!(value, 7);
//! # Ok(()) }
//! ```
//!
//! # Rules
//!
//! 1. The first leg is never delayed.
//! 2. Only a call that its caller hedges is made twice, and only if it is [`repeatable`](Hedged::repeatable).
//! 3. A failure that is worth a retry starts the next leg at once, any other ends the call. A failed leg is never the answer
//!    while another leg is running.
//! 4. Each hedge is a withdrawal from a budget when it begins. If the budget is exhausted there is no further leg, and
//!    the running legs continue.
//! 5. Samples are the times of successes, and of failures of the class `Timeout`. A leg that is dropped is a sample
//!    with its time until then. Fast failures are not samples.
//! 6. There is no hedge by time before [`minimum_samples`](Latency::minimum_samples), before the [`floor`](Hedge::floor),
//!    or if the quantile is out of range.
//! 7. Legs that lost are dropped before the answer is returned, and reported to their breaker as superseded.
//! 8. A breaker with `slow_after` counts a superseded leg that took that long as a failure, so that a replica that
//!    hangs is noticed.
//! 9. The operation receives the [`Leg`], so that each can go elsewhere.
//! 10. A hint of a failed leg delays further legs, and ends the call if no leg is running.
//! 11. Blocking code cannot be hedged without threads, and does not compile here.
//!
//! # The parts
//!
//! - A [`Hedge`] is plain data: after which time, and how many hedges.
//! - A [`Latency`] is a histogram of the times of calls in a `static`, a [`Quantile`] the share of them that is awaited.
//! - [`Hedged`] is a call that is about to start: budget, classifier, breakers, observers.
//! - [`HedgeFuture`] is the call, with its legs inside.
//! - [`HedgeStats`] counts hedges that were made, won, lost and suppressed.
//!
//! Retries are made around a hedge, never inside: see [`Hedged::run`].
//!
//! There are no features. On targets without 64-bit atomics, such as most microcontrollers, `portable-atomic` emulates them:
//! see `persevere-budget`.

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

// First, so that rustdoc lists constructors before other methods.
mod hedge;

mod call;
mod delay;
mod error;
mod future;
mod gates;
mod latency;
mod leg;
mod observe;
mod operation;
mod quantile;
mod slots;
mod stats;

#[cfg(feature = "loom")]
#[doc(hidden)]
pub use latency::model;

pub use delay::{After, AnyDelay, At, Delay};
pub use error::{HedgeError, InvalidHedge};
pub use future::HedgeFuture;
pub use gates::{GateOfLeg, Gates, OneGate, Reports, Ungated};
pub use hedge::{Hedge, Hedged, Unbudgeted};
pub use latency::Latency;
pub use leg::Leg;
pub use observe::{Both, HedgeEvent, HedgeObserver, Suppression, Unobserved};
pub use operation::Operation;
pub use quantile::Quantile;
pub use slots::{End, Hedges, Legs, Slot, Slots};
pub use stats::{HedgeSnapshot, HedgeStats};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
