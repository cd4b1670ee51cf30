//! Durations as text: `"100ms"`, `"1.5s"`, `"1m30s"`.

use crate::error::InvalidScenario;
use core::time::Duration;
use serde::{Deserialize, Deserializer, de};

/// A duration as a file writes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Text(pub(crate) Duration);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map(Text).map_err(de::Error::custom)
    }
}

const UNITS: [(&str, f64); 6] = [
    ("ns", 1e-9),
    ("us", 1e-6),
    ("ms", 1e-3),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3600.0),
];

/// Reads a duration: one or more numbers, each right before its unit, such as `"100ms"`, `"1.5s"` or `"1m30s"`.
///
/// # Errors
///
/// [`InvalidScenario::Text`] if it is none.
pub fn parse(text: &str) -> Result<Duration, InvalidScenario> {
    terms(text).ok_or_else(|| {
        InvalidScenario::Text(format!(
            "`{text}` is not a duration: write \"100ms\", \"1.5s\" or \"1m30s\""
        ))
    })
}

fn terms(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at(digits);
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
        seconds += number.parse::<f64>().ok()? * length;
        rest = after;
    }
    (!text.is_empty())
        .then(|| Duration::try_from_secs_f64(seconds).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        assert_eq!(terms("1m30s"), Some(Duration::from_secs(90)));
        assert_eq!(terms("1.5ms"), Some(Duration::from_micros(1500)));
        for wrong in ["", "1", "s", "-1s", "1 s", "1y"] {
            assert_eq!(terms(wrong), None, "{wrong}");
        }
    }
}
