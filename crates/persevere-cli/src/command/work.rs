//! Long work: its progress, and its end by Ctrl-C.

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use persevere_sim::Watch;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Set by Ctrl-C.
static STOPPED: AtomicBool = AtomicBool::new(false);

/// Whether Ctrl-C was pressed.
pub(crate) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed)
}

/// Does work of `steps` simulations, with a progress bar on a terminal. The first Ctrl-C ends it early, and leaves what
/// was done; the second ends the program.
pub(crate) fn watched<R>(steps: u64, work: impl FnOnce(Watch<'_>) -> R) -> Result<R> {
    ctrlc::set_handler(|| {
        if STOPPED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    })
    .context("cannot handle Ctrl-C")?;
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} simulations, {eta} left")?;
    let bar = ProgressBar::new(steps).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    let done = || bar.inc(1);
    let result = work(Watch {
        stop: &STOPPED,
        done: &done,
    });
    bar.finish_and_clear();
    if is_stopped() {
        eprintln!("stopped: what follows is of the simulations that had ended");
    }
    Ok(result)
}
