//! Flash that is written again until it holds what was written, and a watchdog that is fed meanwhile.

use core::time::Duration;
use embedded_hal::delay::DelayNs;
use persevere::backoff::Fixed;
use persevere::{DelaySleeper, Policy, RetryError};

/// The bytes of a page.
pub const PAGE: usize = 32;

static WRITE: Policy<Fixed> = Policy::fixed(Duration::from_millis(25)).max_attempts(5);

/// Flash with pages.
pub trait Flash {
    /// Erases a page and writes it.
    ///
    /// # Errors
    ///
    /// [`StorageError::Busy`] if the flash is erasing another page.
    fn program(&mut self, page: usize, bytes: &[u8; PAGE]) -> Result<(), StorageError>;

    /// Reads a page.
    fn read(&self, page: usize) -> [u8; PAGE];
}

/// Why a page was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageError {
    /// The flash is erasing another page.
    Busy,
    /// The page does not hold what was written.
    Worn,
}

/// A timer that resets the device unless it is fed.
pub trait Watchdog {
    /// Starts the timer again.
    fn feed(&self);
}

/// A delay that feeds a watchdog: waits in pieces, and feeds before each.
#[derive(Debug, Clone)]
pub struct Feeding<D, W> {
    delay: D,
    watchdog: W,
    /// The longest time between two feeds, in nanoseconds.
    piece: u32,
}

impl<D: DelayNs, W: Watchdog> Feeding<D, W> {
    /// Feeds at least once in each `piece` of a wait. The piece is at most 4 s.
    pub fn new(delay: D, watchdog: W, piece: Duration) -> Self {
        let piece = u32::try_from(piece.as_nanos()).unwrap_or(u32::MAX).max(1);
        Feeding { delay, watchdog, piece }
    }
}

impl<D: DelayNs, W: Watchdog> DelayNs for Feeding<D, W> {
    fn delay_ns(&mut self, mut ns: u32) {
        loop {
            self.watchdog.feed();
            let piece = ns.min(self.piece);
            self.delay.delay_ns(piece);
            ns -= piece;
            if ns == 0 {
                break;
            }
        }
    }
}

/// Pages of flash that are verified.
#[derive(Debug)]
pub struct Storage<F, D> {
    flash: F,
    sleeper: DelaySleeper<D>,
}

impl<F: Flash, D: DelayNs> Storage<F, D> {
    /// Storage on this flash. If the device has a watchdog, `delay` is a [`Feeding`] one.
    pub fn new(flash: F, delay: D) -> Self {
        let sleeper = DelaySleeper::new(delay);
        Storage { flash, sleeper }
    }

    /// Writes a page, and verifies it.
    ///
    /// # Errors
    ///
    /// If the page is worn, or the flash stays busy. The attempts are limited, so the caller decides what comes then: a
    /// task with a watchdog never retries for ever.
    pub fn write(&mut self, page: usize, bytes: &[u8; PAGE]) -> Result<(), RetryError<StorageError>> {
        let Storage { flash, sleeper } = self;
        WRITE.on(&*sleeper).run_blocking(|| {
            flash.program(page, bytes)?;
            if flash.read(page) == *bytes {
                Ok(())
            } else {
                Err(StorageError::Worn)
            }
        })
    }
}
