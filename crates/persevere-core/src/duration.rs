//! Durations as text: `"250us"`, `"1.5s"`, `"1m30s"`.
//!
//! A duration is one or more terms without spaces. A term is a decimal number right before its unit: `h`, `m`, `s`,
//! `ms`, `us` or `ns`. Units go from the largest to the smallest, each at most once, and only the last number may have
//! decimal places. A number without a unit is an error, and so is a fraction of a nanosecond.
//!
//! `#[retry]`, the files of `persevere-config` and the command `persevere` all read durations by [`parse`].

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

/// Why a text is not a duration; returned by [`parse`].
///
/// `{}` prints the reason and what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidDuration {
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

impl fmt::Display for InvalidDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            InvalidDuration::Empty => "the duration is empty: write \"100ms\" or \"1.5s\"",
            InvalidDuration::MissingUnit => {
                "the duration has no unit after its number: write \"100ms\" or \"1.5s\" (units: h, m, s, ms, us, ns)"
            }
            InvalidDuration::UnknownUnit => {
                "the duration has an unknown unit: write one of h, m, s, ms, us and ns, as in \"100ms\""
            }
            InvalidDuration::Number => {
                "a duration is a decimal number right before its unit: write \"100ms\", \"1.5s\" or \"1m30s\""
            }
            InvalidDuration::Order => {
                "the units of a duration go from the largest to the smallest, each at most once: write \"1m30s\""
            }
            InvalidDuration::Fraction => {
                "only the last number of a duration may have decimal places: write \"1m30s\" or \"1m1.5s\""
            }
            InvalidDuration::TooFine => "the duration has a fraction of a nanosecond: write fewer decimal places",
            InvalidDuration::TooLong => "the duration is too long: write less than 2^64 seconds",
        })
    }
}

impl Error for InvalidDuration {}

/// Parses a duration exactly, without rounding.
///
/// # Errors
///
/// [`InvalidDuration`] if `text` does not follow the grammar of [this module](self), or if no [`Duration`] has its
/// length.
///
/// # Examples
///
/// ```
/// use persevere::duration::{self, InvalidDuration};
/// use std::time::Duration;
///
/// assert_eq!(duration::parse("1m30s"), Ok(Duration::from_secs(90)));
/// assert_eq!(duration::parse("1.5s"), Ok(Duration::from_millis(1_500)));
/// assert_eq!(duration::parse("100"), Err(InvalidDuration::MissingUnit));
/// ```
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    if text.is_empty() {
        return Err(InvalidDuration::Empty);
    }
    let (mut rest, mut nanos, mut units) = (text, 0u128, UNITS.as_slice());
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit() && c != '.');
        let (unit, after) = split_where(after, |c| !c.is_alphabetic());
        let length = match units.iter().position(|(name, _)| *name == unit) {
            _ if number.is_empty() => return Err(InvalidDuration::Number),
            None if unit.is_empty() && after.is_empty() => return Err(InvalidDuration::MissingUnit),
            None if unit.is_empty() => return Err(InvalidDuration::Number),
            None if UNITS.iter().any(|(name, _)| *name == unit) => return Err(InvalidDuration::Order),
            None => return Err(InvalidDuration::UnknownUnit),
            Some(index) => {
                let (_, length) = units[index];
                units = &units[index + 1..];
                length
            }
        };
        if !after.is_empty() && number.contains('.') {
            return Err(InvalidDuration::Fraction);
        }
        nanos = nanos
            .checked_add(term(number, length)?)
            .ok_or(InvalidDuration::TooLong)?;
        rest = after;
    }
    let seconds = u64::try_from(nanos / 1_000_000_000).map_err(|_| InvalidDuration::TooLong)?;
    Ok(Duration::new(seconds, (nanos % 1_000_000_000) as u32))
}

/// Splits before the first character that `ends` holds for.
fn split_where(text: &str, ends: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// `number` times `unit`, in nanoseconds.
fn term(number: &str, unit: u128) -> Result<u128, InvalidDuration> {
    let (whole, decimals) = match number.split_once('.') {
        Some((_, "")) => return Err(InvalidDuration::Number),
        Some(parts) => parts,
        None => (number, ""),
    };
    let whole = digits(whole)?.ok_or(InvalidDuration::TooLong)?;
    // Trailing zeros change nothing, however many there are.
    let decimals = decimals.trim_end_matches('0');
    let part = if decimals.is_empty() {
        0
    } else {
        let scale = u32::try_from(decimals.len())
            .ok()
            .and_then(|places| 10u128.checked_pow(places));
        let product = digits(decimals)?.and_then(|digits| digits.checked_mul(unit));
        let (scale, product) = scale.zip(product).ok_or(InvalidDuration::TooFine)?;
        if product % scale != 0 {
            return Err(InvalidDuration::TooFine);
        }
        product / scale
    };
    whole
        .checked_mul(unit)
        .and_then(|whole| whole.checked_add(part))
        .ok_or(InvalidDuration::TooLong)
}

/// The value of ASCII digits, `None` if it exceeds 128 bits.
fn digits(text: &str) -> Result<Option<u128>, InvalidDuration> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidDuration::Number);
    }
    Ok(text.parse().ok())
}

/// Returns a duration as text that [`parse`] reads back exactly.
///
/// # Examples
///
/// ```
/// use persevere::duration::text;
/// use std::time::Duration;
///
/// assert_eq!(text(Duration::from_millis(100)).to_string(), "100ms");
/// assert_eq!(text(Duration::from_millis(91_500)).to_string(), "1m31.5s");
/// assert_eq!(text(Duration::ZERO).to_string(), "0s");
/// ```
#[must_use]
pub const fn text(duration: Duration) -> Text {
    Text(duration)
}

/// A [`Duration`] whose `Display` is text for [`parse`]; returned by [`text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text(Duration);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // To pad the whole, and not its terms.
        let mut buffer = Buffer { text: [0; 48], len: 0 };
        self.write(&mut buffer)?;
        f.pad(core::str::from_utf8(&buffer.text[..buffer.len]).map_err(|_| fmt::Error)?)
    }
}

impl Text {
    fn write(self, out: &mut impl fmt::Write) -> fmt::Result {
        let (seconds, nanos) = (self.0.as_secs(), self.0.subsec_nanos());
        if seconds == 0 && nanos > 0 {
            // In one term of the largest unit that fits.
            return match nanos {
                1_000_000.. => decimal(out, u64::from(nanos / 1_000_000), nanos % 1_000_000, 6, "ms"),
                1_000.. => decimal(out, u64::from(nanos / 1_000), nanos % 1_000, 3, "us"),
                _ => decimal(out, u64::from(nanos), 0, 0, "ns"),
            };
        }
        let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        for (number, unit) in [(hours, "h"), (minutes, "m")] {
            if number > 0 {
                decimal(out, number, 0, 0, unit)?;
            }
        }
        if rest > 0 || nanos > 0 || seconds == 0 {
            decimal(out, rest, nanos, 9, "s")?;
        }
        Ok(())
    }
}

/// Writes a term: `whole`, and `part` as decimals of the given number of places, without trailing zeros.
fn decimal(out: &mut impl fmt::Write, whole: u64, mut part: u32, mut places: usize, unit: &str) -> fmt::Result {
    write!(out, "{whole}")?;
    if part > 0 {
        while part % 10 == 0 {
            part /= 10;
            places -= 1;
        }
        write!(out, ".{part:0places$}")?;
    }
    out.write_str(unit)
}

/// Longer than any text: 16 digits of hours, 2 of minutes, and `59.999999999s`.
struct Buffer {
    text: [u8; 48],
    len: usize,
}

impl fmt::Write for Buffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.len + text.len();
        let place = self.text.get_mut(self.len..end).ok_or(fmt::Error)?;
        place.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use proptest::prelude::*;
    use std::{format, string::ToString};

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
            ("", InvalidDuration::Empty),
            ("100", InvalidDuration::MissingUnit),
            ("0", InvalidDuration::MissingUnit),
            ("1m30", InvalidDuration::MissingUnit),
            ("1d", InvalidDuration::UnknownUnit),
            ("5min", InvalidDuration::UnknownUnit),
            ("5µs", InvalidDuration::UnknownUnit),
            ("1S", InvalidDuration::UnknownUnit),
            ("1e3ms", InvalidDuration::UnknownUnit),
            ("s", InvalidDuration::Number),
            (".5s", InvalidDuration::Number),
            ("1.s", InvalidDuration::Number),
            ("1..2s", InvalidDuration::Number),
            ("1.2.3s", InvalidDuration::Number),
            ("-1s", InvalidDuration::Number),
            ("+1s", InvalidDuration::Number),
            ("1_000ms", InvalidDuration::Number),
            (" 1s", InvalidDuration::Number),
            ("1 s", InvalidDuration::Number),
            ("1s ", InvalidDuration::Number),
            ("1m 30s", InvalidDuration::Number),
            ("٣s", InvalidDuration::Number),
            ("30s1m", InvalidDuration::Order),
            ("1s1s", InvalidDuration::Order),
            ("1.5m30s", InvalidDuration::Fraction),
            ("1.0m30s", InvalidDuration::Fraction),
            ("1.5ns", InvalidDuration::TooFine),
            ("0.0000000001s", InvalidDuration::TooFine),
            (
                "0.00000000000000000000000000000000000000000000001h",
                InvalidDuration::TooFine,
            ),
            ("18446744073709551616s", InvalidDuration::TooLong),
            ("18446744073709551615s1000ms", InvalidDuration::TooLong),
            (
                "99999999999999999999999999999999999999999999s",
                InvalidDuration::TooLong,
            ),
            ("340282366920938463463374607431768211455h", InvalidDuration::TooLong),
            ("340282366920938463463374607431768211455us1ns", InvalidDuration::TooLong),
        ] {
            assert_eq!(parse(text), Err(reason), "{text}");
        }
    }

    #[test]
    fn duration_is_written_in_its_usual_units() {
        for (duration, written) in [
            (Duration::ZERO, "0s"),
            (Duration::from_nanos(7), "7ns"),
            (Duration::from_nanos(1_500), "1.5us"),
            (Duration::from_millis(100), "100ms"),
            (Duration::from_micros(100_250), "100.25ms"),
            (Duration::from_secs(60), "1m"),
            (Duration::from_secs(3_605), "1h5s"),
            (Duration::new(61, 50_000_000), "1m1.05s"),
            (Duration::MAX, "5124095576030431h15.999999999s"),
        ] {
            assert_eq!(text(duration).to_string(), written);
        }
        assert_eq!(
            format!("{:>6}|{:<4}|", text(Duration::from_secs(61)), text(Duration::ZERO)),
            "  1m1s|0s  |"
        );
    }

    proptest! {
        #[test]
        fn written_duration_is_parsed_to_itself(seconds in prop_oneof![Just(0), any::<u64>()], nanos in 0u32..1_000_000_000) {
            let duration = Duration::new(seconds, nanos);
            prop_assert_eq!(parse(&text(duration).to_string()), Ok(duration));
        }

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
