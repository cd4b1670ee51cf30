//! Runs on real timers, under Node and in a browser: `cargo xtask web`.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs)]

use persevere::breaker::{CircuitBreaker, State};
use persevere::{LocalSharedSleeper, Policy, Sleeper, StopReason};
use persevere_web::WebSleeper;
use std::future::{Future, pending, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use wasm_bindgen_test::wasm_bindgen_test;

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

#[wasm_bindgen_test]
async fn waits_are_never_short() {
    let sleeper = WebSleeper::new();
    for delay in [0, 1, 500, 1_000, 1_001, 7_300, 20_000] {
        let delay = Duration::from_micros(delay);
        let start = sleeper.now();
        sleeper.sleep(delay).await;
        let took = sleeper.now() - start;
        assert!(took >= delay && took < delay + ms(500), "{delay:?}: {took:?}");
    }
}

/// `setTimeout` fires at once above 2^31 - 1 ms, and `gloo-timers` panics above 2^32.
#[wasm_bindgen_test]
async fn longest_waits_are_not_over_at_once() {
    let sleeper = WebSleeper::new();
    for delay in [ms(1 << 31), ms(1 << 32), Duration::MAX] {
        let mut sleep = pin!(sleeper.sleep(delay));
        let mut short = pin!(sleeper.sleep(ms(20)));
        let is_over = poll_fn(|context| match sleep.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending => short.as_mut().poll(context).map(|()| false),
        });
        assert!(!is_over.await, "{delay:?}");
    }
}

#[wasm_bindgen_test]
async fn runs_retry_time_out_and_end() {
    let sleeper = WebSleeper::new();
    let mut calls = 0;
    let policy = Policy::fixed(ms(10)).max_attempts(3);
    let start = sleeper.now();
    let outcome = policy.on(sleeper).run_mut(async || {
        calls += 1;
        if calls < 3 { Err("busy") } else { Ok(calls) }
    });
    assert_eq!(outcome.await.unwrap(), 3);
    assert!(sleeper.now() - start >= ms(20));

    let hangs = || pending::<Result<(), &str>>();
    let error = policy.attempt_timeout(ms(5)).on(sleeper).run(hangs).await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 3));
    let error = policy.on(sleeper).timeout(ms(15)).run(hangs).await.unwrap_err();
    assert_eq!(error.reason(), StopReason::Elapsed);
}

#[wasm_bindgen_test]
async fn breaker_and_stored_sleeper_work() {
    let sleeper: LocalSharedSleeper = WebSleeper::new().shared_local();
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(30)).build();
    let policy = Policy::fixed(ms(1)).max_attempts(1);
    let outcome = policy
        .on(&sleeper)
        .breaker(&breaker)
        .run(async || Err::<(), _>("down"))
        .await;
    assert!(outcome.is_err());
    assert_eq!(breaker.state(sleeper.now()), State::Open);
    sleeper.sleep(ms(30)).await;
    assert_eq!(breaker.state(sleeper.now()), State::HalfOpen);
}

#[wasm_bindgen_test]
fn draws_differ() {
    let _sleeper = WebSleeper::new();
    let policy = Policy::exponential(Duration::from_secs(1)).max_attempts(6);
    let draws = || policy.delays().take(5).collect::<Vec<_>>();
    assert_ne!(draws(), draws());
}
