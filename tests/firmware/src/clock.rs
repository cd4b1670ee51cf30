//! Time from SysTick, and the two ways to wait for it.

use crate::interrupted;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use cortex_m::Peripherals;
use cortex_m::peripheral::SYST;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use embedded_hal::delay::DelayNs;
use portable_atomic::{AtomicU32, Ordering};

/// The processor's cycles in a tick. At 12 MHz that is a millisecond; here it counts as one on every board.
const CYCLES: u32 = 12_000;

/// The nanoseconds of a tick.
const TICK: u64 = 1_000_000;

/// Ticks so far. Nobody but the interrupt writes it.
static TICKS: AtomicU32 = AtomicU32::new(0);

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
    TICKS.store(ticks() + 1, Ordering::Relaxed);
    interrupted::tick(now());
}

/// The ticks so far.
pub(crate) fn ticks() -> u32 {
    TICKS.load(Ordering::Relaxed)
}

/// The time since the start, to the cycle.
pub(crate) fn now() -> Duration {
    loop {
        let before = ticks();
        // The counter counts down and ticks at 0. While it is 0, the tick may not have been counted yet.
        let left = SYST::get_current();
        // Read again if a tick came in between.
        if left > 0 && ticks() == before {
            let nanos = u64::from(before) * TICK + u64::from(CYCLES - left) * TICK / u64::from(CYCLES);
            return Duration::from_nanos(nanos);
        }
    }
}

/// The device's delay routine: reads the counter until the time has come.
pub(crate) struct Delay;

impl DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) {
        let end = now() + Duration::from_nanos(ns.into());
        while now() < end {}
    }
}

/// Waits with the processor asleep.
pub(crate) fn wait(delay: Duration) {
    poll_to_end(sleep(delay));
}

/// Waits for the next tick, so that no tick falls into the code between here and its first wait.
pub(crate) fn wait_for_tick() {
    let before = ticks();
    while ticks() == before {
        cortex_m::asm::wfi();
    }
}

/// The wait of an async sleeper.
pub(crate) fn sleep(delay: Duration) -> Sleep {
    Sleep { end: now() + delay }
}

/// Ready when the time has come. It wakes nobody, since whoever polls it is woken by each tick.
pub(crate) struct Sleep {
    end: Duration,
}

impl Future for Sleep {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if now() < self.end {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }
}

/// Polls to the end, with the processor asleep until the next tick after each poll. Returns the output and the number of polls.
pub(crate) fn poll_to_end<F: Future>(future: F) -> (F::Output, u32) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 0;
    loop {
        polls += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, polls);
        }
        cortex_m::asm::wfi();
    }
}
