//! An attempt that a breaker does not let through has no error of the operation's.

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
