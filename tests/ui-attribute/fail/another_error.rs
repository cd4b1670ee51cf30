//! Classifiers of another error.

use persevere::retry;
use std::io;

fn is_timeout(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}

#[retry(when = is_timeout)]
fn load() -> Result<u32, String> {
    Ok(1)
}

#[retry(classify = is_timeout)]
fn classified() -> Result<u32, io::Error> {
    Ok(1)
}

fn main() {}
