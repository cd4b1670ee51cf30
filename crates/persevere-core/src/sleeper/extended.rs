//! A sleeper whose clock is a 32-bit counter that wraps, as devices have it.

use super::{Clock, Sleeper, Slept};
use core::cell::Cell;
use core::fmt;
use core::num::NonZeroU32;
use core::time::Duration;

/// A blocking sleeper from a closure that waits and a closure that reads a 32-bit counter of `hz` ticks per second, which
/// wraps.
///
/// The clock goes on across wraps as long as it is read at least once per period of the counter. This is every 71
/// minutes at 1 MHz, and every 36 hours at 32,768 Hz. Each run with a limit of time or a breaker reads it; otherwise
/// read it by a timer.
///
/// ```
/// use persevere::{Sleeper, sleeper::extended};
/// use std::{cell::Cell, num::NonZeroU32, time::Duration};
///
/// const HZ: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();
///
/// let ticks = Cell::new(u32::MAX - 1_000_000);
/// let sleeper = extended(|delay| ticks.set(ticks.get().wrapping_add(delay.as_micros() as u32)), || ticks.get(), HZ);
/// let start = sleeper.now();
/// sleeper.sleep(Duration::from_secs(2));
/// assert_eq!(sleeper.now() - start, Duration::from_secs(2), "across the wrap");
/// ```
pub const fn extended<W, N>(sleep: W, ticks: N, hz: NonZeroU32) -> Extended<W, N>
where
    W: Fn(Duration),
    N: Fn() -> u32,
{
    Extended {
        sleep,
        ticks,
        hz,
        total: Cell::new(0),
    }
}

/// A sleeper whose clock is a counter that wraps; made by [`extended`].
#[must_use = "a sleeper does nothing until a policy runs on it"]
pub struct Extended<W, N> {
    sleep: W,
    ticks: N,
    hz: NonZeroU32,
    /// The ticks up to the last reading. Its low half is the counter then.
    total: Cell<u64>,
}

impl<W: Fn(Duration), N: Fn() -> u32> Sleeper for Extended<W, N> {
    type Sleep = Slept;

    fn sleep(&self, delay: Duration) -> Slept {
        (self.sleep)(delay);
        Slept
    }

    fn now(&self) -> Duration {
        let last = self.total.get();
        let passed = (self.ticks)().wrapping_sub(last as u32);
        let total = last.saturating_add(u64::from(passed));
        self.total.set(total);
        let hz = u64::from(self.hz.get());
        // The remainder is below 2^32, so that its nanoseconds fit 64 bits.
        Duration::new(total / hz, (total % hz * 1_000_000_000 / hz) as u32)
    }
}

impl<W: Fn(Duration), N: Fn() -> u32> Clock for Extended<W, N> {}

impl<W, N> fmt::Debug for Extended<W, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Extended").field("hz", &self.hz).finish_non_exhaustive()
    }
}
