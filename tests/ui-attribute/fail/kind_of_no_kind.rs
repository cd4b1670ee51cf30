//! A pattern over the kind of an error that has none.

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
