//! The same by one policy by reference, in async runs that the program polls.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::future::{Future, ready};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use cortex_m_rt::entry;
use persevere::sleeper;
use persevere_firmware::{Site, TEN, exit, read_ten, sensor, ticks, wait};

struct Async;

impl Site for Async {
    fn read<const N: u32>() -> Option<u32> {
        let sleep = |delay| {
            wait(delay);
            ready(())
        };
        let sleeper = sleeper::from_fn(sleep, || Duration::from_micros(ticks().into()));
        let mut run = pin!(TEN.on(sleeper).run(|| ready(sensor::<N>())));
        let mut context = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(outcome) = run.as_mut().poll(&mut context) {
                return outcome.ok();
            }
        }
    }
}

#[entry]
fn main() -> ! {
    exit(read_ten::<Async>())
}
