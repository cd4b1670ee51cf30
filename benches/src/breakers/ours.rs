//! `persevere-breaker`: a call through the breaker, and the permit below it, at a time that the caller supplies.

use super::{Down, FAILURES, LEAST, OPEN_FOR, RATE, WINDOW, opened, succeed, succeed_async};
use crate::case::{Job, case};
use crate::ours::NoSleep;
use persevere::ThreadSleeper;
use persevere_breaker::{BreakerError, CircuitBreaker, LastCalls, Rejected, TimeSlices, Trip};
use std::time::Duration;

fn consecutive() -> CircuitBreaker {
    CircuitBreaker::consecutive_failures(FAILURES)
        .open_for(OPEN_FOR)
        .build()
}

fn last_calls() -> CircuitBreaker<LastCalls> {
    CircuitBreaker::tripped_by(LastCalls::of(WINDOW).rate(RATE).minimum(LEAST))
        .open_for(OPEN_FOR)
        .build()
}

fn slices() -> CircuitBreaker<TimeSlices> {
    CircuitBreaker::tripped_by(TimeSlices::over(10 * Duration::from_secs(1)).rate(RATE).minimum(LEAST))
        .open_for(OPEN_FOR)
        .build()
}

fn open() -> CircuitBreaker {
    let fail = |breaker: &mut CircuitBreaker| breaker.on(ThreadSleeper).run_blocking(|| Err::<u32, _>(Down));
    opened(consecutive(), fail, |error| matches!(error, BreakerError::Rejected(_)))
}

/// Acquires a permit, calls and reports, at a time that the caller supplies.
#[inline]
fn by_permit<T: Trip>(breaker: &CircuitBreaker<T>, now: Duration) -> Result<Result<u32, Down>, Rejected> {
    let permit = breaker.try_acquire(now)?;
    let result = succeed();
    permit.report(&result, now);
    Ok(result)
}

/// [`by_permit`] for an async call.
#[inline]
async fn by_permit_async<T: Trip>(breaker: &CircuitBreaker<T>, now: Duration) -> Result<Result<u32, Down>, Rejected> {
    let permit = breaker.try_acquire(now)?;
    let result = succeed_async().await;
    permit.report(&result, now);
    Ok(result)
}

macro_rules! contestant {
    ($job:expr, $case:literal, $breaker:expr) => {
        case!($job, concat!("breaker/persevere/permit/", $case), let known = ($breaker, Duration::from_secs(1)); 0,
            |_operation| sync by_permit(&known.0, known.1));
        case!($job, concat!("breaker-async/persevere/permit/", $case), let known = ($breaker, Duration::from_secs(1)); 0,
            |_operation| async by_permit_async(&known.0, known.1));
        case!($job, concat!("breaker/persevere/told/", $case), let breaker = $breaker; 0, |_operation| sync
            breaker.on(NoSleep).run_blocking(succeed));
        case!($job, concat!("breaker-async/persevere/told/", $case), let breaker = $breaker; 0, |_operation| async
            breaker.on(NoSleep).run(succeed_async));
        case!($job, concat!("breaker/persevere/", $case), let breaker = $breaker; 0, |_operation| sync
            breaker.on(ThreadSleeper).run_blocking(succeed));
        case!($job, concat!("breaker-async/persevere/", $case), let breaker = $breaker; 0, |_operation| async
            breaker.on(ThreadSleeper).run(succeed_async));
    };
}

pub(super) fn cases(job: Job) {
    contestant!(job, "consecutive", consecutive());
    contestant!(job, "last100", last_calls());
    contestant!(job, "slices", slices());
    contestant!(job, "open", open());
}
