//! The strategies of property tests.

use crate::model::{Curve, Plan};
use crate::script::Call;
use persevere::{Jitter, Verdict};
use proptest::prelude::*;
use proptest::test_runner::Config;
use std::time::Duration;

/// The given number of cases, and nothing written to disk.
#[must_use]
pub fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}

/// Any duration there is, with the extremes and the places where representations change drawn often.
pub fn any_duration() -> impl Strategy<Value = Duration> {
    prop_oneof![
        2 => Just(Duration::ZERO),
        2 => Just(Duration::from_nanos(1)),
        2 => Just(Duration::MAX),
        1 => Just(Duration::MAX - Duration::from_nanos(1)),
        1 => Just(Duration::from_nanos(u64::MAX)),
        1 => Just(Duration::from_nanos(u64::MAX) + Duration::from_nanos(1)),
        4 => (0u64..2_000_000).prop_map(Duration::from_nanos),
        4 => any::<u64>().prop_map(Duration::from_nanos),
        4 => (0u64..=600_000).prop_map(Duration::from_millis),
        2 => (any::<u64>(), 0u32..1_000_000_000).prop_map(|(secs, nanos)| Duration::new(secs, nanos)),
    ]
}

/// Any duration of up to 290 years, the range of the clock of a process.
pub fn human_duration() -> impl Strategy<Value = Duration> {
    any_duration().prop_map(|duration| duration.min(Duration::from_nanos(u64::MAX / 2)))
}

/// A few milliseconds, so that sums often meet limits exactly.
pub fn few_millis() -> impl Strategy<Value = Duration> {
    (0u64..12).prop_map(Duration::from_millis)
}

/// Any jitter.
pub fn jitter() -> impl Strategy<Value = Jitter> {
    prop_oneof![
        Just(Jitter::None),
        Just(Jitter::Full),
        Just(Jitter::Equal),
        prop_oneof![Just(0.0), Just(1.0), Just(0.5), 0.0..=1.0f64].prop_map(Jitter::proportional),
    ]
}

/// Any curve with bases from `base`.
pub fn curve(base: impl Strategy<Value = Duration> + Clone + 'static) -> impl Strategy<Value = Curve> {
    prop_oneof![
        base.clone().prop_map(Curve::Fixed),
        base.clone().prop_map(Curve::Linear),
        (base.clone(), prop_oneof![1u32..5, Just(u32::MAX), any::<u32>()])
            .prop_map(|(base, factor)| Curve::Exponential(base, factor.max(1))),
        base.clone().prop_map(Curve::Fibonacci),
        (prop::collection::vec(base, 0..5), any::<bool>()).prop_map(|(delays, last)| Curve::Schedule(delays, last)),
    ]
}

/// Any verdict, retry the most often.
pub fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![
        6 => Just(Verdict::Retry),
        3 => few_millis().prop_map(Verdict::RetryAfter),
        1 => Just(Verdict::Stop),
        1 => Just(Verdict::Pushback),
        1 => Just(Verdict::Accept),
    ]
}

/// A script of a few calls of a few milliseconds.
pub fn script() -> impl Strategy<Value = Vec<Call>> {
    let call = (few_millis(), prop::bool::weighted(0.2), verdict()).prop_map(|(takes, succeeds, verdict)| Call {
        takes,
        succeeds,
        verdict,
    });
    prop::collection::vec(call, 1..8)
}

/// A plan in milliseconds, each limit set or not. It ends: whatever the script, there is a limit of attempts.
pub fn plan() -> impl Strategy<Value = Plan> {
    let maybe = || prop::option::of(few_millis());
    let limits = (
        1u32..8,
        maybe(),
        prop::option::of((0u64..60).prop_map(Duration::from_millis)),
        prop::option::of((1u64..12).prop_map(Duration::from_millis)),
        maybe(),
    );
    (curve(few_millis().boxed()), limits, any::<bool>()).prop_map(|(curve, limits, clamp_hints)| {
        let (max_attempts, max_delay, max_elapsed, attempt_timeout, max_hint) = limits;
        // A run that sleeps for ages tests its clock, not its policy.
        let curve = match curve {
            Curve::Exponential(base, factor) => Curve::Exponential(base, factor.min(5)),
            curve => curve,
        };
        Plan {
            curve,
            max_attempts,
            max_delay,
            max_elapsed,
            attempt_timeout,
            max_hint,
            clamp_hints,
        }
    })
}
