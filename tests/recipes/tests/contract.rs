//! The recipes by the suite that every sleeper passes.

#[path = "../../src/contract.rs"]
#[allow(dead_code, reason = "one rule is for tasks that move between threads")]
mod contract;
#[path = "../../src/executor.rs"]
#[allow(dead_code, reason = "other suites use the rest")]
mod executor;

use persevere::{Policy, StopReason};
use std::future::Future;
use std::time::Duration;

fn on_compio<T>(future: impl Future<Output = T>) -> T {
    compio_runtime::Runtime::new()
        .expect("compio can be started")
        .block_on(future)
}

#[cfg(target_os = "linux")]
fn on_monoio<T>(future: impl Future<Output = T>) -> T {
    let runtime = ::monoio::RuntimeBuilder::<::monoio::FusionDriver>::new()
        .enable_timer()
        .build();
    runtime.expect("monoio can be started").block_on(future)
}

#[cfg(target_os = "linux")]
fn on_glommio<T>(future: impl Future<Output = T>) -> T {
    let executor = ::glommio::LocalExecutorBuilder::default().make();
    executor.expect("glommio can be started").run(future)
}

macro_rules! mount {
    ($($name:ident: $on:ident, $sleeper:expr;)+) => {$(
        mod $name {
            use super::*;

            /// S1
            #[test]
            fn sleeps_at_least_as_asked() {
                $on(async { contract::sleeps_at_least_as_asked($sleeper).await });
            }

            /// S2
            #[test]
            fn tells_monotonic_time() {
                $on(async { contract::tells_monotonic_time($sleeper).await });
            }

            /// S3
            #[test]
            fn drops_without_a_trace() {
                $on(async {
                    contract::drops_without_a_trace($sleeper).await;
                    contract::drops_unpolled_without_a_trace($sleeper).await;
                });
            }

            /// S4
            #[test]
            fn bears_extreme_delays() {
                $on(async { contract::bears_extreme_delays($sleeper).await });
            }

            /// S5
            #[test]
            fn overlaps_in_one_task() {
                $on(async { contract::overlaps_in_one_task($sleeper).await });
            }

            #[test]
            fn runs_retry_and_time_out() {
                $on(async {
                    let (policy, mut calls) = (Policy::fixed(Duration::from_millis(2)).max_attempts(3), 0);
                    let run = policy.on($sleeper).run_mut(async || {
                        calls += 1;
                        if calls < 3 { Err("busy") } else { Ok(calls) }
                    });
                    assert_eq!(run.await, Ok(3));
                    let hangs = || std::future::pending::<Result<(), &str>>();
                    let policy = policy.attempt_timeout(Duration::from_millis(3));
                    let error = policy.on($sleeper).run(hangs).await.unwrap_err();
                    assert_eq!((error.reason(), error.attempts()), (StopReason::AttemptTimedOut, 3));
                });
            }
        }
    )+};
}

mount! {
    compio: on_compio, persevere_recipes::compio();
}

#[cfg(target_os = "linux")]
mount! {
    monoio: on_monoio, persevere_recipes::monoio();
    glommio: on_glommio, persevere_recipes::glommio();
}
