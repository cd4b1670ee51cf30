//! Latencies in buckets whose width is about a hundredth of the latency.

use core::time::Duration;

/// The buckets of each power of two.
const PARTS: u32 = 128;

/// Counts of latencies in buckets that are at most 1/128 of the latency wide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Histogram {
    counts: Vec<u32>,
    total: u64,
}

impl Histogram {
    pub(crate) const fn new() -> Histogram {
        Histogram {
            counts: Vec::new(),
            total: 0,
        }
    }

    #[inline]
    fn bucket(nanos: u64) -> usize {
        let shift = (u64::BITS - nanos.leading_zeros()).saturating_sub(PARTS.ilog2() + 1);
        (shift * PARTS) as usize + (nanos >> shift) as usize
    }

    /// The highest value of a bucket.
    fn highest(bucket: usize) -> u64 {
        let bucket = bucket as u64;
        let parts = u64::from(PARTS);
        let shift = (bucket / parts).saturating_sub(1);
        ((bucket - shift * parts + 1) << shift) - 1
    }

    #[inline]
    pub(crate) fn add(&mut self, nanos: u64) {
        let bucket = Histogram::bucket(nanos);
        if bucket >= self.counts.len() {
            self.counts.resize(bucket + 1, 0);
        }
        self.counts[bucket] += 1;
        self.total += 1;
    }

    /// Adds the counts of another histogram.
    pub(crate) fn merge(&mut self, other: &Histogram) {
        if self.counts.len() < other.counts.len() {
            self.counts.resize(other.counts.len(), 0);
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
    }

    /// The latency that this share of all does not exceed; `None` if there are none.
    pub(crate) fn quantile(&self, share: f64) -> Option<Duration> {
        let rank = (self.total as f64 * share) as u64;
        let rank = rank.min(self.total.checked_sub(1)?);
        let mut before = 0;
        for (bucket, count) in self.counts.iter().enumerate() {
            before += u64::from(*count);
            if before > rank {
                return Some(Duration::from_nanos(Histogram::highest(bucket)));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bucket_of_latency_holds_it_within_a_128th() {
        let mut last = 0;
        for nanos in (0..5000).chain([1 << 30, (1 << 30) + 12_345_678, 1 << 60, u64::MAX / 2]) {
            let bucket = Histogram::bucket(nanos);
            assert!(bucket >= last, "{nanos}");
            last = bucket;
            let highest = Histogram::highest(bucket);
            assert!(highest >= nanos && highest - nanos <= nanos / 128, "{nanos} {highest}");
        }
    }

    #[test]
    fn quantile_is_a_latency_that_was_added() {
        let mut histogram = Histogram::new();
        assert_eq!(histogram.quantile(0.5), None);
        for nanos in 0..100 {
            histogram.add(nanos);
        }
        let mut both = histogram.clone();
        both.merge(&histogram);
        for (share, nanos) in [(0.0, 0), (0.5, 50), (0.99, 99), (1.0, 99)] {
            assert_eq!(histogram.quantile(share), Some(Duration::from_nanos(nanos)));
            assert_eq!(both.quantile(share), Some(Duration::from_nanos(nanos)));
        }
    }
}
