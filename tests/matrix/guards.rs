//! Runs with a breaker and a budget, by the clock of every world.

use persevere::breaker::CircuitBreaker;
use persevere::budget::WindowedRatio;
use persevere::{Policy, Sleeper, StopReason};
use persevere_testkit::{Call, Recorder, assert_attempts, assert_gave_up, assert_succeeded, assert_waits};
use persevere_tests::world::{Fault, World};
use std::time::Duration;

/// Milliseconds.
const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const HOUR: Duration = Duration::from_secs(3600);

/// For as long as the tests run, as a `static` is.
fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

/// A breaker that opens ends the run, and those that come after it make no attempt.
fn breaker_ends_runs<W: World>(world: &W) {
    let breaker = forever(CircuitBreaker::consecutive_failures(2).open_for(HOUR).build());
    for attempts in [2, 0] {
        let recorder = Recorder::new();
        let run = const { &Policy::fixed(ms(1)).max_attempts(9) }.on(world.sleeper());
        let run = run.observe(recorder.clone()).breaker(breaker);
        let error = world.drive(run, |_| Call::err(Fault::Passing)).unwrap_err();
        assert_eq!(error.attempts(), attempts);
        assert_attempts!(recorder, attempts);
        assert_gave_up!(recorder, StopReason::Rejected);
    }
}

/// A run that waits for the breaker is its probe, and closes it.
fn breaker_is_waited_for<W: World>(world: &W) {
    let breaker = forever(CircuitBreaker::consecutive_failures(1).open_for(ms(3)).build());
    let (recorder, sleeper) = (Recorder::new(), world.sleeper());
    let start = sleeper.now();
    let run = const { &Policy::fixed(ms(1)).max_attempts(9).retry_rejected(true) }.on(world.sleeper());
    let run = run.observe(recorder.clone()).breaker(breaker);
    let mut calls = 0;
    let result = world.drive(run, move |_| {
        calls += 1;
        if calls == 1 {
            Call::err(Fault::Passing)
        } else {
            Call::ok(calls)
        }
    });
    assert_eq!(result, Ok(2));
    assert_attempts!(recorder, 2);
    assert_succeeded!(recorder);
    assert!(sleeper.now() - start >= ms(3), "{}", recorder.timeline());
}

/// An exhausted budget stops the retry, and never the first attempt.
fn budget_ends_runs<W: World>(world: &W) {
    let budget = forever(WindowedRatio::new().ratio(0.1).reserve(2));
    for attempts in [3, 1] {
        let recorder = Recorder::new();
        let run = const { &Policy::fixed(ms(1)).max_attempts(9) }.on(world.sleeper());
        let run = run.observe(recorder.clone()).budget(budget);
        let error = world.drive(run, |_| Call::err(Fault::Passing)).unwrap_err();
        assert_eq!(error.attempts(), attempts);
        assert_waits!(recorder, vec![ms(1); attempts as usize - 1]);
        assert_gave_up!(recorder, StopReason::Budget);
    }
}

in_every_world! {
    breaker_ends_runs,
    breaker_is_waited_for,
    budget_ends_runs,
}
