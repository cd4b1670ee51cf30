//! A jitter of more than the whole.

use persevere::Jitter;

const JITTER: Jitter = Jitter::proportional(1.5);

fn main() {
    let _ = JITTER;
}
