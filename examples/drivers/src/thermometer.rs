//! An async driver.

use core::time::Duration;
use embedded_hal_async::i2c::I2c;
use persevere::{AsyncSleeper, Policy, RetryError, retry};

const ADDRESS: u8 = 0x48;
const TEMPERATURE: u8 = 0x00;
const LIMIT: u8 = 0x03;

static SENSOR: Policy = Policy::exponential(Duration::from_millis(1))
    .max_delay(Duration::from_millis(8))
    .max_attempts(6)
    .attempt_timeout(Duration::from_millis(20));

/// A temperature sensor on an async I²C bus.
#[derive(Debug)]
pub struct Thermometer<B, S> {
    bus: B,
    sleeper: S,
}

impl<B: I2c, S: AsyncSleeper + Clone> Thermometer<B, S> {
    /// A sensor on this bus, such as with the sleeper of embassy.
    pub fn new(bus: B, sleeper: S) -> Self {
        Thermometer { bus, sleeper }
    }

    /// Reads the temperature, in hundredths of a degree. The attempt borrows the driver mutably, so it is `run_mut`.
    ///
    /// # Errors
    ///
    /// If no attempt succeeds.
    pub async fn read(&mut self) -> Result<i16, RetryError<B::Error>> {
        let Thermometer { bus, sleeper } = self;
        let attempt = async || {
            let mut answer = [0; 2];
            bus.write_read(ADDRESS, &[TEMPERATURE], &mut answer).await?;
            Ok(i16::from_be_bytes(answer))
        };
        SENSOR.on(&*sleeper).run_mut(attempt).await
    }

    /// Sets the temperature of the alarm, which may be done twice.
    ///
    /// # Errors
    ///
    /// The error of the last attempt.
    #[retry(policy = SENSOR.without_attempt_timeout(), sleeper = self.sleeper.clone())]
    pub async fn set_limit(&mut self, hundredths: i16) -> Result<(), B::Error> {
        let [high, low] = hundredths.to_be_bytes();
        self.bus.write(ADDRESS, &[LIMIT, high, low]).await
    }
}
