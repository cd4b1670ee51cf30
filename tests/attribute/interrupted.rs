//! Runs that are cancelled while they wait.

use persevere::{CancelToken, Policy, RetryError, StopReason, retry, sleeper};
use persevere_testkit::Polled;
use std::future::pending;
use std::task::Poll;
use std::time::Duration;

/// A wait that ends only by the token.
#[retry(policy = Policy::fixed(Duration::from_secs(1)), sleeper = token.guard(sleeper::from_fn(|_| pending(), || Duration::ZERO)))]
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
    assert!(error.last_error().is_none(), "the error is dropped before the wait");
}
