//! A gate by value, which no other call would share; another name for it; no value.

use persevere::limit::Pause;
use persevere::{RetryError, retry};

#[retry(pace = Pause::new())]
fn by_value() -> Result<u32, RetryError<u8>> {
    Ok(7)
}

#[retry(pause = &PAUSE)]
fn other_name() -> Result<u32, RetryError<u8>> {
    Ok(7)
}

#[retry(pace)]
fn no_value() -> Result<u32, RetryError<u8>> {
    Ok(7)
}

fn main() {
    let _ = (by_value(), other_name(), no_value());
}
