//! Embassy's time from SysTick: a driver of a thousand ticks per second.

use core::cell::RefCell;
use core::task::Waker;
use cortex_m::Peripherals;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use critical_section::Mutex;
use embassy_time_driver::{Driver, time_driver_impl};
use embassy_time_queue_utils::Queue;
use portable_atomic::{AtomicU32, Ordering};

/// The processor's cycles in a tick. At 12 MHz that is a millisecond; here it counts as one on every board.
const CYCLES: u32 = 12_000;

/// Ticks so far: enough for 49 days. Nobody but the interrupt writes it.
static TICKS: AtomicU32 = AtomicU32::new(0);

struct Ticks {
    queue: Mutex<RefCell<Queue>>,
}

time_driver_impl!(static DRIVER: Ticks = Ticks { queue: Mutex::new(RefCell::new(Queue::new())) });

impl Driver for Ticks {
    fn now(&self) -> u64 {
        TICKS.load(Ordering::Relaxed).into()
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        // The next tick reads the queue, so there is no alarm to set.
        critical_section::with(|section| self.queue.borrow_ref_mut(section).schedule_wake(at, waker));
    }
}

/// Starts SysTick. Nothing happens if it has been started before.
pub(crate) fn start() {
    if let Some(Peripherals { mut SYST, .. }) = Peripherals::take() {
        SYST.set_clock_source(SystClkSource::Core);
        SYST.set_reload(CYCLES - 1);
        SYST.clear_current();
        SYST.enable_interrupt();
        SYST.enable_counter();
    }
}

#[exception]
fn SysTick() {
    TICKS.store(TICKS.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    critical_section::with(|section| {
        // Wakes what is due.
        let _next = DRIVER.queue.borrow_ref_mut(section).next_expiration(DRIVER.now());
    });
}
