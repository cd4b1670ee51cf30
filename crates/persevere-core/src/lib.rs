//! The core of [`persevere`](https://docs.rs/persevere): one retry policy, on any executor or none.
//!
//! Most programs use the facade, `persevere`, which re-exports everything here beside the sleepers. Depend on this
//! crate alone to write an adapter, or for a build with nothing but `core`.
//!
//! # The parts
//!
//! - A [`Policy`] is plain data: how delays grow ([`Backoff`]), what is retried ([`Classifier`]), how delays are spread
//!   ([`Jitter`]), when to stop. It never sleeps, awaits or reads a clock.
//! - A [`Machine`] turns (policy, verdict, now) into the next [`Step`]: wait this long, or stop for this reason. It is
//!   the only place where a retry is decided.
//! - A [`Sleeper`] waits and tells the time.
//! - A [`Run`] drives an operation: call, step the machine, sleep. Blocking and async runs differ by an `.await`.
//! - A [`Gate`](gate::Gate), such as a circuit breaker, admits or rejects attempts. A [`Budget`](budget::Budget) admits
//!   or rejects retries. An [`Observer`] receives every [`Event`], and [`Stats`] counts them.
//!
//! ```
//! use persevere::{Policy, ThreadSleeper};
//! use std::{io, time::Duration};
//!
//! static TRANSIENT: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);
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
//! Without `std`, give each device its own seed: see [`Policy::seed`].
//!
// Items of a feature that is off are linked to the documentation on docs.rs, where all features are on.
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

pub mod backoff;
pub mod budget;
#[cfg(feature = "std")]
pub mod cancel;
pub mod classify;
pub mod duration;
mod error;
pub mod gate;
mod jitter;
mod machine;
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub mod nearest;
pub mod observe;
mod panicking;
pub mod policy;
mod random;
mod retry;
pub mod run;
pub mod sleeper;
#[doc(hidden)]
pub mod time;

/// The shared forms of policies and sleepers, and their parts; you need not name the parts.
#[cfg(feature = "alloc")]
pub mod shared {
    pub use crate::policy::shared::{SharedBackoff, SharedClassifier, SharedOutcomePolicy, SharedPolicy};
    pub use crate::sleeper::{BoxSleep, LocalBoxSleep, LocalSharedSleeper, SharedSleeper};
}

#[doc(hidden)]
pub use run::attribute as __private;

pub use backoff::Backoff;
#[cfg(feature = "std")]
pub use cancel::CancelToken;
pub use classify::{Classifier, Retryable, Verdict};
#[cfg(feature = "alloc")]
pub use error::BoxError;
pub use error::{InvalidPolicy, RetryError, StopReason, Summary};
pub use jitter::{Jitter, Ratio};
pub use machine::{Machine, Progress, Step};
pub use observe::{Event, Failure, Observer};
#[cfg(all(feature = "std", target_has_atomic = "32"))]
pub use observe::{RegistrySnapshot, StatsRegistry};
#[cfg(target_has_atomic = "32")]
pub use observe::{Stats, StatsSnapshot};
#[doc(hidden)]
pub use panicking::{contain, panicking};
pub use policy::{ClassifiedBy, Delays, Limits, Policy, RetryIf, WorstCase};
pub use random::Random;
pub use retry::Retry;
pub use run::{Attempt, Ended, Run, Steps};
#[cfg(feature = "alloc")]
pub use shared::{LocalSharedSleeper, SharedOutcomePolicy, SharedPolicy, SharedSleeper};
pub use sleeper::{AsyncSleeper, BlockingSleeper, Clock, Sleeper, Slept};
