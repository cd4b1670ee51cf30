//! The same policy, in an async run that the program polls.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::cell::Cell;
use core::future::{Future, ready};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use cortex_m_rt::entry;
use embedded_hal::delay::DelayNs;
use persevere::{Policy, sleeper};
use persevere_firmware::{Delay, ONE, exit, read};

#[entry]
fn main() -> ! {
    let clock = Cell::new(Duration::ZERO);
    let sleep = |delay: Duration| {
        Delay.delay_us(delay.as_micros() as u32);
        clock.set(clock.get() + delay);
        ready(())
    };
    let mut run = pin!(
        Policy::inlined(|| &ONE)
            .on(sleeper::from_fn(sleep, || clock.get()))
            .run(|| ready(read()))
    );
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(outcome) = run.as_mut().poll(&mut context) {
            exit(outcome.ok());
        }
    }
}
