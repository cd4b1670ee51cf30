//! The macro's reader of durations beside long multiplication by hand.

// A crate of attributes cannot be linked, so its module is compiled here once more.
#[path = "../../../crates/persevere-macros/src/duration.rs"]
mod parser;

use parser::{BadDuration, parse};
use std::time::Duration;

/// The longer names before those that they end with.
const UNITS: [(&str, u64); 6] = [
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
    ("h", 3_600_000_000_000),
    ("m", 60_000_000_000),
    ("s", 1_000_000_000),
];

/// Reads the bytes as a text, and if they are none, as a text of what durations are made of.
///
/// # Panics
///
/// If a text is read as what it does not say, or refused for what it is not.
pub fn check(bytes: &[u8]) {
    const ALPHABET: &[u8; 16] = b"0123456789.nums0";
    match std::str::from_utf8(bytes) {
        Ok(text) => compare(text),
        Err(_) => {
            let letters = bytes.iter().map(|byte| ALPHABET[usize::from(byte % 16)] as char);
            compare(&letters.collect::<String>());
        }
    }
}

fn compare(text: &str) {
    match (parse(text), faults(text)) {
        (Ok(duration), Ok(nanoseconds)) => assert_eq!(duration.as_nanos().to_string(), nanoseconds, "{text:?}"),
        (Err(bad), Err(faults)) => assert!(faults.contains(&bad), "{text:?} is not {bad:?} but {faults:?}"),
        (parsed, expected) => panic!("{text:?} is {expected:?} and not {parsed:?}"),
    }
}

/// The nanoseconds that the text says, in decimal, or all that is wrong with it.
fn faults(text: &str) -> Result<String, Vec<BadDuration>> {
    let Some((number, unit)) = UNITS
        .iter()
        .find_map(|(name, unit)| Some((text.strip_suffix(name)?, unit)))
    else {
        return Err(vec![BadDuration::Unit]);
    };
    let (whole, decimals) = match number.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (number, None),
    };
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) {
        return Err(vec![BadDuration::Number]);
    }
    let mut faults = Vec::new();
    if decimals.is_some_and(|decimals| !is_number(decimals)) {
        faults.push(BadDuration::Number);
    }
    let (whole, part) = times(
        whole,
        decimals.filter(|decimals| is_number(decimals)).unwrap_or_default(),
        *unit,
    );
    if is_longer(&whole) {
        faults.push(BadDuration::TooLong);
    }
    if !part.is_empty() {
        faults.push(BadDuration::TooFine);
    }
    if faults.is_empty() { Ok(whole) } else { Err(faults) }
}

/// A decimal number times the unit, of any length: its whole part, and what it has after the point.
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
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    (whole.to_owned(), part.trim_end_matches('0').to_owned())
}

/// Whether so many nanoseconds are more than any duration has.
fn is_longer(nanoseconds: &str) -> bool {
    let longest = Duration::MAX.as_nanos().to_string();
    (nanoseconds.len(), nanoseconds) > (longest.len(), longest.as_str())
}
