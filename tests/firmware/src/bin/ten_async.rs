//! The same by one policy which is referred to, in async runs that are polled by hand.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

use core::future::{Future, ready};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use cortex_m_rt::entry;
use persevere::backoff::Exponential;
use persevere::{Policy, sleeper};
use persevere_firmware::{exit, sensor, ticks, wait};

static POLICY: Policy<Exponential> = Policy::exponential(Duration::from_micros(10))
    .max_delay(Duration::from_micros(50))
    .max_elapsed(Duration::from_millis(1))
    .max_attempts(6);

fn site<const N: u32>() -> Option<u32> {
    let sleep = |delay| {
        wait(delay);
        ready(())
    };
    let sleeper = sleeper::from_fn(sleep, || Duration::from_micros(ticks().into()));
    let mut run = pin!(POLICY.on(sleeper).run(|| ready(sensor::<N>())));
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(outcome) = run.as_mut().poll(&mut context) {
            return outcome.ok();
        }
    }
}

#[entry]
fn main() -> ! {
    let values = [
        site::<0>(),
        site::<1>(),
        site::<2>(),
        site::<3>(),
        site::<4>(),
        site::<5>(),
        site::<6>(),
        site::<7>(),
        site::<8>(),
        site::<9>(),
    ];
    exit(values.into_iter().reduce(|sum, value| Some(sum? ^ value?)).flatten())
}
