//! Durations as text: `"250us"`, `"1.5s"`, `"1m30s"`.
//!
//! A duration is one or more terms without spaces. A term is a decimal number right before its unit: `h`, `m`, `s`,
//! `ms`, `us` or `ns`. Units go from the largest to the smallest, each at most once, and only the last number may have
//! decimal places. A number without a unit is an error, and so is a fraction of a nanosecond.
//!
//! Nothing here depends on the attribute: the same grammar serves any other text that holds a duration.

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// The units with their lengths in nanoseconds, the largest first.
const UNITS: [(&str, u128); 6] = [
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// Why a text is not a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParseError {
    /// The text is empty.
    Empty,
    /// The last number has no unit.
    MissingUnit,
    /// The letters after a number are not a unit.
    UnknownUnit,
    /// A number is missing or malformed, or there is a space or a sign.
    Number,
    /// A unit follows a smaller unit or itself.
    Order,
    /// A number other than the last has decimal places.
    Fraction,
    /// The duration has a fraction of a nanosecond.
    TooFine,
    /// The duration is longer than [`Duration::MAX`].
    TooLong,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ParseError::Empty => "the duration is empty: write \"100ms\" or \"1.5s\"",
            ParseError::MissingUnit => {
                "the duration has no unit after its number: write \"100ms\" or \"1.5s\" (units: h, m, s, ms, us, ns)"
            }
            ParseError::UnknownUnit => {
                "the duration has an unknown unit: write one of h, m, s, ms, us and ns, as in \"100ms\""
            }
            ParseError::Number => {
                "a duration is a decimal number right before its unit: write \"100ms\", \"1.5s\" or \"1m30s\""
            }
            ParseError::Order => {
                "the units of a duration go from the largest to the smallest, each at most once: write \"1m30s\""
            }
            ParseError::Fraction => {
                "only the last number of a duration may have decimal places: write \"1m30s\" or \"1m1.5s\""
            }
            ParseError::TooFine => "the duration has a fraction of a nanosecond: write fewer decimal places",
            ParseError::TooLong => "the duration is too long: write less than 2^64 seconds",
        })
    }
}

impl Error for ParseError {}

/// Parses a duration exactly, without rounding.
///
/// # Errors
///
/// [`ParseError`] if `text` does not follow the grammar of this module, or if no [`Duration`] has its length.
pub(crate) fn parse(text: &str) -> Result<Duration, ParseError> {
    if text.is_empty() {
        return Err(ParseError::Empty);
    }
    let (mut rest, mut nanos, mut units) = (text, 0u128, UNITS.as_slice());
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit() && c != '.');
        let (unit, after) = split_where(after, |c| !c.is_alphabetic());
        let length = match units.iter().position(|(name, _)| *name == unit) {
            _ if number.is_empty() => return Err(ParseError::Number),
            None if unit.is_empty() && after.is_empty() => return Err(ParseError::MissingUnit),
            None if unit.is_empty() => return Err(ParseError::Number),
            None if UNITS.iter().any(|(name, _)| *name == unit) => return Err(ParseError::Order),
            None => return Err(ParseError::UnknownUnit),
            Some(index) => {
                let (_, length) = units[index];
                units = &units[index + 1..];
                length
            }
        };
        if !after.is_empty() && number.contains('.') {
            return Err(ParseError::Fraction);
        }
        nanos = nanos.checked_add(term(number, length)?).ok_or(ParseError::TooLong)?;
        rest = after;
    }
    let seconds = u64::try_from(nanos / 1_000_000_000).map_err(|_| ParseError::TooLong)?;
    Ok(Duration::new(seconds, (nanos % 1_000_000_000) as u32))
}

/// Splits before the first character that `ends` holds for.
fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// `number` times `unit`, in nanoseconds.
fn term(number: &str, unit: u128) -> Result<u128, ParseError> {
    let (whole, decimals) = match number.split_once('.') {
        Some((_, "")) => return Err(ParseError::Number),
        Some(parts) => parts,
        None => (number, ""),
    };
    let whole = digits(whole)?.ok_or(ParseError::TooLong)?;
    // Trailing zeros change nothing, however many there are.
    let decimals = decimals.trim_end_matches('0');
    let part = if decimals.is_empty() {
        0
    } else {
        let scale = u32::try_from(decimals.len())
            .ok()
            .and_then(|places| 10u128.checked_pow(places));
        let product = digits(decimals)?.and_then(|digits| digits.checked_mul(unit));
        let (scale, product) = scale.zip(product).ok_or(ParseError::TooFine)?;
        if product % scale != 0 {
            return Err(ParseError::TooFine);
        }
        product / scale
    };
    whole
        .checked_mul(unit)
        .and_then(|whole| whole.checked_add(part))
        .ok_or(ParseError::TooLong)
}

/// The value of ASCII digits, `None` if it exceeds 128 bits.
fn digits(text: &str) -> Result<Option<u128>, ParseError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(ParseError::Number);
    }
    Ok(text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_of_the_grammar_is_parsed_exactly() {
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
            ("1m30s", Duration::from_secs(90)),
            ("1m1.5s", Duration::from_millis(61_500)),
            ("1h0m30s", Duration::from_secs(3_630)),
            ("1h90m", Duration::from_secs(9_000)),
            ("1h2m3s4ms5us6ns", Duration::new(3_723, 4_005_006)),
            ("2s500ms", Duration::from_millis(2_500)),
            ("18446744073709551615.999999999s", Duration::MAX),
            ("18446744073709551615s999999999ns", Duration::MAX),
        ] {
            assert_eq!(parse(text), Ok(duration), "{text}");
        }
    }

    #[test]
    fn other_text_is_rejected_with_its_reason() {
        for (text, reason) in [
            ("", ParseError::Empty),
            ("100", ParseError::MissingUnit),
            ("0", ParseError::MissingUnit),
            ("1m30", ParseError::MissingUnit),
            ("1d", ParseError::UnknownUnit),
            ("5min", ParseError::UnknownUnit),
            ("5µs", ParseError::UnknownUnit),
            ("1S", ParseError::UnknownUnit),
            ("1e3ms", ParseError::UnknownUnit),
            ("s", ParseError::Number),
            (".5s", ParseError::Number),
            ("1.s", ParseError::Number),
            ("1..2s", ParseError::Number),
            ("1.2.3s", ParseError::Number),
            ("-1s", ParseError::Number),
            ("+1s", ParseError::Number),
            ("1_000ms", ParseError::Number),
            (" 1s", ParseError::Number),
            ("1 s", ParseError::Number),
            ("1s ", ParseError::Number),
            ("1m 30s", ParseError::Number),
            ("٣s", ParseError::Number),
            ("30s1m", ParseError::Order),
            ("1s1s", ParseError::Order),
            ("1.5m30s", ParseError::Fraction),
            ("1.0m30s", ParseError::Fraction),
            ("1.5ns", ParseError::TooFine),
            ("0.0000000001s", ParseError::TooFine),
            (
                "0.00000000000000000000000000000000000000000000001h",
                ParseError::TooFine,
            ),
            ("18446744073709551616s", ParseError::TooLong),
            ("18446744073709551615s1000ms", ParseError::TooLong),
            ("99999999999999999999999999999999999999999999s", ParseError::TooLong),
            ("340282366920938463463374607431768211455h", ParseError::TooLong),
            ("340282366920938463463374607431768211455us1ns", ParseError::TooLong),
        ] {
            assert_eq!(parse(text), Err(reason), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_without_panic(text in ".*") {
            let _ = parse(&text);
        }

        #[test]
        fn terms_are_parsed_without_panic(text in "([0-9]{0,45}(\\.[0-9]{0,45})?(h|m|s|ms|us|ns)){1,4}") {
            let _ = parse(&text);
        }

        #[test]
        fn printed_duration_is_parsed_to_itself(seconds in any::<u64>(), nanos in 0u32..1_000_000_000) {
            let duration = Duration::new(seconds, nanos);
            prop_assert_eq!(parse(&format!("{seconds}.{nanos:09}s")), Ok(duration));
            prop_assert_eq!(parse(&format!("{}ns", duration.as_nanos())), Ok(duration));
            let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60);
            prop_assert_eq!(parse(&format!("{hours}h{minutes}m{}s{nanos}ns", seconds % 60)), Ok(duration));
        }

        #[test]
        fn same_number_scales_with_its_unit(number in 0u32.., places in 0usize..4) {
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
