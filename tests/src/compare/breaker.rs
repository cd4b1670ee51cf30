//! The breaker beside its reference model: any script of calls, reports, waits and manual control, with every condition.

mod script;
mod turbulence;

pub use script::{Step, check};
pub use turbulence::withstand;

use crate::model::breaker::{Condition, Model, Permit as Expected, Settings};
use persevere::{Backoff, backoff::Exponential};
use persevere_breaker::{
    Builder, CircuitBreaker, ConsecutiveFailures, LastCalls, Permit, Saved, Snapshot, State, TimeSlices, Transitions,
    Trip,
};
use std::time::Duration;

/// Returns a builder with these settings and this condition.
///
/// # Panics
///
/// If a setting is invalid.
pub fn built<T: Trip>(trip: T, settings: &Settings) -> Builder<T, Exponential> {
    let builder = CircuitBreaker::tripped_by(trip)
        .open_with(Exponential::new(settings.base))
        .max_open_for(settings.most)
        .slow_after(settings.slow)
        .clamp_hints_to(settings.max_hint)
        .max_probes(settings.max_probes)
        .successes_to_close(settings.successes_to_close)
        .failures_to_reopen(settings.failures_to_reopen)
        .open_on_hints(settings.open_on_hints);
    match settings.lease {
        Some(lease) => builder.probe_lease(lease),
        None => builder,
    }
}

/// Returns the given number of consecutive failures, for breaker and model.
#[must_use]
pub fn consecutive(failures: u32) -> (ConsecutiveFailures, Condition) {
    (ConsecutiveFailures::new(failures), Condition::consecutive(failures))
}

/// Returns a failure rate over the last calls, for breaker and model.
///
/// # Panics
///
/// If a number is invalid.
#[must_use]
pub fn last_calls(size: usize, percent: usize, minimum: usize) -> (LastCalls, Condition) {
    let minimum = minimum.min(size);
    let [whole_size, whole_minimum] = [size, minimum].map(|number| u32::try_from(number).unwrap());
    (
        LastCalls::of(whole_size)
            .rate(percent as f64 / 100.0)
            .minimum(whole_minimum),
        Condition::last_calls(size, percent, minimum),
    )
}

/// Returns a failure rate over the last slices, for breaker and model.
///
/// # Panics
///
/// If a number is invalid.
#[must_use]
pub fn slices<const SLICES: usize>(slice: Duration, percent: usize, minimum: usize) -> (TimeSlices<SLICES>, Condition) {
    (
        TimeSlices::with_slices(slice.saturating_mul(SLICES as u32))
            .rate(percent as f64 / 100.0)
            .minimum(u32::try_from(minimum).unwrap()),
        Condition::slices(SLICES, slice, percent, minimum),
    )
}

/// Follows the script from `now` with breaker and model, and compares everything public after every step.
///
/// # Panics
///
/// If they differ.
pub fn agree<T: Trip, B: Backoff + Copy>(builder: Builder<T, B>, model: &Model, script: &[Step], mut now: Duration) {
    let mut kept = None;
    for (part, script) in script.split_inclusive(|step| *step == Step::Restart).enumerate() {
        let breaker = builder.build();
        let mut pair = Pair {
            breaker: &breaker,
            transitions: breaker.transitions(),
            model: model.clone(),
            permits: Vec::new(),
            kept,
        };
        if part > 0 {
            pair.step(Step::Restore, now);
            pair.compare(now);
        }
        for &step in script {
            if let Step::Pass(time) = step {
                now = now.saturating_add(time);
            }
            pair.step(step, now);
            pair.compare(now);
        }
        kept = pair.kept;
    }
}

/// A breaker and its model at the same step of a script.
struct Pair<'b, T: Trip, B: Backoff> {
    breaker: &'b CircuitBreaker<T, B>,
    transitions: Transitions<'b>,
    model: Model,
    permits: Vec<(Permit<'b, T, B>, Expected)>,
    /// A snapshot, with the model at that time.
    kept: Option<(Snapshot<Saved<T>>, Model, Duration)>,
}

impl<T: Trip, B: Backoff> Pair<'_, T, B> {
    fn step(&mut self, step: Step, now: Duration) {
        let (breaker, model, permits) = (self.breaker, &mut self.model, &mut self.permits);
        let mut pick = |which: usize| (!permits.is_empty()).then(|| permits.swap_remove(which % permits.len()));
        match step {
            Step::Acquire => match (breaker.try_acquire(now), model.admit(now)) {
                (Ok(real), Ok(expected)) => permits.push((real, expected)),
                (Err(real), Err((State::HalfOpen, Some(left)))) => {
                    let retry_after = real.retry_after().unwrap();
                    assert!(real.state() == State::HalfOpen && !retry_after.is_zero() && retry_after <= left);
                }
                (Err(real), Err(expected)) => assert_eq!((real.state(), real.retry_after()), expected),
                (real, expected) => panic!("{real:?} is not {expected:?}"),
            },
            Step::Succeed(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.succeeded(now);
                    model.succeeded(expected, now);
                }
            }
            Step::Fail(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.failed(now);
                    model.failed(expected, Duration::ZERO, now);
                }
            }
            Step::FailWithHint(which, hint) => {
                if let Some((real, expected)) = pick(which) {
                    real.failed_with_hint(hint, now);
                    model.failed(expected, hint, now);
                }
            }
            Step::Ignore(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.ignored();
                    model.ignored(expected);
                }
            }
            Step::Abandon(which) => {
                if let Some((real, expected)) = pick(which) {
                    drop(real);
                    model.abandoned(expected);
                }
            }
            Step::Leave(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.abandoned(now);
                    model.unfinished(expected, false, now);
                }
            }
            Step::Supersede(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.superseded(now);
                    model.unfinished(expected, true, now);
                }
            }
            Step::ForceOpenFor(time) => {
                breaker.force_open_for(time, now);
                model.force_open_for(time, now);
            }
            Step::Pass(_) | Step::Back(_) => {}
            Step::ForceOpen => {
                breaker.force_open();
                model.force(State::ForcedOpen);
            }
            Step::ForceClose => {
                breaker.force_close();
                model.force(State::ForcedClosed);
            }
            Step::Release => {
                breaker.release();
                model.release();
            }
            Step::Reset => {
                breaker.reset();
                model.reset();
            }
            Step::Keep | Step::Restart => self.kept = Some((breaker.snapshot(now), model.clone(), now)),
            Step::Restore => {
                if let Some((snapshot, other, then)) = &self.kept {
                    breaker.restore(snapshot, now);
                    model.restore(other, *then, now);
                }
            }
        }
    }

    fn compare(&mut self, now: Duration) {
        let (breaker, model) = (self.breaker, &mut self.model);
        assert_eq!(breaker.state(now), model.state(now));
        let seen: Vec<_> = self
            .transitions
            .by_ref()
            .map(|transition| (transition.sequence, transition.from, transition.to))
            .collect();
        assert_eq!(seen, std::mem::take(&mut model.transitions));
        let stats = breaker.stats();
        assert_eq!(
            (stats.rejected, stats.stale, stats.reclaimed),
            (model.rejected, model.stale, model.reclaimed)
        );
        assert_eq!(
            (stats.abandoned, stats.superseded, stats.slow),
            (model.abandoned, model.superseded, model.slow)
        );
    }
}
