//! Gates in a function that has no error to return for a rejected attempt.

use persevere::breaker::CircuitBreaker;
use persevere::limit::{Bulkhead, Pause};
use persevere::retry;

static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
static CALLS: Bulkhead = Bulkhead::new(5);
static PAUSE: Pause = Pause::new();

#[retry(breaker = &BREAKER)]
fn fetch() -> Result<u32, u8> {
    Ok(7)
}

#[retry(bulkhead = &CALLS)]
fn fetch_few() -> Result<u32, u8> {
    Ok(7)
}

#[retry(pace = &PAUSE)]
fn fetch_paced() -> Result<u32, u8> {
    Ok(7)
}

fn main() {
    let _ = (fetch(), fetch_few(), fetch_paced());
}
