//! Start here: one `static` policy on tokio, against an HTTP server on loopback that misbehaves in nine ways.
//!
//! Prints the attempts, the waits and the end of each run. Exits with failure if any run breaks a promise.

use persevere::backoff::Exponential;
use persevere::classify::ByError;
use persevere::{Policy, TokioSleeper};
use persevere_examples::{Call, Outcome, fetch, scenarios};
use std::process::ExitCode;
use std::time::Duration;

static TRANSIENT: Policy<Exponential, ByError> = Policy::exponential(Duration::from_millis(20))
    .max_delay(Duration::from_millis(200))
    .max_hint(Duration::from_secs(2))
    .max_attempts(4)
    .attempt_timeout(Duration::from_millis(500))
    .classify(ByError);

async fn get(call: &Call) -> Outcome {
    TRANSIENT
        .on(TokioSleeper)
        .timeout(call.deadline)
        .observe(call)
        .run(|| fetch::on_tokio(call.server, &call.path))
        .await
}

#[tokio::main(flavor = "current_thread")]
async fn on_tokio(call: &Call) -> Outcome {
    get(call).await
}

fn main() -> ExitCode {
    scenarios::run(&[("tokio", on_tokio)])
}
