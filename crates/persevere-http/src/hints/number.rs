//! Numbers as headers hold them.

use std::time::Duration;

/// The longest of one number or of several with commas between them, in units of `unit`; `None` if anything is no
/// number. Fractions are rounded up.
pub(super) fn list(value: &[u8], unit: impl Fn(u64) -> Duration) -> Option<Duration> {
    let mut longest = 0;
    for part in value.split(|byte| *byte == b',') {
        longest = longest.max(parse(part.trim_ascii())?);
    }
    Some(unit(longest))
}

/// A number without a sign, with or without a fraction, rounded up. It saturates.
pub(super) fn parse(number: &[u8]) -> Option<u64> {
    let mut parts = number.splitn(2, |byte| *byte == b'.');
    let (whole, fraction) = (parts.next()?, parts.next());
    let is_number = |digits: &[u8]| !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    if !is_number(whole) || fraction.is_some_and(|fraction| !is_number(fraction)) {
        return None;
    }
    let add = |sum: u64, digit: &u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    let whole = whole.iter().fold(0, add);
    let is_above = fraction.is_some_and(|fraction| fraction.iter().any(|digit| *digit != b'0'));
    Some(whole.saturating_add(u64::from(is_above)))
}
