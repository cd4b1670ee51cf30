//! Runs that are cancelled while they wait.

use persevere::{CancelToken, Policy, RetryError, Sleeper, StopReason, retry, sleeper};
use persevere_testkit::Polled;
use std::future::pending;
use std::task::Poll;
use std::time::Duration;

/// A wait that does not end by itself.
#[retry(policy = Policy::fixed(Duration::from_secs(1)), sleeper = sleeper::from_fn(|_| pending(), || Duration::ZERO).cancelled_by(token))]
async fn fetch(token: &CancelToken) -> Result<(), RetryError<&'static str>> {
    Err("no")
}

#[test]
fn a_wait_is_cut_short() {
    let token = CancelToken::new();
    let mut run = Polled::new(fetch(&token));
    assert!(run.poll().is_pending());
    token.cancel();
    let Poll::Ready(Err(error)) = run.poll() else {
        panic!("it goes on")
    };
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    assert!(error.last_error().is_none(), "it was dropped before the wait");
}
