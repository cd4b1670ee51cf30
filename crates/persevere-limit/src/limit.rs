//! How a limit follows the response times of a server.

mod aimd;
mod gradient2;

pub use aimd::Aimd;
pub use gradient2::Gradient2;

use core::time::Duration;

/// How a limit of the concurrent calls follows the response times of a server. It reads no clock and makes no calls.
///
/// An `AdaptiveLimit` (feature `std`) calls it once for each window of time. Code with a loop of its own may call
/// it for each response.
///
/// ```
/// use persevere::limit::{Gradient2, Limit};
/// use std::time::Duration;
///
/// let mut limit = Gradient2::new();
/// let before = limit.limit();
/// for _ in 0..10 {
///     limit.update(Duration::from_millis(10), limit.limit(), false);
/// }
/// assert!(limit.limit() > before, "response times are as ever, and all places are in use");
/// ```
pub trait Limit {
    /// Returns the limit after a window of time with this mean response time and this greatest number of concurrent
    /// calls. `dropped` means that a call of the window timed out, or that the server requested a pause.
    fn update(&mut self, rtt: Duration, in_flight: u32, dropped: bool) -> u32;

    /// Returns the limit. An `AdaptiveLimit` takes 0 for 1.
    fn limit(&self) -> u32;
}

/// Whether `lowest..=highest` are bounds of a limit.
const fn are_bounds(lowest: u32, highest: u32) -> bool {
    1 <= lowest && lowest <= highest && highest <= 1_000_000
}
