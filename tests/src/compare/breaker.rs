//! The breaker beside its model: any script of calls, reports, waits and interventions, with every condition.

mod bear;
mod script;

pub use bear::bear;
pub use script::{Step, check};

use crate::model::breaker::{Condition, Model, Permit as Expected, Settings};
use persevere::{Backoff, Jitter, backoff::Exponential};
use persevere_breaker::{
    Builder, CircuitBreaker, ConsecutiveFailures, LastCalls, Permit, Saved, Snapshot, State, TimeSlices, Trip, Watch,
};
use std::time::Duration;

/// A breaker of these settings that opens on this condition.
///
/// # Panics
///
/// If there are more probes than a breaker has.
pub fn built<T: Trip>(trip: T, settings: &Settings) -> Builder<T, Exponential> {
    CircuitBreaker::when(trip)
        .open_with(Exponential::new(settings.base), settings.most, Jitter::None)
        .slow_after(settings.slow)
        .probe_lease(settings.lease)
        .max_hint(settings.max_hint)
        .max_probes(u8::try_from(settings.max_probes).unwrap())
        .successes_to_close(settings.successes_to_close)
}

/// So many failures in a row, for both.
#[must_use]
pub fn consecutive(failures: u32) -> (ConsecutiveFailures, Condition) {
    (ConsecutiveFailures::new(failures), Condition::consecutive(failures))
}

/// A share of the last calls, for both.
///
/// # Panics
///
/// If a number is one that no condition may have.
#[must_use]
pub fn last_calls(size: usize, percent: usize, minimum: usize) -> (LastCalls, Condition) {
    let minimum = minimum.min(size);
    let [whole_size, whole_minimum] = [size, minimum].map(|number| u32::try_from(number).unwrap());
    (
        LastCalls::new(whole_size, percent as f64 / 100.0, whole_minimum),
        Condition::last_calls(size, percent, minimum),
    )
}

/// A share of the calls in the last slices of time, for both.
///
/// # Panics
///
/// If a number is one that no condition may have.
#[must_use]
pub fn slices<const SLICES: usize>(slice: Duration, percent: usize, minimum: usize) -> (TimeSlices<SLICES>, Condition) {
    (
        TimeSlices::new(slice, percent as f64 / 100.0, u32::try_from(minimum).unwrap()),
        Condition::slices(SLICES, slice, percent, minimum),
    )
}

/// Takes breaker and model through the script from `now`, and compares all that can be seen after every step.
///
/// # Panics
///
/// If they part.
pub fn agree<T: Trip, B: Backoff + Copy>(builder: Builder<T, B>, model: &Model, script: &[Step], mut now: Duration) {
    let mut kept = None;
    for (part, script) in script.split_inclusive(|step| *step == Step::Restart).enumerate() {
        let breaker = builder.build();
        let mut pair = Pair {
            breaker: &breaker,
            watch: breaker.watch(),
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

/// A breaker and its model at the same point of a script.
struct Pair<'b, T: Trip, B: Backoff> {
    breaker: &'b CircuitBreaker<T, B>,
    watch: Watch<'b>,
    model: Model,
    permits: Vec<(Permit<'b, T, B>, Expected)>,
    /// A snapshot with the model at that time.
    kept: Option<(Snapshot<Saved<T>>, Model, Duration)>,
}

impl<T: Trip, B: Backoff> Pair<'_, T, B> {
    fn step(&mut self, step: Step, now: Duration) {
        let (breaker, model, permits) = (self.breaker, &mut self.model, &mut self.permits);
        let mut pick = |which: usize| (!permits.is_empty()).then(|| permits.swap_remove(which % permits.len()));
        match step {
            Step::Enter => match (breaker.try_acquire(now), model.enter(now)) {
                (Ok(real), Ok(expected)) => permits.push((real, expected)),
                (Err(real), Err(expected)) => assert_eq!((real.state(), real.retry_after()), expected),
                (real, expected) => panic!("{real:?} is not {expected:?}"),
            },
            Step::Succeed(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.success(now);
                    model.success(expected, now);
                }
            }
            Step::Fail(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.failure(now);
                    model.failure(expected, Duration::ZERO, now);
                }
            }
            Step::FailWithHint(which, hint) => {
                if let Some((real, expected)) = pick(which) {
                    real.failure_with_hint(hint, now);
                    model.failure(expected, hint, now);
                }
            }
            Step::Ignore(which) => {
                if let Some((real, expected)) = pick(which) {
                    real.ignore();
                    model.ignore(expected);
                }
            }
            Step::Abandon(which) => {
                if let Some((real, expected)) = pick(which) {
                    drop(real);
                    model.abandon(expected);
                }
            }
            Step::Pass(_) | Step::Back(_) => {}
            Step::ForceOpen => {
                breaker.force_open();
                model.by_hand(State::ForcedOpen);
            }
            Step::ForceClosed => {
                breaker.force_closed();
                model.by_hand(State::ForcedClosed);
            }
            Step::Automatic => {
                breaker.automatic();
                model.automatic();
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
            .watch
            .by_ref()
            .map(|transition| (transition.sequence, transition.from, transition.to))
            .collect();
        assert_eq!(seen, std::mem::take(&mut model.transitions));
        let stats = breaker.stats();
        assert_eq!(
            (stats.rejected, stats.abandoned, stats.late, stats.reclaimed),
            (model.rejected, model.abandoned, model.late, model.reclaimed)
        );
    }
}
