//! Async runs, polled by the caller: no executor, and a waker that does nothing.

use super::{Claim, MS, TRANSIENT, claim};
use crate::sensor::{SensorError, busy};
use core::cell::Cell;
use core::future::{Future, Ready, pending, ready};
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use persevere_core::{Policy, StopReason, sleeper};

/// Polls to the end, and returns the output and the number of polls.
pub(crate) fn poll_to_end<F: Future>(future: F) -> (F::Output, u32) {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    let mut polls = 0;
    loop {
        polls += 1;
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return (output, polls);
        }
    }
}

/// A run that waits, and a run that borrows mutably.
pub(crate) fn polled() -> Claim {
    let clock = Cell::new(Duration::ZERO);
    let asleep = |delay| {
        clock.set(clock.get() + delay);
        ready(())
    };
    let sleeper = sleeper::from_fn(asleep, || clock.get());
    let mut read = busy(2);
    let (value, _) = poll_to_end(TRANSIENT.on(&sleeper).run(|| ready(read())));
    claim(
        (value, clock.get()) == (Ok(3), 3 * MS),
        "an async run waits and succeeds",
    )?;

    let mut calls = 0;
    let hot = Policy::fixed(Duration::ZERO).max_attempts(3);
    let (value, polls) = poll_to_end(hot.on(&sleeper).run_mut(async || {
        calls += 1;
        if calls < 3 { Err(SensorError::Busy) } else { Ok(()) }
    }));
    claim(value == Ok(()), "an async closure may borrow mutably")?;
    claim((calls, polls) == (3, 3), "a wait of nothing yields once")
}

/// An attempt that never ends, under a timer that has always ended.
pub(crate) fn times_out() -> Claim {
    let sleeper = sleeper::from_fn(ready_after, || Duration::ZERO);
    let policy = TRANSIENT.attempt_timeout(MS).max_attempts(2);
    let (failed, _) = poll_to_end(policy.on(sleeper).run(pending::<Result<(), SensorError>>));
    let failed = failed.err().ok_or("what never ends does not succeed")?;
    claim(
        (failed.reason(), failed.attempts()) == (StopReason::AttemptTimedOut, 2),
        "each attempt was cut off",
    )?;
    claim(failed.last_error().is_none(), "there is no error to hand back")
}

fn ready_after(_: Duration) -> Ready<()> {
    ready(())
}
