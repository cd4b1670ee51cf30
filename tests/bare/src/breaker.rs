//! Circuit breakers on their own and around runs.

use crate::sensor::{Delay, SensorError, busy};
use crate::{Claim, MS, TRANSIENT, claim};
use core::cell::Cell;
use core::time::Duration;
use persevere_blocking::DelaySleeper;
use persevere_breaker::{BreakerError, CircuitBreaker, LastCalls, State, TimeSlices, Transition};
use persevere_core::Sleeper;

/// Permits taken and reported by the caller, at invented times.
pub(crate) fn by_hand() -> Claim {
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(3)
        .open_for(Duration::from_millis(10))
        .build();
    // A second call finds it closed.
    BREAKER.reset();
    let rejected = BREAKER.stats().rejected;
    let mut watch = BREAKER.transitions();
    for _ in 0..3 {
        let permit = BREAKER
            .try_acquire(MS)
            .map_err(|_| "a closed breaker lets calls through")?;
        permit.failed(2 * MS);
    }
    let refused = BREAKER.try_acquire(3 * MS).err().ok_or("three failures open it")?;
    claim(
        (refused.state(), refused.retry_after()) == (State::Open, Some(9 * MS)),
        "it says how long it stays open",
    )?;
    let probe = BREAKER.try_acquire(12 * MS).map_err(|_| "it is half-open in time")?;
    claim(probe.is_probe(), "the first call then is a probe")?;
    claim(BREAKER.try_acquire(12 * MS).is_err(), "there is one probe at a time")?;
    probe.succeeded(13 * MS);
    claim(
        BREAKER.state(13 * MS) == State::Closed,
        "a probe that succeeds closes it",
    )?;
    let states = [State::Open, State::HalfOpen, State::Closed];
    claim(
        watch.by_ref().map(|Transition { to, .. }| to).eq(states),
        "a watch tells the transitions",
    )?;
    claim(BREAKER.stats().rejected == rejected + 2, "it counts its rejections")
}

/// A breaker admits a whole run once, or each of its attempts.
pub(crate) fn with_runs() -> Claim {
    let nanoseconds = Cell::new(0);
    let sleeper = DelaySleeper::new(Delay(&nanoseconds));
    let breaker = CircuitBreaker::consecutive_failures(2).open_for(20 * MS).build();

    let around = breaker
        .on(&sleeper)
        .run_blocking(|| TRANSIENT.on(&sleeper).run_blocking(busy(3)));
    claim(around == Ok(4), "a run that succeeds in the end is a success")?;

    let mut calls = 0;
    let mut read = || {
        calls += 1;
        Err::<(), _>(SensorError::Busy)
    };
    let within = TRANSIENT
        .on(&sleeper)
        .run_blocking(|| breaker.on(&sleeper).run_blocking(&mut read));
    let last = within.err().and_then(|failed| failed.into_last_error());
    let rejected = last.as_ref().and_then(BreakerError::rejected);
    claim(rejected.is_some(), "the last attempts are rejected")?;
    claim(calls == 2, "and are not made")?;
    claim(
        breaker.state(sleeper.now()) == State::Open,
        "two failures have opened it",
    )
}

/// Breakers by rate, over the last calls and over the last slices of time.
pub(crate) fn by_rate() -> Claim {
    let build = || {
        CircuitBreaker::tripped_by(LastCalls::<1>::with_words(10).rate(0.5).minimum(4))
            .or(TimeSlices::<4>::with_slices(4 * MS).rate(0.9).minimum(2))
            .open_for(10 * MS)
            .build()
    };
    let breaker = build();
    for call in 0..6_u32 {
        let now = 4 * MS * call;
        let permit = breaker.try_acquire(now).map_err(|_| "less than half have failed")?;
        if call >= 3 {
            permit.failed(now);
        } else {
            permit.succeeded(now);
        }
    }
    claim(breaker.state(20 * MS) == State::Open, "half of six opens it")?;
    let restarted = build();
    restarted.restore(&breaker.snapshot(25 * MS), Duration::ZERO);
    let left = restarted
        .try_acquire(Duration::ZERO)
        .err()
        .and_then(|it| it.retry_after());
    claim(left == Some(5 * MS), "a snapshot keeps it open over a restart")
}
