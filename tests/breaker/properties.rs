//! Any script of calls, reports, waits and interventions goes as the reference model says, with every condition.

use crate::drive::ms;
use crate::model::{Condition, Model, Settings};
use persevere::{Backoff, Jitter, backoff::Exponential};
use persevere_breaker::{Builder, CircuitBreaker, ConsecutiveFailures, LastCalls, State, TimeSlices, Trip};
use proptest::collection::vec;
use proptest::prelude::*;
use std::time::Duration;

#[derive(Debug, Clone, Copy)]
enum Step {
    Enter,
    /// These are for one of the permits that are out.
    Succeed(usize),
    Fail(usize),
    FailWithHint(usize, Duration),
    Ignore(usize),
    Abandon(usize),
    Pass(Duration),
    ForceOpen,
    ForceClosed,
    Automatic,
    Reset,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>();
    prop_oneof![
        12 => Just(Step::Enter),
        6 => which.prop_map(Step::Succeed),
        6 => which.prop_map(Step::Fail),
        1 => (which, 0..400_u64).prop_map(|(which, hint)| Step::FailWithHint(which, ms(hint))),
        1 => which.prop_map(Step::Ignore),
        1 => which.prop_map(Step::Abandon),
        5 => (0..60_u64).prop_map(|time| Step::Pass(ms(time))),
        1 => (0..3_000_000_000_u64).prop_map(|time| Step::Pass(Duration::from_nanos(time))),
        1 => prop_oneof![
            Just(Step::ForceOpen),
            Just(Step::ForceClosed),
            Just(Step::Automatic),
            Just(Step::Automatic),
            Just(Step::Reset),
            Just(Step::Restart),
        ],
    ]
}

fn settings() -> impl Strategy<Value = Settings> {
    (0..100_u64, 0..200_u64, 1..60_u64, 1..100_u64, 1..=8_usize, 1..5_u32).prop_map(
        |(base, most, slow, lease, max_probes, successes_to_close)| Settings {
            base: ms(base),
            most: ms(most),
            slow: ms(slow),
            lease: ms(lease),
            max_hint: ms(300),
            max_probes,
            successes_to_close,
        },
    )
}

fn built<T: Trip>(trip: T, settings: &Settings) -> Builder<T, Exponential> {
    CircuitBreaker::when(trip)
        .open_with(Exponential::new(settings.base), settings.most, Jitter::None)
        .slow_after(settings.slow)
        .probe_lease(settings.lease)
        .max_hint(settings.max_hint)
        .max_probes(u8::try_from(settings.max_probes).unwrap())
        .successes_to_close(settings.successes_to_close)
}

/// Takes both through the script, and compares all that can be seen after every step.
fn agree<T: Trip, B: Backoff + Copy>(builder: Builder<T, B>, mut model: Model, script: &[Step]) {
    let mut now = Duration::ZERO;
    let mut snapshot = None;
    for part in script.split_inclusive(|step| matches!(step, Step::Restart)) {
        let breaker = builder.build();
        let mut watch = breaker.watch();
        if let Some(snapshot) = &snapshot {
            breaker.restore(snapshot, now);
            model.restart();
        }
        let mut permits = Vec::new();
        for &step in part {
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
                Step::Pass(time) => now += time,
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
                Step::Restart => snapshot = Some(breaker.snapshot(now)),
            }
            assert_eq!(breaker.state(now), model.state(now));
            let seen: Vec<_> = watch
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
}

fn consecutive(failures: u32) -> (ConsecutiveFailures, Condition) {
    let condition = Condition::Consecutive { failures, count: 0 };
    (ConsecutiveFailures::new(failures), condition)
}

fn last_calls(size: usize, percent: usize, minimum: usize) -> (LastCalls, Condition) {
    let minimum = minimum.min(size);
    let [whole_size, whole_minimum] = [size, minimum].map(|number| u32::try_from(number).unwrap());
    let condition = Condition::LastCalls {
        size,
        percent,
        minimum,
        calls: Default::default(),
    };
    (
        LastCalls::new(whole_size, percent as f64 / 100.0, whole_minimum),
        condition,
    )
}

fn slices<const SLICES: usize>(slice: u64, percent: usize, minimum: usize) -> (TimeSlices<SLICES>, Condition) {
    let condition = Condition::Slices {
        slice: ms(slice),
        slices: SLICES as u128,
        percent,
        minimum,
        calls: Vec::new(),
    };
    let trip = TimeSlices::new(ms(slice), percent as f64 / 100.0, u32::try_from(minimum).unwrap());
    (trip, condition)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn consecutive_failures(failures in 1..6_u32, settings in settings(), script in vec(step(), 0..150)) {
        let (trip, condition) = consecutive(failures);
        agree(built(trip, &settings), Model::new(settings, vec![condition]), &script);
    }

    #[test]
    fn the_last_calls(
        size in 1..=128_usize,
        percent in 1..=100_usize,
        minimum in 1..=20_usize,
        settings in settings(),
        script in vec(step(), 0..300),
    ) {
        let (trip, condition) = last_calls(size, percent, minimum);
        agree(built(trip, &settings), Model::new(settings, vec![condition]), &script);
    }

    #[test]
    fn a_few_last_calls(
        size in 1..=9_usize,
        percent in 1..=100_usize,
        minimum in 1..=9_usize,
        settings in settings(),
        script in vec(step(), 0..300),
    ) {
        let (trip, condition) = last_calls(size, percent, minimum);
        agree(built(trip, &settings), Model::new(settings, vec![condition]), &script);
    }

    #[test]
    fn slices_of_time(
        slice in 1..100_u64,
        percent in 1..=100_usize,
        minimum in 1..=20_usize,
        settings in settings(),
        script in vec(step(), 0..300),
    ) {
        let (trip, condition) = slices::<10>(slice, percent, minimum);
        agree(built(trip, &settings), Model::new(settings.clone(), vec![condition]), &script);
        let (trip, condition) = slices::<1>(slice, percent, minimum);
        agree(built(trip, &settings), Model::new(settings, vec![condition]), &script);
    }

    #[test]
    fn any_of_three(
        failures in 1..6_u32,
        size in 1..=40_usize,
        percent in 1..=100_usize,
        minimum in 1..=20_usize,
        settings in settings(),
        script in vec(step(), 0..300),
    ) {
        let (first, one) = consecutive(failures);
        let (second, two) = last_calls(size, percent, minimum);
        let (third, three) = slices::<4>(30, percent, minimum);
        let builder = built(first, &settings).or(second).or(third);
        agree(builder, Model::new(settings, vec![one, two, three]), &script);
    }
}
