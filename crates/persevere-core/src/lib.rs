//! The core of [`persevere`](https://docs.rs/persevere): one retry policy, on any executor or none.
//!
//! Most programs want the facade, `persevere`, which re-exports everything here beside the sleepers.
//! Depend on this crate alone to write an adapter, or for a build with nothing but `core`.
//!
//! # The parts
//!
//! - A [`Policy`] is plain data: how delays grow ([`Backoff`]), what is worth retrying
//!   ([`Classifier`]), how delays are spread ([`Jitter`]), when to stop. It never
//!   sleeps, awaits or reads a clock.
//! - A [`Machine`] turns (policy, verdict, now) into the next [`Step`]: wait this long, or stop for this
//!   reason. It is the only place where a retry is decided.
//! - A [`Sleeper`] is the only door to time: it waits, and it tells what time it is.
//! - A [`Run`] drives an operation: call, ask the machine, sleep. Blocking and async differ by an `.await`.
//! - A [`Gate`](gate::Gate), such as a circuit breaker, lets attempts through or not; a [`Budget`](budget::Budget) is asked
//!   for each retry; an [`Observer`] sees every [`Event`], and [`Stats`] counts them.
//!
//! ```
//! use persevere::{Policy, ThreadSleeper, backoff::Exponential};
//! use std::{io, time::Duration};
//!
//! static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(1)).max_attempts(4);
//!
//! let mut calls = 0;
//! let value = TRANSIENT.on(ThreadSleeper).run_blocking(|| {
//!     calls += 1;
//!     if calls < 3 { Err(io::Error::from(io::ErrorKind::TimedOut)) } else { Ok(calls) }
//! })?;
//! assert_eq!(value, 3);
//! # Ok::<(), persevere::RetryError<io::Error>>(())
//! ```
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `alloc` | with `std` | the shared forms: [`SharedPolicy`], [`SharedSleeper`] |
//! | `std` | yes | the monotonic clock, random seeds from the platform, [`CancelToken`] |
//! | `serde` | no | [`StatsSnapshot`] can be written and read with serde |
//!
//! Without `std`, jitter needs a seed of its own on every device: see [`Policy::seed`].
//!
// What a feature brings is linked to where all are on, while it is off.
#![cfg_attr(
    not(feature = "alloc"),
    doc = "[`SharedPolicy`]: https://docs.rs/persevere-core/latest/persevere_core/type.SharedPolicy.html
[`SharedSleeper`]: https://docs.rs/persevere-core/latest/persevere_core/struct.SharedSleeper.html"
)]
#![cfg_attr(
    not(feature = "std"),
    doc = "[`CancelToken`]: https://docs.rs/persevere-core/latest/persevere_core/struct.CancelToken.html"
)]
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[doc(hidden)]
#[path = "expansion.rs"]
pub mod __private;
mod as_policy;
mod attempt;
pub mod backoff;
pub mod budget;
#[cfg(feature = "std")]
mod cancel;
pub mod classify;
mod drive;
mod error;
pub mod gate;
mod guards;
mod in_place;
mod jitter;
mod limits;
mod machine;
mod nanos;
pub mod observe;
mod panicking;
mod plan;
mod policy;
mod prepare;
mod random;
mod retry;
mod run;
mod run_future;
mod settle;
#[cfg(feature = "alloc")]
mod shared;
pub mod sleeper;
mod span;
mod watched;

pub use as_policy::{AsPolicy, Limited};
pub use attempt::Attempt;
pub use backoff::Backoff;
#[cfg(feature = "std")]
pub use cancel::{CancelToken, Cancellable, CancellableSleep};
pub use classify::{Classifier, Retryable, Verdict};
pub use error::{InvalidPolicy, RetryError, StopReason};
pub use guards::{AnyClass, Budgeted, Gated, Guards};
pub use in_place::InPlace;
pub use jitter::{Jitter, Ratio};
pub use machine::{Machine, Step};
/// For the breaker and the budgets, whose clocks are one. It stays as it is.
#[doc(hidden)]
pub use nanos::clock_nanos;
pub use observe::{Event, Failure, Observer};
#[cfg(target_has_atomic = "32")]
pub use observe::{Stats, StatsSnapshot};
/// For the breaker, whose permits may be dropped by a panic.
#[doc(hidden)]
pub use panicking::panicking;
pub use plan::{Delays, WorstCase};
pub use policy::Policy;
pub use random::Random;
pub use retry::Retry;
pub use run::Run;
#[cfg(feature = "alloc")]
pub use shared::{BoxSleep, SharedBackoff, SharedClassifier, SharedOutcomePolicy, SharedPolicy, SharedSleeper};
pub use sleeper::Sleeper;
