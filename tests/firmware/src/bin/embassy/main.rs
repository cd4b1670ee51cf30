//! Runs on an executor of embassy: its sleeper, and drivers. The exit code is 0 if every check holds, and 1 if one does not.

#![no_std]
#![no_main]
#![forbid(unsafe_code)]

mod asleep;
mod ticks;

use core::panic::PanicInfo;
use core::time::Duration;
use cortex_m_rt::entry;
use cortex_m_semihosting::{debug, hprintln};
use embassy_executor::{Executor, Spawner};
use embassy_time::Delay;
use persevere::Sleeper;
use persevere_embassy::EmbassySleeper;
use persevere_examples_drivers::checks::{Board, Claim, thermometer};
use static_cell::StaticCell;

/// The board that the drivers run on: embassy's delay and clock.
const BOARD: Board<Delay> = Board {
    delay: Delay,
    now: || -> Duration { EmbassySleeper.now() },
};

#[entry]
fn main() -> ! {
    static EXECUTOR: StaticCell<Executor> = StaticCell::new();
    ticks::start();
    EXECUTOR.init(Executor::new()).run(|spawner| match checks(spawner) {
        Ok(token) => spawner.spawn(token),
        Err(_) => exit(false),
    })
}

#[embassy_executor::task]
async fn checks(spawner: Spawner) {
    let mut failed = 0;
    let mut report = |name: &str, outcome: Claim| match outcome {
        Ok(()) => hprintln!("ok {name}"),
        Err(claim) => {
            hprintln!("FAILED {name}: {claim}");
            failed += 1;
        }
    };
    report("waits of embassy are never short", asleep::waits().await);
    report("the longest wait does not panic", asleep::longest().await);
    report("a run retries, times out and ends", asleep::runs().await);
    report("runs of two tasks wait at once", asleep::tasks(spawner).await);
    report("a breaker closes by the clock of embassy", asleep::breaker().await);
    report("a run waits by a delay that is lent to it", asleep::delayed().await);
    report("a thermometer is read and set", thermometer(EmbassySleeper).await);
    report("a hygrometer recovers its bus", BOARD.hygrometer());
    report("a modem keeps its deadline across a wrap", BOARD.modem());
    report("storage feeds the watchdog", BOARD.storage());
    exit(failed == 0)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{info}");
    exit(false)
}

fn exit(well: bool) -> ! {
    loop {
        debug::exit(if well { debug::EXIT_SUCCESS } else { debug::EXIT_FAILURE });
    }
}
