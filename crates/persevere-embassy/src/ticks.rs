//! Ticks of a timer as durations.

use core::time::Duration;

const NANOS: u128 = 1_000_000_000;

/// The fewest ticks that take at least this long.
pub(crate) const fn at_least(delay: Duration, hz: u64) -> u64 {
    // At most 2^64 s in nanoseconds (94 bits) at 2^30 Hz: below 128 bits. Faster timers saturate.
    let ticks = match delay.as_nanos().checked_mul(hz as u128) {
        Some(product) => product.div_ceil(NANOS),
        None => return u64::MAX,
    };
    if ticks > u64::MAX as u128 {
        u64::MAX
    } else {
        ticks as u64
    }
}

/// How long these ticks take, rounded down.
pub(crate) const fn duration(ticks: u64, hz: u64) -> Duration {
    let rest = (ticks % hz) as u128 * NANOS / hz as u128;
    Duration::new(ticks / hz, rest as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn longest_delay_saturates() {
        assert_eq!(at_least(Duration::MAX, 1_000_000), u64::MAX);
        assert_eq!(at_least(Duration::MAX, u64::MAX), u64::MAX);
        assert_eq!(at_least(Duration::ZERO, 32_768), 0);
    }

    proptest! {
        #[test]
        fn ticks_are_the_fewest_that_suffice(delay in 0..=u64::MAX / 2, hz in 1..=1_000_000_000_u64) {
            let delay = Duration::from_nanos(delay);
            let ticks = at_least(delay, hz);
            // A tick that is no whole number of nanoseconds is shown rounded down.
            prop_assert!(duration(ticks, hz) + Duration::from_nanos(1) >= delay);
            if ticks > 0 {
                prop_assert!(duration(ticks - 1, hz) < delay);
            }
        }

        #[test]
        fn durations_grow_with_ticks(ticks in 0..u64::MAX, hz in 1..=u64::MAX) {
            prop_assert!(duration(ticks, hz) <= duration(ticks + 1, hz));
        }
    }
}
