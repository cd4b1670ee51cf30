//! On a device: a sensor on an I²C bus that acknowledges no read before its measurement is done.
//!
//! `measure` is the part for the firmware: it needs neither std nor an allocator and runs on any `embedded-hal`
//! board. The board here is simulated, so delays take no time.

use core::time::Duration;
use embedded_hal::delay::DelayNs;
use embedded_hal::i2c::{Error, ErrorKind, I2c};
use persevere::backoff::Fixed;
use persevere::{DelaySleeper, Policy, RetryError, Sleeper, StopReason};
use persevere_examples::board::Board;

const SENSOR: u8 = 0x44;
const MEASURE: u8 = 0xFD;

static MEASUREMENT: Policy<Fixed> = Policy::fixed(Duration::from_millis(5)).max_attempts(8);

/// Returns the temperature in hundredths of a degree.
fn measure<B: I2c, D: DelayNs>(bus: &mut B, sleeper: &DelaySleeper<D>) -> Result<u16, RetryError<B::Error>> {
    let mut started = false;
    MEASUREMENT
        .retry_if(|error: &B::Error| matches!(error.kind(), ErrorKind::NoAcknowledge(_)))
        .on(sleeper)
        .run_blocking(|| {
            if !started {
                bus.write(SENSOR, &[MEASURE])?;
                started = true;
            }
            let mut answer = [0; 2];
            bus.read(SENSOR, &mut answer)?;
            Ok(u16::from_be_bytes(answer))
        })
}

fn main() {
    let board = Board::default();
    let sleeper = DelaySleeper::new(board.delay());
    let mut bus = board.bus();

    let temperature = measure(&mut bus, &sleeper);
    println!("{temperature:?} after {:?}", sleeper.now());
    assert_eq!(temperature, Ok(2150));
    assert_eq!(sleeper.now(), Duration::from_millis(15), "read at 0, 5, 10 and 15 ms");

    board.loosen_wire();
    let error = measure(&mut bus, &sleeper).unwrap_err();
    println!("{error:#}");
    assert_eq!(
        (error.reason(), error.attempts()),
        (StopReason::Permanent, 1),
        "a broken wire is not retryable"
    );
    assert_eq!(sleeper.now(), Duration::from_millis(15));
}
