//! The histogram beside a sorted vector.

use persevere::hedge::{InvalidHedge, Latency, Quantile};
use proptest::prelude::*;
use std::time::Duration;

/// In nanoseconds, from below the range to above it, each octave as likely as another.
fn time() -> impl Strategy<Value = u64> {
    (10_u32..40).prop_flat_map(|octave| (1_u64 << octave)..(1 << (octave + 1)))
}

const LOWEST: u64 = 1 << 16;
const HIGHEST: u64 = 1 << 36;

proptest! {
    /// The sample at a quantile is found with an error of at most 1/32.
    #[test]
    fn quantile_is_the_sample_of_a_sorted_vector(mut times in prop::collection::vec(time(), 1..400), share in 0.001..0.999) {
        let latency = Latency::new().minimum_samples(1);
        times.iter().for_each(|&time| latency.record(Duration::from_nanos(time), Duration::ZERO));
        times.sort_unstable();
        let quantile = Quantile::new(share);
        // The smallest sample below or at which the given share of the samples is.
        let rank = (quantile.share() * times.len() as f64 - 1e-9).ceil().max(1.0) as usize;
        let exact = times[rank - 1];
        match latency.quantile(quantile, Duration::ZERO) {
            None => prop_assert!(exact >= HIGHEST),
            Some(found) => {
                let (found, exact) = (found.as_nanos() as f64, exact.max(LOWEST) as f64);
                prop_assert!((found - exact).abs() <= exact / 32.0, "{} for {}", found, exact);
            }
        }
        prop_assert_eq!(latency.samples(Duration::ZERO), times.len() as u64);
    }

    /// A sample counts for half a window at least and a whole window at most, at any times.
    #[test]
    fn sample_counts_for_its_window(mut at in prop::collection::vec(0_u64..100_000, 1..60)) {
        let latency = Latency::new().window(Duration::from_secs(10));
        at.sort_unstable();
        for (index, &now) in at.iter().enumerate() {
            latency.record(Duration::from_millis(1), Duration::from_millis(now));
            let within = |length| at[..=index].iter().filter(|&&then| now - then < length).count() as u64;
            let samples = latency.samples(Duration::from_millis(now));
            prop_assert!(samples >= within(5_000) && samples <= within(10_000), "{} at {} ms", samples, now);
        }
    }
}

#[test]
fn quantile_follows_a_change() {
    let latency = Latency::new();
    let at = Duration::from_secs;
    let median = |second| latency.quantile(Quantile::P50, at(second)).unwrap();
    for second in 0..120 {
        let time = Duration::from_millis(if second < 60 { 10 } else { 200 });
        (0..10).for_each(|_| latency.record(time, at(second)));
    }
    // Half a window and a whole window after the change are over.
    let latest = median(119);
    assert!(
        latest.abs_diff(Duration::from_millis(200)) <= Duration::from_millis(7),
        "{latest:?}"
    );
}

#[test]
fn settings_are_validated() {
    let long = Duration::from_secs(24 * 60 * 60 + 1);
    for length in [Duration::ZERO, Duration::from_millis(999), long] {
        assert_eq!(
            Latency::new().try_window(length).unwrap_err(),
            InvalidHedge::Window(length)
        );
    }
    for share in [0.0, 1.0, -1.0, f64::NAN] {
        assert!(
            matches!(Quantile::try_new(share), Err(InvalidHedge::Quantile(_))),
            "{share}"
        );
    }
    assert_eq!(Quantile::P999.to_string(), "p99.9");
}

#[test]
fn histogram_is_small() {
    assert!(size_of::<Latency>() <= 2_620, "{} bytes", size_of::<Latency>());
}

#[test]
fn concurrent_samples_are_all_counted() {
    static LATENCY: Latency = Latency::new().window(Duration::from_secs(1_000));
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            scope.spawn(move || {
                for sample in 0..10_000_u64 {
                    // Turns in between: every thread passes from one half to the next.
                    LATENCY.record(
                        Duration::from_micros(100 + thread),
                        Duration::from_millis(450_000 + sample * 10),
                    );
                }
            });
        }
    });
    assert_eq!(LATENCY.samples(Duration::from_millis(550_000)), 40_000);
}
