//! Runs that are cancelled while they wait.

use persevere::{CancelToken, Policy, RetryError, Sleeper, StopReason, retry, sleeper};
use persevere_testkit::Polled;
use std::future::pending;
use std::task::Poll;
use std::time::Duration;

/// A wait that ends only by the token.
#[retry(policy = Policy::fixed(Duration::from_secs(1)), sleeper = sleeper::from_fn(|_| pending(), || Duration::ZERO).cancelled_by(token))]
async fn fetch(token: &CancelToken) -> Result<(), RetryError<&'static str>> {
    Err("no")
}

#[test]
fn cancelled_wait_is_interrupted() {
    let token = CancelToken::new();
    let mut run = Polled::new(fetch(&token));
    assert!(run.poll().is_pending());
    token.cancel();
    let Poll::Ready(Err(error)) = run.poll() else {
        panic!("the run continues")
    };
    assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
    assert_eq!(error.last_error(), Some(&"no"), "the error is kept over the wait");
}
