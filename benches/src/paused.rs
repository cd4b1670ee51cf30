//! Runs on tokio, whose time is paused: whenever all tasks wait, the time advances to the next timer. For contestants
//! that sleep on tokio alone, beside the best loop, `persevere` and backon on the same runtime.

use crate::case::{ATTEMPTS, Job, failures};
use crate::hand::best_delay;
use crate::ours::{JITTERED, PLAIN};
use persevere::{Policy, TokioSleeper};
use std::future::Future;
use std::sync::LazyLock;
use tokio::runtime::{Builder, Runtime};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime")
});

/// Runs a future to its end.
pub(crate) fn complete<F: Future>(future: F) -> F::Output {
    RUNTIME.block_on(future)
}

#[inline]
async fn best<F: Future<Output = Result<u32, u32>>>(operation: impl Fn() -> F, jitter: bool) -> Result<u32, u32> {
    let mut attempt = 1;
    loop {
        match operation().await {
            Ok(value) => return Ok(value),
            Err(error) if attempt >= ATTEMPTS => return Err(error),
            Err(_) => {
                tokio::time::sleep(best_delay(attempt, jitter)).await;
                attempt += 1;
            }
        }
    }
}

pub(crate) fn cases(job: Job) {
    failures!(job, "best", paused, |call| plain best(call, false), jitter best(call, true));
    failures!(job, "persevere", paused, |call|
        plain PLAIN.on(TokioSleeper).run(call),
        jitter JITTERED.on(TokioSleeper).run(call));
    failures!(job, "persevere/inlined", paused, |call|
        plain Policy::inlined(|| &PLAIN).on(TokioSleeper).run(call),
        jitter Policy::inlined(|| &JITTERED).on(TokioSleeper).run(call));
}
