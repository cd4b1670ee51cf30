//! The buckets of a log-linear histogram: 16 equal steps to each octave.

use core::time::Duration;
use persevere_core::time::nanos;

/// The first octave begins at 2^16 ns, 66 µs.
const FIRST_OCTAVE: u32 = 16;
/// The last octave ends at 2^36 ns, 69 s.
const OCTAVES: u32 = 20;
/// The steps of an octave, as a power of two.
const STEP_BITS: u32 = 4;

/// The first bucket is below the range, the last above it.
pub(crate) const BUCKETS: usize = 2 + ((OCTAVES as usize) << STEP_BITS);
const ABOVE: usize = BUCKETS - 1;

/// The bucket of a time.
#[inline]
pub(crate) const fn bucket_of(time: Duration) -> usize {
    let nanos = nanos(time);
    if nanos < 1 << FIRST_OCTAVE {
        return 0;
    }
    let octave = nanos.ilog2();
    if octave >= FIRST_OCTAVE + OCTAVES {
        return ABOVE;
    }
    let step = (nanos >> (octave - STEP_BITS)) & ((1 << STEP_BITS) - 1);
    1 + (((octave - FIRST_OCTAVE) as usize) << STEP_BITS) + step as usize
}

/// The time in the middle of a bucket, at most 1/32 from any time in it. The bucket below the range has the begin of
/// the range, and the bucket above it has `None`.
pub(crate) const fn time_of(bucket: usize) -> Option<Duration> {
    if bucket == 0 {
        return Some(Duration::from_nanos(1 << FIRST_OCTAVE));
    }
    if bucket >= ABOVE {
        return None;
    }
    let (octave, step) = ((bucket - 1) >> STEP_BITS, (bucket - 1) & ((1 << STEP_BITS) - 1));
    let width = 1_u64 << (octave as u32 + FIRST_OCTAVE - STEP_BITS);
    Some(Duration::from_nanos(
        ((1 << STEP_BITS) + step as u64) * width + width / 2,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_contiguous_and_their_middles_within_a_32nd() {
        let mut last = 0;
        for exponent in 0..37 {
            for part in 0..64_u64 {
                let nanos = (1 << exponent) + (part << exponent) / 64;
                let bucket = bucket_of(Duration::from_nanos(nanos));
                assert!(
                    bucket == last || bucket == last + 1,
                    "{nanos} ns is in {bucket}, after {last}"
                );
                last = bucket;
                if let Some(middle) = time_of(bucket).filter(|_| bucket > 0) {
                    let error = (middle.as_nanos() as f64 - nanos as f64).abs() / nanos as f64;
                    assert!(error <= 1.0 / 32.0, "{nanos} ns: {middle:?}");
                }
            }
        }
        assert_eq!(last, ABOVE);
    }

    #[test]
    fn times_out_of_range_have_buckets() {
        assert_eq!((bucket_of(Duration::ZERO), bucket_of(Duration::MAX)), (0, ABOVE));
        assert_eq!(time_of(0), Some(Duration::from_nanos(65_536)));
        assert_eq!(time_of(ABOVE), None);
    }
}
