//! Runs that are cancelled while they wait.

use persevere::{CancelToken, Policy, Sleeper, StopReason, sleeper};
use persevere_testkit::Polled;
use std::task::Poll;
use std::time::Duration;

/// Each async driver that is cancelled while it waits returns that reason, for any kind of operation.
#[test]
fn each_driver_is_cancelled_in_its_wait() {
    let (token, policy) = (CancelToken::new(), Policy::fixed(Duration::from_secs(1)));
    let sleeper = sleeper::from_fn(|_| std::future::pending(), || Duration::ZERO).cancelled_by(&token);
    let borrowed = policy.on(&sleeper).run_mut(async || Err::<(), _>("no"));
    let numbered = policy.on(&sleeper).run_mut_with(async |_| Err::<(), _>("no"));
    let moved = policy.on(&sleeper).run(|| async { Err::<(), _>("no") });
    let (mut borrowed, mut numbered, mut moved) = (Polled::new(borrowed), Polled::new(numbered), Polled::new(moved));
    let mut all = || [borrowed.poll(), numbered.poll(), moved.poll()];
    assert!(all().iter().all(Poll::is_pending));
    token.cancel();
    for outcome in all() {
        let Poll::Ready(Err(error)) = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!((error.reason(), error.attempts()), (StopReason::Cancelled, 1));
        assert_eq!(error.last_error(), Some(&"no"), "it is kept over the wait");
    }
}
