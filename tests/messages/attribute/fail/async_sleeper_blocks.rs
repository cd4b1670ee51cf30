//! An async sleeper in a blocking function.

use persevere::{TokioSleeper, retry};

#[retry(sleeper = TokioSleeper)]
fn load() -> Result<u32, String> {
    Ok(1)
}

fn main() {}
