//! Simulated devices with faults.

use crate::hygrometer::Recover;
use crate::modem::Line;
use crate::storage::{Flash, PAGE, StorageError, Watchdog};
use core::cell::Cell;
use core::time::Duration;
use embedded_hal::i2c::{ErrorKind, ErrorType, I2c, NoAcknowledgeSource, Operation};

/// The clock of a board: the time since its start.
pub type Now = fn() -> Duration;

/// The answer of each sensor: 21.5, in hundredths.
pub const ANSWER: u16 = 2150;

/// A bus whose device holds the data line until the bus is recovered, and then acknowledges nothing for a while.
#[derive(Debug)]
pub struct HangingBus {
    is_recovered: bool,
    unacknowledged: u32,
    /// How many recoveries there were.
    pub recoveries: u32,
}

impl ErrorType for HangingBus {
    type Error = ErrorKind;
}

impl HangingBus {
    /// A bus that hangs. After its recovery it does not acknowledge the given number of transactions.
    #[must_use]
    pub const fn new(unacknowledged: u32) -> HangingBus {
        HangingBus {
            is_recovered: false,
            unacknowledged,
            recoveries: 0,
        }
    }
}

impl Recover for HangingBus {
    fn recover(&mut self) {
        self.is_recovered = true;
        self.recoveries += 1;
    }
}

impl I2c for HangingBus {
    fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        if !self.is_recovered {
            return Err(ErrorKind::Bus);
        }
        if self.unacknowledged > 0 {
            self.unacknowledged -= 1;
            return Err(ErrorKind::NoAcknowledge(NoAcknowledgeSource::Address));
        }
        answer(operations);
        Ok(())
    }
}

/// Answers every reading with [`ANSWER`].
fn answer(operations: &mut [Operation<'_>]) {
    for operation in operations {
        if let Operation::Read(bytes) = operation {
            bytes.copy_from_slice(&ANSWER.to_be_bytes());
        }
    }
}

/// An async bus whose first transactions fail, and whose third never ends.
#[derive(Debug, Default)]
pub struct FlakyBus {
    /// How many transactions there were.
    pub transactions: u32,
    /// The last bytes that were written.
    pub written: [u8; 3],
}

impl ErrorType for FlakyBus {
    type Error = ErrorKind;
}

impl embedded_hal_async::i2c::I2c for FlakyBus {
    async fn transaction(&mut self, _: u8, operations: &mut [Operation<'_>]) -> Result<(), ErrorKind> {
        self.transactions += 1;
        match self.transactions {
            1 | 2 | 5 => return Err(ErrorKind::ArbitrationLoss),
            3 => core::future::pending().await,
            _ => {}
        }
        for operation in operations.iter() {
            if let Operation::Write(bytes @ [_, _, _]) = operation {
                self.written.copy_from_slice(bytes);
            }
        }
        answer(operations);
        Ok(())
    }
}

/// A modem that is registered from a time on, and does not answer while it searches.
#[derive(Debug)]
pub struct SearchingModem {
    /// The clock of the board.
    pub now: Now,
    /// When it is registered; `None` if never.
    pub registered_at: Option<Duration>,
}

/// The error of a modem that does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoAnswer;

impl Line for SearchingModem {
    type Error = NoAnswer;

    fn command(&mut self, _: &str) -> Result<bool, NoAnswer> {
        match self.registered_at {
            Some(time) if (self.now)() >= time => Ok(true),
            Some(_) => Ok(false),
            None => Err(NoAnswer),
        }
    }
}

/// Flash whose first programs fail: one is busy, one loses a bit.
#[derive(Debug, Default)]
pub struct WornFlash {
    pages: [[u8; PAGE]; 2],
    programs: u32,
}

impl Flash for WornFlash {
    fn program(&mut self, page: usize, bytes: &[u8; PAGE]) -> Result<(), StorageError> {
        self.programs += 1;
        if self.programs == 1 {
            return Err(StorageError::Busy);
        }
        self.pages[page] = *bytes;
        // The second page is worn for good.
        if self.programs == 2 || page == 1 {
            self.pages[page][0] ^= 1;
        }
        Ok(())
    }

    fn read(&self, page: usize) -> [u8; PAGE] {
        self.pages[page]
    }
}

/// A watchdog that remembers the longest time between two feeds.
#[derive(Debug)]
pub struct Dog {
    now: Now,
    fed: Cell<Duration>,
    longest: Cell<Duration>,
}

impl Dog {
    /// A watchdog that was fed just now.
    pub fn new(now: Now) -> Dog {
        let fed = Cell::new(now());
        let longest = Cell::new(Duration::ZERO);
        Dog { now, fed, longest }
    }

    /// The longest time between two feeds.
    pub fn longest(&self) -> Duration {
        self.feed();
        self.longest.get()
    }

    fn feed(&self) {
        let now = (self.now)();
        let hungry = now.saturating_sub(self.fed.replace(now));
        self.longest.set(self.longest.get().max(hungry));
    }
}

impl Watchdog for &Dog {
    fn feed(&self) {
        (**self).feed();
    }
}
