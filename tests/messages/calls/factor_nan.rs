//! A factor that is not a number.

use persevere::backoff::Exponential;
use std::time::Duration;

const BACKOFF: Exponential = Exponential::new(Duration::from_millis(100)).factor(f64::NAN);

fn main() {
    let _ = BACKOFF;
}
