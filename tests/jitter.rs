//! Jitter: where delays may lie, and that they are spread over all of it.

use crate::backoff::LONGEST;
use persevere::backoff::Fixed;
use persevere::{Jitter, Policy, Random, Ratio};
use persevere_tests::statistics::{is_uniform, largest_share};
use persevere_tests::strategy::{any_duration, cases};
use proptest::prelude::*;
use std::time::Duration;

const DRAWS: u32 = 20_000;

fn draws(policy: Policy<Fixed>, seed: u64) -> Vec<Duration> {
    policy.max_attempts(DRAWS + 1).seed(seed).delays().collect()
}

/// Below a microsecond, a millisecond, a second; around the end of 32 bits; days; 64 bits and half of them.
fn spans() -> Vec<Duration> {
    let nanos = [
        1,
        2,
        9,
        63,
        64,
        1_000,
        999_999,
        1_000_000,
        u32::MAX.into(),
        1_500_000_000,
        86_400_000_000_000,
        u64::MAX / 2,
        u64::MAX,
    ];
    nanos.map(Duration::from_nanos).into()
}

/// B2: full jitter is uniform over `0..=x` at nanosecond resolution, for every size of `x`.
#[test]
fn full_jitter_is_uniform_from_nothing_to_the_delay() {
    for (seed, span) in spans().into_iter().enumerate() {
        let draws = draws(Policy::fixed(span).jitter(Jitter::Full), seed as u64);
        assert!(is_uniform(&draws, Duration::ZERO, span), "0..={span:?}");
    }
}

/// B2: equal jitter is uniform over the upper half.
#[test]
fn equal_jitter_is_uniform_over_the_upper_half() {
    for (seed, span) in spans().into_iter().enumerate() {
        let draws = draws(Policy::fixed(span).jitter(Jitter::Equal), seed as u64);
        assert!(is_uniform(&draws, span - span / 2, span), "half of {span:?}");
    }
}

/// B2: proportional jitter is uniform around the delay, by the whole ratio on both sides.
#[test]
fn proportional_jitter_is_uniform_around_the_delay() {
    for (seed, span) in spans().into_iter().enumerate() {
        for (ratio, reach) in [(0.5, span / 2), (0.25, span / 4), (1.0, span)] {
            let draws = draws(Policy::fixed(span).jitter(Jitter::proportional(ratio)), seed as u64);
            assert!(
                is_uniform(&draws, span - reach, (span + reach).min(LONGEST)),
                "{span:?} and {ratio}"
            );
        }
    }
}

/// B2, B3: at the cap proportional jitter is scaled, not truncated: it stays uniform up to the cap.
#[test]
fn proportional_jitter_is_uniform_up_to_the_cap() {
    let second = Duration::from_secs(1);
    for percent in [100, 105, 150] {
        let cap = second * percent / 100;
        let draws = draws(
            Policy::fixed(second * 2)
                .max_delay(cap)
                .jitter(Jitter::proportional(0.5)),
            1,
        );
        assert!(is_uniform(&draws, cap / 2, cap), "cap {cap:?}");
        let below = self::draws(
            Policy::fixed(second).max_delay(cap).jitter(Jitter::proportional(0.5)),
            2,
        );
        assert!(is_uniform(&below, second / 2, cap), "cap {cap:?} above the delay");
    }
}

/// B3: at saturation no value carries more than a hundredth of the draws, and the cap least of all.
#[test]
fn delays_at_the_cap_keep_spreading() {
    let cap = Duration::from_secs(5);
    for jitter in [
        Jitter::Full,
        Jitter::Equal,
        Jitter::proportional(0.2),
        Jitter::proportional(1.0),
    ] {
        let policy = Policy::exponential(Duration::from_millis(100))
            .max_delay(cap)
            .jitter(jitter);
        let delays: Vec<_> = policy.max_attempts(DRAWS).seed(5).delays().skip(10).collect();
        assert!(largest_share(&delays) <= 0.01, "{jitter:?}");
    }
    let policy = Policy::decorrelated(Duration::from_millis(100)).max_delay(cap);
    let delays: Vec<_> = policy.max_attempts(DRAWS).seed(5).delays().skip(10).collect();
    assert!(largest_share(&delays) <= 0.01, "decorrelated");
    assert!(
        delays.iter().filter(|delay| **delay > cap / 2).count() > delays.len() / 5,
        "it reaches the cap"
    );
}

/// B2: a decorrelated delay is uniform between the base and three times the one before.
#[test]
fn first_decorrelated_delay_is_uniform() {
    for base in [
        Duration::from_nanos(50),
        Duration::from_micros(300),
        Duration::from_secs(2),
    ] {
        let first = |seed| {
            Policy::decorrelated(base)
                .seed(seed)
                .delays()
                .next()
                .unwrap_or_default()
        };
        let draws: Vec<_> = (0..u64::from(DRAWS))
            .map(|seed| first(seed.wrapping_mul(0x5851_F42D_4C95_7F2D)))
            .collect();
        assert!(is_uniform(&draws, base, base * 3), "{base:?}");
    }
}

/// B6: seeds that follow each other, as serial numbers do, spread a fleet as chance would.
#[test]
fn neighbouring_seeds_spread_a_fleet() {
    let second = Duration::from_secs(1);
    for first_serial in [0, 1 << 20, u64::MAX / 2] {
        for attempt in 0..3 {
            let delay = |serial| {
                Policy::fixed(second)
                    .jitter(Jitter::Full)
                    .max_attempts(9)
                    .seed(serial)
                    .delays()
                    .nth(attempt)
            };
            let fleet: Vec<_> = (0..u64::from(DRAWS))
                .filter_map(|serial| delay(first_serial + serial))
                .collect();
            assert!(
                is_uniform(&fleet, Duration::ZERO, second),
                "serials from {first_serial}, delay {attempt}"
            );
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    /// B2: each jitter keeps to its range, for any delay, cap and seed.
    #[test]
    fn each_jitter_keeps_to_its_range(
        delay in any_duration(), cap in any_duration(), seed in any::<u64>(), percent in 0u32..=100,
    ) {
        let x = delay.min(cap).min(LONGEST);
        let draw = |jitter| draws_of(delay, cap, jitter, seed);
        prop_assert_eq!(draw(Jitter::None), vec![x; 8]);
        prop_assert!(draw(Jitter::Full).into_iter().all(|d| d <= x));
        prop_assert!(draw(Jitter::Equal).into_iter().all(|d| x / 2 <= d && d <= x));

        // The ratio is a double, so the bounds are exact to its precision.
        let ratio = f64::from(percent) / 100.0;
        let nanos = x.as_nanos();
        let reach = nanos / 100 * u128::from(percent) + (nanos % 100) * u128::from(percent) / 100;
        let slack = 1 + (nanos >> 50);
        for d in draw(Jitter::proportional(ratio)) {
            prop_assert!(d.as_nanos() + reach + slack >= nanos, "{:?} is below {:?}", d, x);
            prop_assert!(d.as_nanos() <= nanos + reach + slack && d <= cap, "{:?} is above {:?}", d, x);
        }
    }

    /// B2: proportional jitter by nothing is no jitter.
    #[test]
    fn proportional_jitter_by_nothing_changes_nothing(delay in any_duration(), seed in any::<u64>()) {
        let expected = vec![delay.min(LONGEST); 8];
        prop_assert_eq!(draws_of(delay, Duration::MAX, Jitter::proportional(0.0), seed), expected);
    }

    /// B4: a draw from any two bounds lies between them; from bounds the wrong way round it is the lower.
    #[test]
    fn draw_lies_between_its_bounds(low in any_duration(), high in any_duration(), seed in any::<u64>()) {
        let draw = Random::seeded(seed).between(low, high);
        let [low, high] = [low, high].map(|bound| bound.min(LONGEST));
        if low <= high {
            prop_assert!(low <= draw && draw <= high);
        } else {
            prop_assert_eq!(draw, low);
        }
    }
}

/// B2: a curve that is random itself and its jitter draw different numbers.
#[test]
fn curve_and_jitter_draw_apart() {
    let second = Duration::from_secs(1);
    let first = |jitter, seed| {
        let policy = Policy::decorrelated(second).jitter(jitter).seed(seed);
        policy.delays().next().unwrap().as_secs_f64()
    };
    let is_the_same = |seed: &u64| {
        let curve = first(Jitter::None, *seed);
        // The draw of the curve within one to three seconds, and the draw of the jitter within that delay: as shares.
        let (of_curve, of_jitter) = ((curve - 1.0) / 2.0, first(Jitter::Full, *seed) / curve);
        (of_curve - of_jitter).abs() < 0.01
    };
    let same = (0..1_000).filter(is_the_same).count();
    assert!(same < 100, "{same} of 1000");
}

fn draws_of(delay: Duration, cap: Duration, jitter: Jitter, seed: u64) -> Vec<Duration> {
    Policy::fixed(delay)
        .max_delay(cap)
        .jitter(jitter)
        .seed(seed)
        .max_attempts(9)
        .delays()
        .collect()
}

/// B2: both ends of a small range are drawn, and nothing between them is left out.
#[test]
fn every_nanosecond_of_a_small_range_is_drawn() {
    let draws = draws(Policy::fixed(Duration::from_nanos(9)).jitter(Jitter::Full), 3);
    for nanos in 0..=9 {
        assert!(
            draws.contains(&Duration::from_nanos(nanos)),
            "{nanos} ns is never drawn"
        );
    }
}

/// Jitter is a plain value: the same ratio is the same jitter.
#[test]
fn jitter_compares_by_value() {
    assert_eq!(Jitter::proportional(0.3), Jitter::proportional(0.3));
    assert_ne!(Jitter::proportional(0.3), Jitter::proportional(0.4));
    assert_eq!(Jitter::default(), Jitter::Full);
    assert!(size_of::<Jitter>() <= 2 * size_of::<Ratio>());
}
