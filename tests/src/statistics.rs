//! Whether draws are spread as they should be.

use std::collections::HashMap;
use std::time::Duration;

/// The largest share of `draws` that one value has.
#[must_use]
pub fn largest_share(draws: &[Duration]) -> f64 {
    let mut counts = HashMap::new();
    for draw in draws {
        *counts.entry(draw).or_insert(0u32) += 1;
    }
    let most = counts.into_values().max().unwrap_or(0);
    f64::from(most) / draws.len() as f64
}

/// Pearson's statistic of `draws` against a uniform distribution over the whole nanoseconds `low..=high`, in the given
/// number of buckets. Each bucket gets its exact share of the values.
///
/// # Panics
///
/// If a draw is outside of the range, which is what its caller is testing.
#[must_use]
pub fn chi_square(draws: &[Duration], low: Duration, high: Duration, buckets: usize) -> f64 {
    let values = (high - low).as_nanos() + 1;
    let buckets = (buckets as u128).min(values);
    let mut counts = vec![0u32; buckets as usize];
    for draw in draws {
        assert!(
            low <= *draw && *draw <= high,
            "{draw:?} is outside of {low:?}..={high:?}"
        );
        counts[((*draw - low).as_nanos() * buckets / values) as usize] += 1;
    }
    // Bucket b holds the values v with b·values <= v·buckets < (b+1)·values.
    let first = |bucket: u128| (bucket * values).div_ceil(buckets);
    counts.iter().enumerate().fold(0.0, |sum, (bucket, count)| {
        let share = (first(bucket as u128 + 1) - first(bucket as u128)) as f64 / values as f64;
        let expected = share * draws.len() as f64;
        sum + (f64::from(*count) - expected).powi(2) / expected
    })
}

/// Whether `draws` look uniform over `low..=high`: the statistic of 64 buckets stays below what chance exceeds once
/// in a million times. The draws of a test are seeded, so the result is the same every time.
#[must_use]
pub fn is_uniform(draws: &[Duration], low: Duration, high: Duration) -> bool {
    let buckets = ((high - low).as_nanos() + 1).min(64) as usize;
    let freedom = (buckets - 1).max(1) as f64;
    // The approximation of Wilson and Hilferty, at 4.75 standard deviations.
    let cube = 1.0 - 2.0 / (9.0 * freedom) + 4.75 * (2.0 / (9.0 * freedom)).sqrt();
    chi_square(draws, low, high, buckets) <= freedom * cube.powi(3)
}
