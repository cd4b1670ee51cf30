//! Circuit breakers, closed and open. A closed one counts consecutive failures, or the rate over the last hundred
//! calls, while everything succeeds. With an open one nothing is called.

mod hand;
mod ours;
#[cfg(feature = "peers")]
mod peers;
#[cfg(feature = "peers")]
mod peers_async;

use crate::case::Job;
use std::error::Error;
use std::fmt;
use std::hint::black_box;
use std::time::Duration;

/// When all of them open: after the given number of consecutive failures, or at half of the last hundred calls.
const FAILURES: u32 = 5;
const WINDOW: u32 = 100;
const RATE: f64 = 0.5;
const LEAST: u32 = 10;
/// Longer than it takes to count.
const OPEN_FOR: Duration = Duration::from_secs(3600);

#[derive(Debug)]
struct Down;

impl fmt::Display for Down {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("down")
    }
}

impl Error for Down {}

#[inline(never)]
fn succeed() -> Result<u32, Down> {
    Ok(black_box(7))
}

#[inline]
async fn succeed_async() -> Result<u32, Down> {
    succeed()
}

/// Opens a breaker by enough failures, and checks that it is open.
fn opened<B, T, E>(mut breaker: B, mut fail: impl FnMut(&mut B) -> Result<T, E>, is_rejected: fn(&E) -> bool) -> B {
    for _ in 0..2 * WINDOW {
        let _failed = fail(&mut breaker);
    }
    assert!(
        fail(&mut breaker).is_err_and(|error| is_rejected(&error)),
        "the breaker has not opened"
    );
    breaker
}

pub(crate) fn cases(job: Job) {
    hand::cases(job);
    ours::cases(job);
    #[cfg(feature = "peers")]
    {
        peers::cases(job);
        peers_async::cases(job);
    }
}
