//! The sleeper of [`persevere`](https://docs.rs/persevere) for browsers, workers and Node: [`WebSleeper`].
//!
//! ```
//! use persevere_core::Policy;
//! use persevere_web::WebSleeper;
//! use std::time::Duration;
//!
//! static API: Policy = Policy::exponential(Duration::from_millis(200)).max_attempts(4);
//!
//! async fn load() -> Result<String, &'static str> {
//!     API.on(WebSleeper::new()).run(async || Ok(String::from("hello"))).await.map_err(|error| error.into_last_or(|_| "timeout"))
//! }
//! # let _ = load;
//! ```
//!
//! # Traps
//!
//! - A timer of a page in the background fires once a second or less often. Waits become longer, never shorter.
//! - `setTimeout` takes at most 2³¹ − 1 ms and fires at once above: longer waits are made of several timers.
//! - Timers may fire early by the clock of `performance.now`: then another timer waits for the rest.
//! - `std::time::Instant::now` panics on this target. Nothing here calls it.

#![forbid(unsafe_code)]

mod millis;
mod sleep;

pub use sleep::WebSleep;

use persevere_core::{Clock, Random, Sleeper};
use std::sync::{LazyLock, Once};
use std::time::Duration;
use web_time::Instant;

/// Where the time of the sleeper begins.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Sleeps by `setTimeout` and tells the time by `performance.now`, which does not follow changes of the system's date.
///
/// A wait is never too short on that clock.
#[derive(Debug, Clone, Copy)]
// So that `new` makes every sleeper, and gives the draws their base.
#[non_exhaustive]
pub struct WebSleeper;

impl WebSleeper {
    /// Creates a sleeper. The first sleeper gives the draws of jitter their base ([`Random::seed_device`]). This target
    /// has no source of randomness that the core can read, and all pages would otherwise draw the same delays.
    #[must_use]
    pub fn new() -> WebSleeper {
        static SEEDED: Once = Once::new();
        SEEDED.call_once(|| {
            let numbers = [js_sys::Math::random(), js_sys::Math::random(), js_sys::Date::now()];
            let bytes: Vec<u8> = numbers
                .iter()
                .flat_map(|number| number.to_bits().to_le_bytes())
                .collect();
            Random::seed_device(&bytes);
        });
        WebSleeper
    }
}

impl Default for WebSleeper {
    fn default() -> Self {
        WebSleeper::new()
    }
}

impl Clock for WebSleeper {}

impl Sleeper for WebSleeper {
    type Sleep = WebSleep;

    fn sleep(&self, delay: Duration) -> WebSleep {
        WebSleep::new(self.now().saturating_add(delay), self.now())
    }

    fn now(&self) -> Duration {
        now()
    }
}

/// The time on the clock of the sleeper.
pub(crate) fn now() -> Duration {
    ORIGIN.elapsed()
}

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
