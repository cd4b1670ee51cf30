//! The peers that a thread can call.

use super::{Down, FAILURES, LEAST, OPEN_FOR, RATE, WINDOW, opened, succeed};
use crate::case::{Job, case};
use circuitbreaker_rs::{BreakerError, CircuitBreaker as Counting, DefaultPolicy};
use failsafe::backoff::{Constant, constant};
use failsafe::failure_policy::{ConsecutiveFailures, SuccessRateOverTimeWindow};
use failsafe::failure_policy::{consecutive_failures, success_rate_over_time_window};
use failsafe::{CircuitBreaker, Config, StateMachine};
use recloser::Recloser;
use std::time::Duration;

pub(super) fn failsafe_consecutive() -> StateMachine<ConsecutiveFailures<Constant>, ()> {
    Config::new()
        .failure_policy(consecutive_failures(FAILURES, constant(OPEN_FOR)))
        .build()
}

/// failsafe has no window of calls: a moving average over time is nearest.
pub(super) fn failsafe_rate() -> StateMachine<SuccessRateOverTimeWindow<Constant>, ()> {
    let policy = success_rate_over_time_window(1.0 - RATE, LEAST, Duration::from_secs(30), constant(OPEN_FOR));
    Config::new().failure_policy(policy).build()
}

fn failsafe_open() -> StateMachine<ConsecutiveFailures<Constant>, ()> {
    opened(
        failsafe_consecutive(),
        |breaker| breaker.call(|| Err::<u32, _>(Down)),
        |error| matches!(error, failsafe::Error::Rejected),
    )
}

/// recloser has a window of calls alone.
pub(super) fn recloser() -> Recloser {
    Recloser::custom()
        .error_rate(RATE as f32)
        .closed_len(WINDOW as usize)
        .open_wait(OPEN_FOR)
        .build()
}

fn recloser_open() -> Recloser {
    opened(
        recloser(),
        |breaker| breaker.call(|| Err::<u32, _>(Down)),
        |error| matches!(error, recloser::Error::Rejected),
    )
}

/// Opens by consecutive failures and by the rate of all calls since it closed, always both.
fn counting() -> Counting<DefaultPolicy, Down> {
    let builder = Counting::<DefaultPolicy, Down>::builder()
        .failure_threshold(RATE)
        .min_throughput(LEAST.into());
    builder.consecutive_failures(FAILURES.into()).cooldown(OPEN_FOR).build()
}

fn counting_open() -> Counting<DefaultPolicy, Down> {
    opened(
        counting(),
        |breaker| breaker.call(|| Err::<u32, _>(Down)),
        |error| matches!(error, BreakerError::Open),
    )
}

pub(super) fn cases(job: Job) {
    case!(job, "breaker/failsafe/consecutive", let breaker = failsafe_consecutive(); 0, |_operation| sync
        breaker.call(succeed));
    case!(job, "breaker/failsafe/last100", let breaker = failsafe_rate(); 0, |_operation| sync breaker.call(succeed));
    case!(job, "breaker/failsafe/open", let breaker = failsafe_open(); 0, |_operation| sync breaker.call(succeed));
    case!(job, "breaker/recloser/last100", let breaker = recloser(); 0, |_operation| sync breaker.call(succeed));
    case!(job, "breaker/recloser/open", let breaker = recloser_open(); 0, |_operation| sync breaker.call(succeed));
    case!(job, "breaker/circuitbreaker-rs/consecutive", let breaker = counting(); 0, |_operation| sync
        breaker.call(succeed));
    case!(job, "breaker/circuitbreaker-rs/last100", let breaker = counting(); 0, |_operation| sync
        breaker.call(succeed));
    case!(job, "breaker/circuitbreaker-rs/open", let breaker = counting_open(); 0, |_operation| sync
        breaker.call(succeed));
}
