//! Runs that the caller drives: each step, and each way to an end.

use persevere::backoff::Fixed;
use persevere::breaker::{CircuitBreaker, State};
use persevere::gate::{Gate, Rejected};
use persevere::{Jitter, Policy, RetryError, Sleeper, Stats, Step, StopReason, Verdict};
use persevere_testkit::VirtualTime;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const DOWN: Result<(), &str> = Err("down");

fn policy() -> Policy<Fixed> {
    Policy::fixed(SECOND).jitter(Jitter::None).max_attempts(3).exact_hints()
}

#[test]
fn verdict_of_the_caller_decides_in_place_of_the_classifier() {
    let time = VirtualTime::new();
    for (outcome, verdict, step) in [
        (Some(&DOWN), Verdict::Stop, Some(Step::Stop(StopReason::Permanent))),
        (Some(&DOWN), Verdict::Pushback, Some(Step::Stop(StopReason::Hint))),
        (Some(&DOWN), Verdict::Retry, Some(Step::Wait(SECOND))),
        (
            Some(&DOWN),
            Verdict::RetryAfter(7 * SECOND),
            Some(Step::Wait(7 * SECOND)),
        ),
        (Some(&Ok(())), Verdict::Retry, Some(Step::Wait(SECOND))),
        (Some(&Ok(())), Verdict::Accept, None),
        (Some(&DOWN), Verdict::Accept, Some(Step::Stop(StopReason::Permanent))),
        (None, Verdict::Retry, Some(Step::Wait(SECOND))),
        (None, Verdict::Stop, Some(Step::Stop(StopReason::Permanent))),
    ] {
        let (policy, stats) = (policy(), Stats::new());
        let mut steps = policy.on(&time).observe(&stats).steps();
        assert!(steps.begin().is_ok());
        assert_eq!(steps.settle_as(outcome, verdict), step, "{outcome:?} {verdict:?}");
        let counted = stats.snapshot();
        assert_eq!((counted.attempts, counted.successes), (1, u64::from(step.is_none())));
    }
}

#[test]
fn attempts_that_time_out_end_the_run() {
    let time = VirtualTime::new();
    let policy = policy().max_attempts(2).attempt_timeout(5 * SECOND);
    let mut steps = policy.on(&time).steps();
    assert!(steps.begin().is_ok());
    assert_eq!((steps.timeout(), steps.time_left()), (Some(5 * SECOND), None));
    assert_eq!(steps.timed_out::<()>(), Step::Wait(SECOND));
    assert!(steps.begin().is_ok());
    assert_eq!(steps.timed_out::<()>(), Step::Stop(StopReason::AttemptTimedOut));
    assert_eq!(steps.begin().unwrap_err(), Step::Stop(StopReason::AttemptTimedOut));
    let error: RetryError<&str> = steps.into_error(None);
    assert_eq!(
        (error.attempts(), error.waited(), error.last_error()),
        (2, SECOND, None)
    );
}

#[test]
fn cancelling_ends_a_run_wherever_it_is() {
    let time = VirtualTime::new();
    for (stage, attempts) in [("new", 0), ("attempt", 1), ("wait", 1)] {
        let (policy, stats) = (policy(), Stats::new());
        let mut steps = policy.on(&time).observe(&stats).steps();
        if stage != "new" {
            assert!(steps.begin().is_ok());
        }
        if stage == "wait" {
            assert_eq!(steps.settle(&DOWN), Some(Step::Wait(SECOND)));
        }
        for _ in 0..2 {
            steps.cancel();
        }
        assert_eq!(steps.begin().unwrap_err(), Step::Stop(StopReason::Cancelled), "{stage}");
        let error = steps.into_error(DOWN.err());
        assert_eq!(
            (error.reason(), error.attempts()),
            (StopReason::Cancelled, attempts),
            "{stage}"
        );
        assert_eq!(stats.snapshot().gave_up.cancelled, 1, "{stage}: once");
    }
}

#[test]
fn cancelled_attempt_counts_for_no_breaker() {
    let time = VirtualTime::new();
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    let policy = policy();
    let mut steps = policy.on(&time).breaker(Some(&breaker)).steps::<&str>();
    assert!(steps.begin().is_ok());
    steps.cancel();
    assert_eq!(
        (breaker.state(time.now()), breaker.stats().abandoned),
        (State::Closed, 1)
    );
}

#[test]
fn breaker_may_be_absent_or_in_an_arc() {
    let time = VirtualTime::new();
    let policy = policy();
    let absent = policy.on(&time).breaker(None::<&CircuitBreaker>).run_blocking(|| DOWN);
    assert_eq!(absent.unwrap_err().attempts(), 3);
    let breaker = Arc::new(CircuitBreaker::consecutive_failures(2).build());
    for present in [Some(&*breaker), Some(&breaker)] {
        let error = policy.on(&time).breaker(present).run_blocking(|| DOWN).unwrap_err();
        assert_eq!(error.reason(), StopReason::Rejected);
    }
    assert_eq!(breaker.stats().rejected, 2);
}

#[test]
fn run_that_is_given_up_keeps_its_first_reason() {
    let time = VirtualTime::new();
    let policy = policy().max_elapsed(9 * SECOND);
    let mut steps = policy.on(&time).steps();
    assert!(steps.begin().is_ok());
    assert_eq!(steps.settle(&DOWN), Some(Step::Wait(SECOND)));
    assert_eq!(steps.time_left(), Some(9 * SECOND));
    time.advance(SECOND);
    assert_eq!(steps.time_left(), Some(8 * SECOND));
    steps.give_up(StopReason::Elapsed);
    steps.give_up(StopReason::Cancelled);
    assert_eq!(steps.machine().ended(), Some(StopReason::Elapsed));
    let error = steps.into_error(DOWN.err());
    assert_eq!(
        (error.reason(), error.attempts(), error.waited()),
        (StopReason::Elapsed, 1, SECOND)
    );
    assert_eq!(error.elapsed(), Some(SECOND));
}

#[test]
fn session_that_was_healthy_starts_the_run_over() {
    let time = VirtualTime::new();
    let policy = policy();
    let mut steps = policy.on(&time).steps();
    for n in 1..=9 {
        assert!(steps.begin().is_ok());
        time.advance(10 * SECOND);
        assert!(steps.reset_after(10 * SECOND), "{n}");
        assert_eq!(steps.settle(&DOWN), Some(Step::Wait(SECOND)), "{n}");
        assert_eq!(steps.attempt(), 2, "{n}");
    }
    assert!(steps.begin().is_ok());
    time.advance(9 * SECOND);
    assert!(!steps.reset_after(10 * SECOND));
    assert_eq!(steps.settle(&DOWN), Some(Step::Wait(SECOND)));
    assert_eq!(steps.attempt(), 3);
    assert!(steps.begin().is_ok());
    assert_eq!(steps.settle(&DOWN), Some(Step::Stop(StopReason::Attempts)));
}

#[test]
fn settings_are_read_from_the_steps() {
    let time = VirtualTime::new();
    let policy = policy();
    let steps = policy.on(time.asynchronous()).steps::<&str>();
    assert_eq!(steps.policy().limits().max_attempts(), Some(3));
    assert_eq!((steps.sleeper().now(), steps.interrupt_after()), (Duration::ZERO, None));
    assert!(format!("{steps:?}").starts_with("Steps"));
    let limited = policy.attempt_timeout(SECOND);
    assert_eq!(limited.on(&time).steps::<&str>().interrupt_after(), Some(SECOND));
}

#[test]
fn gate_behind_an_option_or_an_arc_admits_as_the_gate() {
    let (now, breaker) = (
        Duration::ZERO,
        Arc::new(CircuitBreaker::consecutive_failures(1).build()),
    );
    let answers = || {
        let absent = None::<&CircuitBreaker>;
        [
            breaker.admit(now).err(),
            Some(&*breaker).admit(now).err(),
            absent.admit(now).err(),
        ]
    };
    assert_eq!(answers(), [None; 3]);
    breaker.force_open();
    let forced = Rejected::indefinitely();
    assert_eq!(answers(), [Some(forced), Some(forced), None]);
    Some(&*breaker).hinted(SECOND, now);
    breaker.hinted(SECOND, now);
    assert_eq!(breaker.stats().rejected, 2);
    assert!(forced.to_string().starts_with("rejected"), "{forced}");
    assert!(
        Rejected::for_now(SECOND).to_string().contains("1s"),
        "{}",
        Rejected::for_now(SECOND)
    );
}
