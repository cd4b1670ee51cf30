//! Checks of the drivers on any board.

use crate::devices::{ANSWER, Dog, FlakyBus, HangingBus, NoAnswer, Now, SearchingModem, WornFlash};
use crate::storage::PAGE;
use crate::{Feeding, Hygrometer, Modem, Storage, StorageError, Thermometer};
use core::time::Duration;
use embedded_hal::delay::DelayNs;
use persevere::{AsyncSleeper, RetryError, StopReason};

/// The outcome of a check: an error names the claim that does not hold.
pub type Claim = Result<(), &'static str>;

fn claim(holds: bool, what: &'static str) -> Claim {
    if holds { Ok(()) } else { Err(what) }
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A board: a delay routine, and a clock that it moves.
#[derive(Debug, Clone, Copy)]
pub struct Board<D> {
    /// The delay routine.
    pub delay: D,
    /// The time since the start of the board.
    pub now: Now,
}

impl<D: DelayNs + Clone> Board<D> {
    /// The sensor is read after one recovery of its bus.
    ///
    /// # Errors
    ///
    /// The claim that does not hold.
    pub fn hygrometer(&self) -> Claim {
        let mut bus = HangingBus::new(2);
        let start = (self.now)();
        let value = Hygrometer::new(&mut bus, self.delay.clone()).read();
        claim(value == Ok(ANSWER), "the fourth attempt has the value")?;
        claim(bus.recoveries == 1, "the bus was recovered once, since it hung once")?;
        claim((self.now)() - start >= ms(6), "three waits of 2 ms")
    }

    /// A deadline holds across the wrap of the modem's counter.
    ///
    /// # Errors
    ///
    /// The claim that does not hold.
    pub fn modem(&self) -> Claim {
        let (commands, took) = self.register(Some(ms(60)), ms(2_000));
        claim(
            commands.is_ok_and(|commands| commands > 2),
            "it is registered after some commands",
        )?;
        claim(took < ms(200), "and soon, though the counter has wrapped")?;

        let (outcome, took) = self.register(None, ms(100));
        let failed = outcome.err().ok_or("a modem that is silent is not registered")?;
        claim(failed.reason() == StopReason::Elapsed, "the deadline ends the run")?;
        claim(failed.last_error() == Some(&NoAnswer), "with the last error")?;
        claim(
            took <= ms(110) && took >= ms(60),
            "on time, though the counter has wrapped",
        )
    }

    /// Registers a modem whose counter wraps 20 ms after the start. Returns the outcome, and the time until then.
    fn register(&self, after: Option<Duration>, limit: Duration) -> (Result<u32, RetryError<NoAnswer>>, Duration) {
        let (now, start) = (self.now, (self.now)());
        let micros = || ((now() - start).as_micros() as u32).wrapping_sub(20_000);
        let wait = |delay: Duration| self.delay.clone().delay_us(delay.as_micros() as u32 + 1);
        let registered_at = after.map(|after| start + after);
        let outcome = Modem::new(SearchingModem { now, registered_at }, wait, micros).register(limit);
        (outcome, now() - start)
    }

    /// A page is written at the third attempt, a worn page is given up, and the watchdog is never hungry.
    ///
    /// # Errors
    ///
    /// The claim that does not hold.
    pub fn storage(&self) -> Claim {
        let dog = Dog::new(self.now);
        let delay = Feeding::new(self.delay.clone(), &dog, ms(10));
        let mut storage = Storage::new(WornFlash::default(), delay);
        claim(storage.write(0, &[7; PAGE]) == Ok(()), "the third attempt holds")?;
        let failed = storage.write(1, &[7; PAGE]).err().ok_or("a worn page holds nothing")?;
        claim(
            failed.reason() == StopReason::Attempts && failed.attempts() == 5,
            "a worn page is given up",
        )?;
        claim(failed.last_error() == Some(&StorageError::Worn), "with its error")?;
        claim(dog.longest() < ms(15), "the watchdog was fed every 10 ms")?;
        claim(dog.longest() >= ms(10), "and waits were longer than that")
    }
}

/// An async driver is read past failures and an attempt that hangs, and set by `#[retry]`.
///
/// # Errors
///
/// The claim that does not hold.
pub async fn thermometer<S: AsyncSleeper + Clone>(sleeper: S) -> Claim {
    let mut bus = FlakyBus::default();
    let start = sleeper.now();
    let mut driver = Thermometer::new(&mut bus, sleeper.clone());
    claim(
        driver.read().await == Ok(ANSWER as i16),
        "the fourth attempt has the value",
    )?;
    claim(
        sleeper.now() - start >= ms(20),
        "the third attempt timed out after 20 ms",
    )?;
    claim(
        driver.set_limit(-500).await.is_ok(),
        "the second attempt sets the limit",
    )?;
    claim(bus.transactions == 6, "six transactions in all")?;
    claim(bus.written[1..] == (-500_i16).to_be_bytes(), "the limit was written")
}
