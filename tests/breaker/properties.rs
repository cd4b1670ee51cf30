//! Any script of calls, reports, waits and manual control agrees with the reference model, for every condition.

use crate::drive::ms;
use persevere_tests::compare::breaker::{Step, agree, built, consecutive, last_calls, slices};
use persevere_tests::model::breaker::{Model, Settings};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use std::time::Duration;

fn step() -> impl Strategy<Value = Step> {
    let which = any::<usize>();
    prop_oneof![
        12 => Just(Step::Acquire),
        6 => which.prop_map(Step::Succeed),
        6 => which.prop_map(Step::Fail),
        1 => (which, 0..400_u64).prop_map(|(which, hint)| Step::FailWithHint(which, ms(hint))),
        1 => which.prop_map(Step::Ignore),
        1 => which.prop_map(Step::Abandon),
        1 => which.prop_map(Step::Leave),
        1 => which.prop_map(Step::Supersede),
        5 => (0..60_u64).prop_map(|time| Step::Pass(ms(time))),
        1 => (0..3_000_000_000_u64).prop_map(|time| Step::Pass(Duration::from_nanos(time))),
        1 => prop_oneof![
            Just(Step::ForceOpen),
            Just(Step::ForceClose),
            Just(Step::Release),
            Just(Step::Release),
            Just(Step::Reset),
            (0..100_u64).prop_map(|time| Step::ForceOpenFor(ms(time))),
            Just(Step::Keep),
            Just(Step::Restore),
            Just(Step::Restart),
        ],
    ]
}

/// The time at which the clock starts.
fn start() -> impl Strategy<Value = Duration> {
    prop_oneof![Just(Duration::ZERO), (0..1_u64 << 62).prop_map(Duration::from_nanos),]
}

fn settings() -> impl Strategy<Value = Settings> {
    let times = (0..100_u64, 1..200_u64, 1..60_u64, option::of(1..100_u64));
    let probes = (1..=8_u32, 1..5_u32, 1..4_u32);
    (times, probes, any::<bool>()).prop_map(
        |((base, most, slow, lease), (max_probes, successes_to_close, failures_to_reopen), open_on_hints)| Settings {
            base: ms(base),
            most: ms(most),
            slow: ms(slow),
            lease: lease.map(ms),
            max_hint: ms(300),
            max_probes,
            successes_to_close,
            failures_to_reopen,
            open_on_hints,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn consecutive_failures(failures in 1..6_u32, settings in settings(), start in start(), script in vec(step(), 0..150)) {
        let (trip, condition) = consecutive(failures);
        agree(built(trip, &settings), &Model::new(settings, vec![condition]), &script, start);
    }

    #[test]
    fn last_calls_agree(
        size in 1..=128_usize,
        percent in 1..=100_usize,
        minimum in 1..=20_usize,
        settings in settings(),
        start in start(),
        script in vec(step(), 0..300),
    ) {
        let (trip, condition) = last_calls(size, percent, minimum);
        agree(built(trip, &settings), &Model::new(settings, vec![condition]), &script, start);
    }

    #[test]
    fn few_last_calls_agree(
        size in 1..=9_usize,
        percent in 1..=100_usize,
        minimum in 1..=9_usize,
        settings in settings(),
        start in start(),
        script in vec(step(), 0..300),
    ) {
        let (trip, condition) = last_calls(size, percent, minimum);
        agree(built(trip, &settings), &Model::new(settings, vec![condition]), &script, start);
    }

    #[test]
    fn slices_of_time(
        slice in 1..100_u64,
        percent in 1..=100_usize,
        minimum in 1..=20_usize,
        settings in settings(),
        start in start(),
        script in vec(step(), 0..300),
    ) {
        let (trip, condition) = slices::<10>(ms(slice), percent, minimum);
        agree(built(trip, &settings), &Model::new(settings.clone(), vec![condition]), &script, start);
        let (trip, condition) = slices::<1>(ms(slice), percent, minimum);
        agree(built(trip, &settings), &Model::new(settings, vec![condition]), &script, start);
    }

    #[test]
    fn any_of_three(
        failures in 1..6_u32,
        size in 1..=40_usize,
        percent in 1..=100_usize,
        minimum in 1..=20_usize,
        settings in settings(),
        start in start(),
        script in vec(step(), 0..300),
    ) {
        let (first, one) = consecutive(failures);
        let (second, two) = last_calls(size, percent, minimum);
        let (third, three) = slices::<4>(ms(30), percent, minimum);
        let builder = built(first, &settings).or(second).or(third);
        agree(builder, &Model::new(settings, vec![one, two, three]), &script, start);
    }
}
