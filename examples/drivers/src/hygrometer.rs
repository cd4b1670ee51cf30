//! A sensor on a bus that may hang.

use core::time::Duration;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{Error, ErrorKind, I2c};
use persevere::backoff::Fixed;
use persevere::{DelaySleeper, Policy, RetryError};

const ADDRESS: u8 = 0x40;
const MEASURE: u8 = 0xE5;

static MEASUREMENT: Policy<Fixed> = Policy::fixed(Duration::from_millis(2)).max_attempts(6);

/// A bus that can be brought back when a device holds its data line.
pub trait Recover {
    /// Sends nine pulses of the clock, after which a device lets go of the data line.
    fn recover(&mut self);
}

impl<B: Recover + ?Sized> Recover for &mut B {
    fn recover(&mut self) {
        (**self).recover();
    }
}

/// A humidity sensor on I²C.
#[derive(Debug)]
pub struct Hygrometer<B, D> {
    bus: B,
    sleeper: DelaySleeper<D>,
}

impl<B: I2c + Recover, D: DelayNs> Hygrometer<B, D> {
    /// A sensor on this bus, which waits by `delay`.
    pub fn new(bus: B, delay: D) -> Self {
        let sleeper = DelaySleeper::new(delay);
        Hygrometer { bus, sleeper }
    }

    /// Reads the humidity, in hundredths of a percent.
    ///
    /// # Errors
    ///
    /// If the sensor does not answer, or the bus cannot be brought back.
    pub fn read(&mut self) -> Result<u16, RetryError<B::Error>> {
        // Apart, so that the attempt borrows the bus and the run the sleeper.
        let Hygrometer { bus, sleeper } = self;
        let mut hangs = false;
        MEASUREMENT
            .retry_if(|error: &B::Error| matches!(error.kind(), ErrorKind::Bus | ErrorKind::NoAcknowledge(_)))
            .on(&*sleeper)
            .run_blocking(|| {
                // In the attempt and not in the wait, so that a failed recovery counts.
                if hangs {
                    bus.recover();
                }
                let mut answer = [0; 2];
                let outcome = bus.write_read(ADDRESS, &[MEASURE], &mut answer);
                hangs = outcome.as_ref().is_err_and(|error| error.kind() == ErrorKind::Bus);
                outcome.map(|()| u16::from_be_bytes(answer))
            })
    }
}
