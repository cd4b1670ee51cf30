//! Something on which nothing can wait.

use persevere::Policy;
use std::time::Duration;

fn main() {
    let _ = Policy::default().on(Duration::from_secs(1));
}
