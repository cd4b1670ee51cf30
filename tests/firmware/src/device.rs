//! Checks on a device: the same policy, breaker and budget, with true waits and a true clock.

use crate::clock::{Delay, now, poll_to_end, sleep, ticks, wait, wait_for_tick};
use crate::interrupted;
use core::cell::Cell;
use core::future::{pending, ready};
use core::time::Duration;
use persevere::{DelaySleeper, Policy, Sleeper, Step, StopReason, sleeper};
use persevere_bare::{Check, Claim, MS, SensorError, TRANSIENT, busy, claim};
use persevere_breaker::{CircuitBreaker, State};
use persevere_budget::{Account, Class, WindowedRatio};

/// The checks by name, in order.
pub(crate) const CHECKS: &[Check] = &[
    ("a blocking run waits on the device's delay", blocking),
    ("an async run sleeps from tick to tick", polled),
    ("blocking and async runs wait alike", parity),
    ("a limit of time holds by the device's clock", limits),
    ("an attempt times out by the device's clock", times_out),
    ("the machine is stepped by the device's clock", own_loop),
    ("a breaker opens and closes by the device's clock", breaker),
    ("a budget refills by the device's clock", budget),
    ("an interrupt shares breaker and budget", interrupted::shared),
];

/// A wait is late by less: a tick, after which a future is polled again, and the computing around it.
const LATE: Duration = Duration::from_micros(1100);

/// An operation that notes when it is called, and is busy three times.
fn noted(times: &[Cell<Duration>; 4]) -> impl FnMut() -> Result<u32, SensorError> {
    let mut read = busy(3);
    let mut left = times.iter();
    move || {
        if let Some(time) = left.next() {
            time.set(now());
        }
        read()
    }
}

/// The waits between the calls.
fn waits(times: &[Cell<Duration>; 4]) -> [Duration; 3] {
    core::array::from_fn(|index| times[index + 1].get() - times[index].get())
}

/// Whether the waits took 1, 2 and 4 ms, each late by less than `late`.
fn are(waits: [Duration; 3], late: Duration) -> bool {
    waits
        .iter()
        .zip([MS, 2 * MS, 4 * MS])
        .all(|(wait, delay)| (delay..delay + late).contains(wait))
}

fn blocking() -> Claim {
    let times = Default::default();
    let value = TRANSIENT.on(DelaySleeper::new(Delay)).run_blocking(noted(&times));
    claim(value == Ok(4), "the fourth attempt succeeds")?;
    // On the slower of the processors a failure and the delay after it take 0.2 ms of computing, and so may a tick.
    claim(are(waits(&times), MS / 2), "it waited 1, 2 and 4 ms, and hardly longer")
}

fn polled() -> Claim {
    let times = Default::default();
    let mut read = noted(&times);
    wait_for_tick();
    let before = ticks();
    let (value, polls) = poll_to_end(TRANSIENT.on(sleeper::from_fn(sleep, now)).run_mut(async || read()));
    claim(value == Ok(4), "the fourth attempt succeeds")?;
    claim(
        are(waits(&times), LATE),
        "it waited 1, 2 and 4 ms, each to the next tick",
    )?;
    claim(polls == ticks() - before + 1, "it was polled once for each tick")
}

fn parity() -> Claim {
    let (one, other) = (Default::default(), Default::default());
    let blocking = sleeper::blocking_from_fn(wait, now);
    wait_for_tick();
    let value = TRANSIENT.on(blocking).run_blocking(noted(&one));
    let mut read = noted(&other);
    let run = TRANSIENT.on(sleeper::from_fn(sleep, now)).run(|| ready(read()));
    claim(poll_to_end(run).0 == value, "the same outcome")?;
    claim(are(waits(&one), LATE) && are(waits(&other), LATE), "the same waits")
}

fn limits() -> Claim {
    let sleeper = sleeper::blocking_from_fn(wait, now);
    let policy = TRANSIENT.max_attempts(u32::MAX).max_delay(2 * MS).max_elapsed(10 * MS);
    let failed = policy.on(sleeper).run_blocking(busy(u32::MAX));
    let failed = failed.err().ok_or("it never succeeds")?;
    claim(failed.reason() == StopReason::Elapsed, "the limit of time ends the run")?;
    let elapsed = failed.elapsed().ok_or("there is a clock")?;
    claim(
        (failed.waited()..10 * MS + LATE).contains(&elapsed),
        "no wait was to end past the limit, or ended early",
    )?;
    claim(
        (4..=6).contains(&failed.attempts()),
        "late waits leave time for fewer attempts",
    )
}

fn times_out() -> Claim {
    wait_for_tick();
    let start = now();
    let policy = Policy::fixed(MS).max_attempts(2).attempt_timeout(3 * MS);
    let run = policy
        .on(sleeper::from_fn(sleep, now))
        .run(pending::<Result<(), SensorError>>);
    let failed = poll_to_end(run)
        .0
        .err()
        .ok_or("an attempt that hangs does not succeed")?;
    claim(
        (failed.reason(), failed.attempts()) == (StopReason::AttemptTimedOut, 2),
        "each attempt timed out",
    )?;
    let took = now() - start;
    claim(
        (7 * MS..7 * MS + 3 * LATE).contains(&took),
        "after 3 ms, with 1 ms between",
    )
}

fn own_loop() -> Claim {
    let start = now();
    let mut read = busy(2);
    let policy = TRANSIENT.max_elapsed(20 * MS);
    let mut retry = policy.start(start);
    let value = loop {
        match read() {
            Ok(value) => break value,
            Err(error) => match retry.failed(&error, now()) {
                Step::Wait(delay) => wait(delay),
                Step::Stop(_) => return Err("there are attempts and there is time"),
            },
        }
    };
    claim(value == 3 && now() - start >= 3 * MS, "it waited 1 and 2 ms")
}

fn breaker() -> Claim {
    let breaker = CircuitBreaker::consecutive_failures(2).open_for(5 * MS).build();
    for _ in 0..2 {
        let permit = breaker
            .try_acquire(now())
            .map_err(|_| "a closed breaker admits calls")?;
        permit.failed(now());
    }
    let opened = now();
    let mut rejected = 0;
    let permit = loop {
        match breaker.try_acquire(now()) {
            Ok(permit) => break permit,
            Err(rejection) => {
                rejected += 1;
                wait(rejection.retry_after().ok_or("nobody holds it open")?);
            }
        }
    };
    let open = now() - opened;
    claim(
        permit.is_probe() && rejected == 1,
        "a rejection has the time until the probe",
    )?;
    claim((5 * MS - LATE..5 * MS + LATE).contains(&open), "it was open for 5 ms")?;
    permit.succeeded(now());
    claim(breaker.state(now()) == State::Closed, "the probe has closed it")
}

fn budget() -> Claim {
    static BUDGET: WindowedRatio = WindowedRatio::new()
        .ratio(0.1)
        .reserve(2)
        .window(Duration::from_secs(1));
    let sleeper = DelaySleeper::new(Delay);
    let mut account = Account::open(&BUDGET);
    let mut retries = 0;
    account.attempt(now());
    while account.withdraw(Class::Transient, now()).is_ok() {
        let _done = sleeper.sleep(MS);
        account.attempt(now());
        retries += 1;
    }
    claim(retries == 2, "the reserve and no more")?;
    wait(Duration::from_secs(1));
    claim(
        account.withdraw(Class::Transient, now()).is_ok(),
        "and again when the window is over",
    )
}
