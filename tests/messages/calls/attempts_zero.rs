//! No attempts at all.

use persevere::Policy;
use std::time::Duration;

static POLICY: Policy = Policy::exponential(Duration::from_millis(100)).max_attempts(0);

fn main() {
    let _ = &POLICY;
}
