//! A breaker in a function that has no error to return for a rejected attempt.

use persevere::breaker::CircuitBreaker;
use persevere::retry;

static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();

#[retry(breaker = &BREAKER)]
fn fetch() -> Result<u32, u8> {
    Ok(7)
}

fn main() {
    let _ = fetch();
}
