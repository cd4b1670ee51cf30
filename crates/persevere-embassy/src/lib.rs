//! The sleeper of [`persevere`](https://docs.rs/persevere) for embassy: [`EmbassySleeper`].
//!
//! A device without an allocator uses the core alone, with `default-features = false`:
//!
//! ```
//! use core::time::Duration;
//! use persevere_core::Policy;
//! use persevere_embassy::EmbassySleeper;
//!
//! static SENSOR: Policy = Policy::exponential(Duration::from_millis(2)).max_attempts(5);
//!
//! struct Sensor { tries: u32 }
//!
//! impl Sensor {
//!     async fn read(&mut self) -> Result<i16, &'static str> {
//!         SENSOR.on(EmbassySleeper).run_mut(async || self.once()).await.map_err(|error| error.into_last_or(|_| "timeout"))
//!     }
//!
//!     fn once(&mut self) -> Result<i16, &'static str> {
//!         self.tries += 1;
//!         if self.tries < 3 { Err("busy") } else { Ok(21) }
//!     }
//! }
//! # let _ = Sensor { tries: 0 }.read();
//! ```
//!
//! # Traps
//!
//! - Times have the resolution of the tick rate that the program chose. Waits are rounded up to whole ticks, times down.
//! - A timer of embassy cannot be taken back: a sleep that is dropped may still wake its task once.
//! - The clock of most drivers stops in deep sleep: limits of time and open breakers then last that much longer.

#![no_std]
#![forbid(unsafe_code)]

mod ticks;

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use embassy_time::{Instant, TICK_HZ, Timer};
use persevere_core::{Clock, Sleeper};

/// Sleeps on embassy's timer queue and tells the time by embassy's clock, which begins at 0 when the device starts.
///
/// A wait is never too short on that clock, and a wait beyond its end (584,000 years at 1 MHz) ends with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EmbassySleeper;

impl Clock for EmbassySleeper {}

impl Sleeper for EmbassySleeper {
    type Sleep = EmbassySleep;

    fn sleep(&self, delay: Duration) -> EmbassySleep {
        // `Timer::after` and embassy's own conversion panic where the sum or the product overflows.
        let now = Instant::now().as_ticks();
        let end = now.saturating_add(ticks::at_least(delay, TICK_HZ));
        EmbassySleep(Timer::at(Instant::from_ticks(end)))
    }

    fn now(&self) -> Duration {
        ticks::duration(Instant::now().as_ticks(), TICK_HZ)
    }
}

/// The future of a sleep; returned by [`EmbassySleeper`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct EmbassySleep(Timer);

impl Future for EmbassySleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.0).poll(context)
    }
}

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
