//! One `static` policy, unchanged, on a thread and four async runtimes, against a server that misbehaves.
//!
//! Prints the result of each run. Exits with failure if any run breaks a promise.

use persevere::backoff::Exponential;
use persevere::classify::ByError;
use persevere::{AsyncStdSleeper, FuturesTimerSleeper, Policy, SmolSleeper, ThreadSleeper, TokioSleeper};
use persevere_examples::{Call, Outcome, Runner, fetch, scenarios};
use persevere_examples_runtimes::{on_async_std, on_smol};
use std::process::ExitCode;
use std::time::Duration;

static TRANSIENT: Policy<Exponential, ByError> = Policy::exponential(Duration::from_millis(20))
    .max_delay(Duration::from_millis(200))
    .max_hint(Duration::from_secs(2))
    .max_attempts(4)
    .attempt_timeout(Duration::from_millis(500))
    .classify(ByError);

fn on_thread(call: &Call) -> Outcome {
    TRANSIENT
        .on(ThreadSleeper)
        .timeout(call.deadline)
        .observe(call)
        .run_blocking_with(|attempt| fetch::on_thread(call.server, &call.path, attempt.timeout()))
}

fn on_tokio(call: &Call) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(
        TRANSIENT
            .on(TokioSleeper)
            .timeout(call.deadline)
            .observe(call)
            .run(|| fetch::on_tokio(call.server, &call.path)),
    )
}

fn async_std(call: &Call) -> Outcome {
    async_std::task::block_on(
        TRANSIENT
            .on(AsyncStdSleeper)
            .timeout(call.deadline)
            .observe(call)
            .run(|| on_async_std(call.server, &call.path)),
    )
}

fn smol(call: &Call) -> Outcome {
    smol::block_on(
        TRANSIENT
            .on(SmolSleeper)
            .timeout(call.deadline)
            .observe(call)
            .run(|| on_smol(call.server, &call.path)),
    )
}

/// Runs on an executor that only polls, since the timer wakes the task itself.
fn on_futures_timer(call: &Call) -> Outcome {
    smol::future::block_on(
        TRANSIENT
            .on(FuturesTimerSleeper)
            .timeout(call.deadline)
            .observe(call)
            .run(|| on_smol(call.server, &call.path)),
    )
}

const SLEEPERS: [(&str, Runner); 5] = [
    ("thread", on_thread),
    ("tokio", on_tokio),
    ("async-std", async_std),
    ("smol", smol),
    ("futures-timer", on_futures_timer),
];

fn main() -> ExitCode {
    scenarios::run(&SLEEPERS)
}
