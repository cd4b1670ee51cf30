//! The sleepers of [`persevere`](https://docs.rs/persevere) without an executor: `ThreadSleeper` for threads,
//! `DelaySleeper` for devices.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `std` | yes | `ThreadSleeper` |
//! | `embedded-hal` | no | `DelaySleeper`, over any `embedded_hal::delay::DelayNs`, without std and without an allocator |

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "std")]
extern crate std;

#[cfg(feature = "embedded-hal")]
mod delay;
#[cfg(feature = "std")]
mod thread;

#[cfg(feature = "embedded-hal")]
pub use delay::DelaySleeper;
#[cfg(feature = "std")]
pub use thread::{CancellableThreadSleeper, ThreadSleeper};
