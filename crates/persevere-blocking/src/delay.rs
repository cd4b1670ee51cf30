//! The sleeper for devices with a delay routine.

use core::cell::{Cell, RefCell};
use core::time::Duration;
use embedded_hal::delay::DelayNs;
use persevere_core::{Sleeper, Slept};

/// Waits by any [`DelayNs`]; its time is the total that it has waited: without std, without an allocator, without a
/// clock.
///
/// The time that attempts take does not move such a clock, so a limit of time counts waits alone. A circuit breaker
/// does not compile on it. A device that has a timer makes its sleeper by
/// [`extended`](persevere_core::sleeper::extended) or [`blocking_from_fn`](persevere_core::sleeper::blocking_from_fn).
///
/// A reference is a [`DelayNs`] itself, so that the rest of a driver shares the delay routine.
///
/// ```
/// use persevere::{DelaySleeper, Policy, Sleeper};
/// use std::time::Duration;
/// # struct Delay;
/// # impl embedded_hal::delay::DelayNs for Delay { fn delay_ns(&mut self, _: u32) {} }
/// # struct Sensor(u32);
/// # impl Sensor { fn read(&mut self) -> Result<u32, &'static str> { self.0 += 1; if self.0 < 3 { Err("busy") } else { Ok(21) } } }
/// # let (delay, mut sensor) = (Delay, Sensor(0));
///
/// let sleeper = DelaySleeper::new(delay);
/// let policy = Policy::fixed(Duration::from_micros(50));
/// let degrees = policy.on(&sleeper).run_blocking(|| sensor.read());
/// assert_eq!(degrees.unwrap(), 21);
/// assert_eq!(sleeper.now(), Duration::from_micros(100));
/// ```
#[derive(Debug)]
#[must_use = "a sleeper does nothing until a policy runs on it"]
pub struct DelaySleeper<D> {
    delay: RefCell<D>,
    slept: Cell<Duration>,
}

impl<D: DelayNs> DelaySleeper<D> {
    /// Creates a sleeper over `delay`.
    pub const fn new(delay: D) -> DelaySleeper<D> {
        DelaySleeper {
            delay: RefCell::new(delay),
            slept: Cell::new(Duration::ZERO),
        }
    }

    /// Waits at least `delay`, for a loop of your own.
    pub fn wait(&self, delay: Duration) {
        self.sleep(delay);
    }

    /// Returns the delay routine.
    pub fn into_inner(self) -> D {
        self.delay.into_inner()
    }
}

impl<D: DelayNs> Sleeper for DelaySleeper<D> {
    type Sleep = Slept;

    fn sleep(&self, delay: Duration) -> Slept {
        let mut routine = self.delay.borrow_mut();
        // Waits whole milliseconds in as few calls as `u32` allows, then the rest in nanoseconds.
        let mut milliseconds = delay
            .as_secs()
            .saturating_mul(1_000)
            .saturating_add(delay.subsec_millis().into());
        while milliseconds > 0 {
            let part = u32::try_from(milliseconds).unwrap_or(u32::MAX);
            routine.delay_ms(part);
            milliseconds -= u64::from(part);
        }
        let rest = delay.subsec_nanos() % 1_000_000;
        if rest > 0 {
            routine.delay_ns(rest);
        }
        self.slept.set(self.slept.get().saturating_add(delay));
        Slept
    }

    fn now(&self) -> Duration {
        self.slept.get()
    }
}

impl<D: DelayNs> DelayNs for &DelaySleeper<D> {
    fn delay_ns(&mut self, ns: u32) {
        self.wait(Duration::from_nanos(u64::from(ns)));
    }

    fn delay_us(&mut self, us: u32) {
        self.wait(Duration::from_micros(u64::from(us)));
    }

    fn delay_ms(&mut self, ms: u32) {
        self.wait(Duration::from_millis(u64::from(ms)));
    }
}
