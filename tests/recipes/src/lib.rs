//! Sleepers for compio, monoio and glommio, made by `sleeper::from_fn`.
//!
//! Their timers panic or overflow with the longest delays, and monoio's count milliseconds. So each sleeper waits in
//! pieces, until its clock is at the end of the wait.

#![forbid(unsafe_code)]

use persevere::{AsyncSleeper, Clock, sleeper};
use std::future::Future;
use std::time::Duration;

/// A sleeper that waits by `sleep` in pieces, as in the chapter `runtimes` of the guide. Its futures are `Send` if the
/// futures of `sleep` are.
pub fn in_pieces<F: Future<Output = ()>>(sleep: impl Fn(Duration) -> F + Copy) -> impl AsyncSleeper + Clock + Clone {
    let wait = move |delay| {
        let end = sleeper::monotonic().saturating_add(delay);
        async move {
            loop {
                sleep(
                    end.saturating_sub(sleeper::monotonic())
                        .min(Duration::from_secs(24 * 3600)),
                )
                .await;
                if sleeper::monotonic() >= end {
                    break;
                }
            }
        }
    };
    sleeper::from_fn(wait, sleeper::monotonic)
}

/// The sleeper for compio. It is used within a runtime of compio.
pub fn compio() -> impl AsyncSleeper + Clock + Clone {
    in_pieces(compio_runtime::time::sleep)
}

/// The sleeper for monoio. It is used within a runtime of monoio that was built with `enable_timer`.
#[cfg(target_os = "linux")]
pub fn monoio() -> impl AsyncSleeper + Clock + Clone {
    in_pieces(monoio::time::sleep)
}

/// The sleeper for glommio. It is used within an executor of glommio.
#[cfg(target_os = "linux")]
pub fn glommio() -> impl AsyncSleeper + Clock + Clone {
    in_pieces(glommio::timer::sleep)
}
