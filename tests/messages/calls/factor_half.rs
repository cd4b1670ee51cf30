//! A factor that shrinks.

use persevere::backoff::Exponential;
use std::time::Duration;

const BACKOFF: Exponential = Exponential::new(Duration::from_millis(100)).factor(0.5);

fn main() {
    let _ = BACKOFF;
}
