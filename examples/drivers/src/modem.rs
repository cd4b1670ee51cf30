//! A modem, and a deadline on a counter that wraps.

use core::num::NonZeroU32;
use core::time::Duration;
use persevere::{Policy, RetryError, Sleeper, Slept, sleeper};

/// The counter's rate: it wraps after 71 minutes.
const HZ: NonZeroU32 = NonZeroU32::new(1_000_000).unwrap();

static REGISTRATION: Policy = Policy::exponential(Duration::from_millis(4))
    .max_delay(Duration::from_millis(32))
    .unlimited_attempts();

/// A serial line to a modem.
pub trait Line {
    /// Why a command failed.
    type Error;

    /// Sends a command, and returns whether the modem is registered with a network.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    fn command(&mut self, command: &str) -> Result<bool, Self::Error>;
}

/// A modem whose only clock is a 32-bit counter of microseconds.
#[derive(Debug)]
pub struct Modem<L, S> {
    line: L,
    sleeper: S,
}

impl<L: Line, W: Fn(Duration), N: Fn() -> u32> Modem<L, sleeper::Extended<W, N>> {
    /// A modem on this line, which waits by `wait`. `micros` reads the counter.
    pub fn new(line: L, wait: W, micros: N) -> Self {
        let sleeper = sleeper::extended(wait, micros, HZ);
        Modem { line, sleeper }
    }
}

impl<L: Line, S: Sleeper<Sleep = Slept> + persevere::Clock> Modem<L, S> {
    /// Registers with a network, for as long as `limit` allows. Returns the number of commands.
    ///
    /// # Errors
    ///
    /// If the modem is not registered by then.
    pub fn register(&mut self, limit: Duration) -> Result<u32, RetryError<L::Error>> {
        let Modem { line, sleeper } = self;
        let mut commands = 0;
        REGISTRATION
            .classify_outcome_with(|outcome: &Result<bool, L::Error>| match outcome {
                Ok(true) => persevere::Verdict::Accept,
                Ok(false) | Err(_) => persevere::Verdict::Retry,
            })
            .on(&*sleeper)
            .timeout(limit)
            .run_blocking(|| {
                commands += 1;
                line.command("AT+CREG?")
            })?;
        Ok(commands)
    }

    /// The time on the modem's clock, which goes on across wraps.
    pub fn now(&self) -> Duration {
        self.sleeper.now()
    }
}
