//! Durations as the milliseconds of `setTimeout`.

use std::time::Duration;

/// The longest timer: above, `setTimeout` fires at once.
const LONGEST: u128 = i32::MAX as u128;

/// The milliseconds of a timer that takes at least this long, or of the first of several.
pub(crate) fn at_least(delay: Duration) -> u32 {
    delay.as_nanos().div_ceil(1_000_000).min(LONGEST) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_are_rounded_up_and_bounded() {
        assert_eq!(at_least(Duration::ZERO), 0);
        assert_eq!(at_least(Duration::from_nanos(1)), 1);
        assert_eq!(at_least(Duration::from_micros(2_001)), 3);
        assert_eq!(at_least(Duration::from_millis(2_147_483_647)), 2_147_483_647);
        assert_eq!(at_least(Duration::from_nanos(2_147_483_647_000_001)), 2_147_483_647);
        assert_eq!(at_least(Duration::MAX), 2_147_483_647);
    }
}
