//! Times as text.

use std::time::Duration;

/// A time with three digits and its unit.
pub(crate) fn time(time: Duration) -> String {
    let (value, unit) = match time.as_secs_f64() {
        seconds if seconds >= 120.0 => (seconds / 60.0, "min"),
        seconds if seconds >= 1.0 || seconds == 0.0 => (seconds, "s"),
        seconds if seconds >= 1e-3 => (seconds * 1e3, "ms"),
        seconds => (seconds * 1e6, "µs"),
    };
    format!("{} {unit}", number(value))
}

/// A number with three digits.
pub(crate) fn number(value: f64) -> String {
    let decimals = match value {
        _ if value >= 100.0 => 0,
        _ if value >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        let times = [0, 250, 3_300, 47_120, 310_000, 1_234_567, 120_000_000, 7_200_000_000];
        let texts = times.map(|micros| time(Duration::from_micros(micros)));
        assert_eq!(
            texts,
            [
                "0 s", "250 µs", "3.3 ms", "47.1 ms", "310 ms", "1.23 s", "2 min", "120 min"
            ]
        );
    }
}
