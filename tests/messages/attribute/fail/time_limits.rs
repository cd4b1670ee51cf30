//! Time limits in functions that cannot have them.

use persevere::{RetryError, retry};

#[retry(attempt_timeout = "2s")]
fn blocking() -> Result<u32, RetryError<String>> {
    Ok(1)
}

#[retry(attempt_timeout = "2s")]
async fn plain() -> Result<u32, String> {
    Ok(1)
}

#[retry(timeout = "2s")]
async fn plain_run() -> Result<u32, String> {
    Ok(1)
}

fn main() {}
