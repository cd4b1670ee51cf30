//! Bodies of another type.

use persevere::{RetryError, retry};

#[retry]
fn returns_the_whole() -> Result<u32, RetryError<String>> {
    inner()
}

#[retry]
fn inner() -> Result<u32, RetryError<String>> {
    Ok(1)
}

#[retry]
async fn returns_a_number() -> Result<u32, String> {
    7
}

fn main() {}
