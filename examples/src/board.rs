//! A simulated board: a delay routine and a sensor on an I²C bus, on one clock that only delays advance.

use core::cell::Cell;
use core::time::Duration;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};

/// The duration of a measurement.
const MEASUREMENT: Duration = Duration::from_millis(12);

/// The measured value: 21.5 degrees.
const ANSWER: [u8; 2] = 2150_u16.to_be_bytes();

/// A board with one sensor.
#[derive(Debug, Default)]
pub struct Board {
    clock: Cell<Duration>,
    loose: Cell<bool>,
}

impl Board {
    /// Returns the delay routine.
    #[must_use]
    pub fn delay(&self) -> Delay<'_> {
        Delay(self)
    }

    /// Returns the bus.
    #[must_use]
    pub fn bus(&self) -> Bus<'_> {
        Bus {
            board: self,
            measured_at: None,
        }
    }

    /// Breaks the bus, so that every later transaction fails.
    pub fn loosen_wire(&self) {
        self.loose.set(true);
    }
}

/// A delay routine that advances the board's clock.
#[derive(Debug)]
pub struct Delay<'b>(&'b Board);

impl DelayNs for Delay<'_> {
    fn delay_ns(&mut self, nanoseconds: u32) {
        let now = self.0.clock.get();
        self.0.clock.set(now + Duration::from_nanos(nanoseconds.into()));
    }
}

/// A bus with one sensor: a write starts a measurement, and reads are acknowledged once it is done.
#[derive(Debug)]
pub struct Bus<'b> {
    board: &'b Board,
    measured_at: Option<Duration>,
}

impl ErrorType for Bus<'_> {
    type Error = ErrorKind;
}

impl I2c for Bus<'_> {
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        if self.board.loose.get() {
            return Err(ErrorKind::Bus);
        }
        let now = self.board.clock.get();
        for operation in operations {
            match operation {
                Operation::Write(_) => self.measured_at = Some(now + MEASUREMENT),
                Operation::Read(answer) if self.measured_at.is_some_and(|at| at <= now) => {
                    for (byte, measured) in answer.iter_mut().zip(ANSWER) {
                        *byte = measured;
                    }
                }
                Operation::Read(_) => return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address)),
            }
        }
        Ok(())
    }
}
