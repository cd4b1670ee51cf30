//! The recipes by the suite that every sleeper passes.

use persevere::{AsyncSleeper, Policy, StopReason};
use persevere_contract::mount;
use std::future::{Future, pending};
use std::time::Duration;

fn on_compio<S, T: Future<Output = ()>>(sleeper: S, test: impl FnOnce(S) -> T) {
    compio_runtime::Runtime::new()
        .expect("compio can be started")
        .block_on(test(sleeper));
}

#[cfg(target_os = "linux")]
fn on_monoio<S, T: Future<Output = ()>>(sleeper: S, test: impl FnOnce(S) -> T) {
    let runtime = ::monoio::RuntimeBuilder::<::monoio::FusionDriver>::new()
        .enable_timer()
        .build();
    runtime.expect("monoio can be started").block_on(test(sleeper));
}

#[cfg(target_os = "linux")]
fn on_glommio<S, T: Future<Output = ()>>(sleeper: S, test: impl FnOnce(S) -> T) {
    let executor = ::glommio::LocalExecutorBuilder::default().make();
    executor.expect("glommio can be started").run(test(sleeper));
}

mount! {
    compio: on_compio(persevere_recipes::compio());
}

#[cfg(target_os = "linux")]
mount! {
    monoio: on_monoio(persevere_recipes::monoio());
    glommio: on_glommio(persevere_recipes::glommio());
}

async fn runs_retry_and_time_out<S: AsyncSleeper>(sleeper: S) {
    let (policy, mut calls) = (Policy::fixed(Duration::from_millis(2)).max_attempts(3), 0);
    let run = policy.on(&sleeper).run_mut(async || {
        calls += 1;
        if calls < 3 { Err("busy") } else { Ok(calls) }
    });
    assert_eq!(run.await, Ok(3));
    let hangs = || pending::<Result<(), &str>>();
    let policy = policy.attempt_timeout(Duration::from_millis(3));
    let error = policy.on(&sleeper).run(hangs).await.unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 3));
}

#[test]
fn runs_on_compio_retry_and_time_out() {
    on_compio(persevere_recipes::compio(), runs_retry_and_time_out);
}

#[cfg(target_os = "linux")]
#[test]
fn runs_on_monoio_retry_and_time_out() {
    on_monoio(persevere_recipes::monoio(), runs_retry_and_time_out);
}

#[cfg(target_os = "linux")]
#[test]
fn runs_on_glommio_retry_and_time_out() {
    on_glommio(persevere_recipes::glommio(), runs_retry_and_time_out);
}

/// The function, without white space.
fn in_pieces(text: &str) -> String {
    let (_, start) = text.split_once("fn in_pieces").expect("there is a function");
    let (body, _) = start.split_once("\n}\n").expect("the function ends");
    body.split_whitespace().collect()
}

#[test]
fn guide_has_the_function_of_the_recipes() {
    let guide = include_str!("../../../crates/persevere/src/guide/runtimes.md");
    assert_eq!(in_pieces(guide), in_pieces(include_str!("../src/lib.rs")));
}
