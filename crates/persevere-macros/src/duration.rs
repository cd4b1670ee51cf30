//! Durations as they are written in the attribute: `"250us"`, `"1.5s"`.

use std::fmt;
use std::time::Duration;

/// The units, and how many nanoseconds each has. A unit that ends as another does comes before it.
const UNITS: [(&str, u128); 6] = [
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// Why a text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadDuration {
    /// There is no unit at its end.
    Unit,
    /// What is before the unit is no number.
    Number,
    /// It has a part of a nanosecond.
    TooFine,
    /// No `Duration` is that long.
    TooLong,
}

impl fmt::Display for BadDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadDuration::Unit => {
                "a duration ends with its unit, one of ns, us, ms, s, m, h: write \"100ms\" or \"1.5s\""
            }
            BadDuration::Number => "a duration is a decimal number right before its unit: write \"100ms\" or \"1.5s\"",
            BadDuration::TooFine => "a duration is a whole number of nanoseconds: write fewer decimal places",
            BadDuration::TooLong => "a duration is less than 2^64 seconds: write a shorter one",
        })
    }
}

/// The duration that `text` says, exactly.
pub(crate) fn parse(text: &str) -> Result<Duration, BadDuration> {
    let (number, unit) = UNITS
        .into_iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))
        .ok_or(BadDuration::Unit)?;
    let (whole, decimals) = match number.split_once('.') {
        Some((_, "")) => return Err(BadDuration::Number),
        Some(parts) => parts,
        None => (number, ""),
    };
    let whole = digits(whole)?.checked_mul(unit).ok_or(BadDuration::TooLong)?;
    // Zeros at the end say nothing, however many there are.
    let decimals = decimals.trim_end_matches('0');
    let part = if decimals.is_empty() {
        0
    } else {
        let digits = digits(decimals).map_err(|bad| {
            if bad == BadDuration::TooLong {
                BadDuration::TooFine
            } else {
                bad
            }
        })?;
        let scale = u32::try_from(decimals.len())
            .ok()
            .and_then(|places| 10u128.checked_pow(places));
        let (scale, product) = scale.zip(digits.checked_mul(unit)).ok_or(BadDuration::TooFine)?;
        if product % scale != 0 {
            return Err(BadDuration::TooFine);
        }
        product / scale
    };
    let nanos = whole.checked_add(part).ok_or(BadDuration::TooLong)?;
    let seconds = u64::try_from(nanos / 1_000_000_000).map_err(|_| BadDuration::TooLong)?;
    Ok(Duration::new(seconds, (nanos % 1_000_000_000) as u32))
}

/// A number of ASCII digits and nothing else.
fn digits(text: &str) -> Result<u128, BadDuration> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadDuration::Number);
    }
    text.parse().map_err(|_| BadDuration::TooLong)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_unit_is_read() {
        for (text, duration) in [
            ("1ns", Duration::from_nanos(1)),
            ("250us", Duration::from_micros(250)),
            ("100ms", Duration::from_millis(100)),
            ("1.5s", Duration::from_millis(1_500)),
            ("2m", Duration::from_secs(120)),
            ("0.5h", Duration::from_secs(1_800)),
            ("0s", Duration::ZERO),
            ("007s", Duration::from_secs(7)),
            ("1.000000001s", Duration::new(1, 1)),
            (
                "2.500000000000000000000000000000000000000000000s",
                Duration::from_millis(2_500),
            ),
            ("0.1m", Duration::from_secs(6)),
            ("18446744073709551615.999999999s", Duration::MAX),
        ] {
            assert_eq!(parse(text), Ok(duration), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, bad) in [
            ("", BadDuration::Unit),
            ("100", BadDuration::Unit),
            ("1d", BadDuration::Unit),
            ("1 S", BadDuration::Unit),
            ("1s ", BadDuration::Unit),
            ("s", BadDuration::Number),
            (".5s", BadDuration::Number),
            ("1.s", BadDuration::Number),
            ("1..2s", BadDuration::Number),
            ("1.2.3s", BadDuration::Number),
            ("-1s", BadDuration::Number),
            ("+1s", BadDuration::Number),
            ("1e3ms", BadDuration::Number),
            ("1_000ms", BadDuration::Number),
            ("1 s", BadDuration::Number),
            ("1m30s", BadDuration::Number),
            ("٣s", BadDuration::Number),
            ("1.5ns", BadDuration::TooFine),
            ("0.0000000001s", BadDuration::TooFine),
            (
                "0.00000000000000000000000000000000000000000000001h",
                BadDuration::TooFine,
            ),
            ("18446744073709551616s", BadDuration::TooLong),
            ("99999999999999999999999999999999999999999999s", BadDuration::TooLong),
            ("340282366920938463463374607431768211455h", BadDuration::TooLong),
        ] {
            assert_eq!(parse(text), Err(bad), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse(&text);
        }

        #[test]
        fn numbers_with_units_do_not_panic(number in "[0-9]{0,45}(\\.[0-9]{0,45})?", unit in 0..UNITS.len()) {
            let _ = parse(&format!("{number}{}", UNITS[unit].0));
        }

        /// What is printed exactly is read exactly.
        #[test]
        fn durations_are_read_as_written(seconds in any::<u64>(), nanos in 0u32..1_000_000_000) {
            let duration = Duration::new(seconds, nanos);
            prop_assert_eq!(parse(&format!("{seconds}.{nanos:09}s")), Ok(duration));
            prop_assert_eq!(parse(&format!("{}ns", duration.as_nanos())), Ok(duration));
        }

        /// The same text in a larger unit is as many times longer.
        #[test]
        fn units_agree(number in 0u32.., places in 0usize..4) {
            let text = format!("{number}.{}", "5".repeat(places));
            let text = text.trim_end_matches('.');
            let second = parse(&format!("{text}s")).unwrap();
            prop_assert_eq!(parse(&format!("{text}ms")).unwrap() * 1_000, second);
            prop_assert_eq!(parse(&format!("{text}us")).unwrap() * 1_000_000, second);
            prop_assert_eq!(parse(&format!("{text}m")).unwrap(), second * 60);
            prop_assert_eq!(parse(&format!("{text}h")).unwrap(), second * 3_600);
        }
    }
}
