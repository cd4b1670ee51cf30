//! One breaker for runs on threads and on runtimes.

use persevere::{Policy, Sleeper, StopReason, ThreadSleeper, TokioSleeper, breaker::CircuitBreaker};
use std::time::Duration;

/// A breaker that a run on tokio has opened is open for a thread, for its whole open time.
#[tokio::test]
async fn breaker_is_shared_between_a_runtime_and_a_thread() {
    let open_for = Duration::from_secs(3600);
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(open_for).build();
    let policy = Policy::fixed(Duration::ZERO).max_attempts(1);
    let run = policy
        .on(TokioSleeper)
        .breaker(&breaker)
        .run(|| async { Err::<(), _>("down") });
    assert_eq!(run.await.unwrap_err().reason(), StopReason::Attempts);
    let rejected = breaker.try_acquire(ThreadSleeper.now()).unwrap_err();
    let left = rejected.retry_after().unwrap();
    assert!(left <= open_for && left > open_for / 2, "{left:?}");
}
