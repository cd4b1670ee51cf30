//! The drivers on a board whose clock only delays move.

#![allow(missing_docs)]

use embedded_hal::delay::DelayNs;
use persevere::sleeper;
use persevere_examples_drivers::checks::{Board, thermometer};
use std::cell::Cell;
use std::task::Poll;
use std::time::Duration;

thread_local! {
    static CLOCK: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

fn now() -> Duration {
    CLOCK.get()
}

#[derive(Debug, Clone)]
struct Delay;

impl DelayNs for Delay {
    fn delay_ns(&mut self, ns: u32) {
        CLOCK.set(now() + Duration::from_nanos(ns.into()));
    }
}

const BOARD: Board<Delay> = Board { delay: Delay, now };

#[test]
fn hygrometer_recovers_its_bus() {
    BOARD.hygrometer().unwrap();
}

#[test]
fn deadline_of_modem_holds_across_wrap() {
    BOARD.modem().unwrap();
}

#[test]
fn storage_feeds_the_watchdog() {
    BOARD.storage().unwrap();
}

/// Each poll of a sleep moves the clock by a millisecond.
#[test]
fn thermometer_is_read_and_set() {
    let sleep = |delay: Duration| {
        let end = now() + delay;
        std::future::poll_fn(move |context| {
            if now() >= end {
                return Poll::Ready(());
            }
            CLOCK.set(now() + Duration::from_millis(1));
            context.waker().wake_by_ref();
            Poll::Pending
        })
    };
    pollster::block_on(thermometer(sleeper::from_fn(sleep, now))).unwrap();
}
