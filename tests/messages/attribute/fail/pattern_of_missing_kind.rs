//! A pattern for the kind of an error without `kind()`.

use persevere::retry;
use std::io;

enum MyError {
    Busy,
}

#[retry(on = [io::ErrorKind::TimedOut])]
fn load() -> Result<(), MyError> {
    Err(MyError::Busy)
}

fn main() {}
