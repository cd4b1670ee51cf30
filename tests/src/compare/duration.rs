//! The parser of durations beside long multiplication, read from the end of the text.

use persevere::duration::{InvalidDuration, parse};
use std::time::Duration;

/// The units in nanoseconds. A unit stands before its own suffixes.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
];

/// Parses the bytes as text, or, if they are not UTF-8, as text of the characters of durations.
///
/// # Panics
///
/// If the parser accepts another text or another value than the comparison.
pub fn check(bytes: &[u8]) {
    const ALPHABET: &[u8; 16] = b"0123456789.numsh";
    match std::str::from_utf8(bytes) {
        Ok(text) => compare(text),
        Err(_) => {
            let letters = bytes.iter().map(|byte| ALPHABET[usize::from(byte % 16)] as char);
            compare(&letters.collect::<String>());
        }
    }
}

fn compare(text: &str) {
    match (parse(text), expected(text)) {
        (Ok(duration), Ok(nanoseconds)) => assert_eq!(duration.as_nanos().to_string(), nanoseconds, "{text:?}"),
        (Err(reason), Err(reasons)) => {
            assert!(
                reasons.is_empty() || reasons.contains(&reason),
                "{text:?} is not {reason:?} but {reasons:?}"
            );
        }
        (parsed, expected) => panic!("{text:?} is {expected:?} and not {parsed:?}"),
    }
}

/// The nanoseconds in decimal. An error has every reason if the text has the grammar, and none otherwise.
fn expected(text: &str) -> Result<String, Vec<InvalidDuration>> {
    let terms = terms(text).ok_or(Vec::new())?;
    let (mut total, mut reasons) = ("0".to_owned(), Vec::new());
    for (whole, decimals, unit) in terms {
        let (nanoseconds, part) = times(whole, decimals, unit);
        total = plus(&total, &nanoseconds);
        if !part.is_empty() {
            reasons.push(InvalidDuration::TooFine);
        }
    }
    if is_longer(&total) {
        reasons.push(InvalidDuration::TooLong);
    }
    if reasons.is_empty() { Ok(total) } else { Err(reasons) }
}

/// The terms from the last to the first, each with its digits before and after the point and its unit.
fn terms(text: &str) -> Option<Vec<(&str, &str, u64)>> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (mut rest, mut terms) = (text, Vec::<(&str, &str, u64)>::new());
    while !rest.is_empty() {
        let (before, unit) = UNITS
            .iter()
            .find_map(|(name, unit)| Some((rest.strip_suffix(name)?, *unit)))?;
        let start = before
            .trim_end_matches(|character: char| character.is_ascii_digit() || character == '.')
            .len();
        let (whole, decimals) = match before[start..].split_once('.') {
            Some((whole, decimals)) if terms.is_empty() && is_number(decimals) => (whole, decimals),
            Some(_) => return None,
            None => (&before[start..], ""),
        };
        if !is_number(whole) || terms.last().is_some_and(|(_, _, smaller)| unit <= *smaller) {
            return None;
        }
        terms.push((whole, decimals, unit));
        rest = &before[..start];
    }
    if terms.is_empty() { None } else { Some(terms) }
}

/// A decimal number times the unit, of any length: the digits before the point, and the digits after it.
fn times(whole: &str, decimals: &str, unit: u64) -> (String, String) {
    let mut product = Vec::new();
    let mut carry = 0;
    for digit in whole.bytes().chain(decimals.bytes()).rev() {
        carry += u64::from(digit - b'0') * unit;
        product.push(char::from(b'0' + (carry % 10) as u8));
        carry /= 10;
    }
    let product: String = product.into_iter().rev().collect();
    let product = format!("{carry}{product}");
    let (whole, part) = product.split_at(product.len() - decimals.len());
    (without_zeros(whole), part.trim_end_matches('0').to_owned())
}

/// The sum of two decimal numbers of any length.
fn plus(one: &str, other: &str) -> String {
    let digits = one.len().max(other.len()) + 1;
    let digit = |number: &str, place: usize| number.bytes().rev().nth(place).map_or(0, |digit| digit - b'0');
    let mut sum = Vec::new();
    let mut carry = 0;
    for place in 0..digits {
        carry += digit(one, place) + digit(other, place);
        sum.push(char::from(b'0' + carry % 10));
        carry /= 10;
    }
    without_zeros(&sum.into_iter().rev().collect::<String>())
}

/// The number without leading zeros.
fn without_zeros(number: &str) -> String {
    let number = number.trim_start_matches('0');
    if number.is_empty() { "0" } else { number }.to_owned()
}

/// Whether these nanoseconds exceed [`Duration::MAX`].
fn is_longer(nanoseconds: &str) -> bool {
    let longest = Duration::MAX.as_nanos().to_string();
    (nanoseconds.len(), nanoseconds) > (longest.len(), longest.as_str())
}
