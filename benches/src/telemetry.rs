//! Runs that are observed: statistics, logs, and the observer of the program.

use crate::case::{Job, case};
use crate::ours::{JITTERED, NoSleep, PLAIN};
use persevere::tracing::Trace;
use persevere::{Stats, observe};
use std::io;
use tracing::Level;

static STATS: Stats = Stats::new();
static NAMED: Stats = Stats::named("probe");
static TRACE: Trace = Trace::named("probe");

/// A run that succeeds at once, and a run that fails three times.
macro_rules! observed {
    ($job:expr, $name:literal, let $state:ident = $setup:expr; $(. $($with:tt)*)?) => {
        case!($job, concat!("telemetry/persevere", $name, "/success"), let $state = $setup; 0, |operation| sync
            { let _ = &$state; JITTERED.on(NoSleep) $(. $($with)*)? .run_blocking(|| operation.call()) });
        case!($job, concat!("telemetry/persevere", $name, "/plain"), let $state = $setup; 3, |operation| sync
            { let _ = &$state; PLAIN.on(NoSleep) $(. $($with)*)? .run_blocking(|| operation.call()) });
    };
}

pub(crate) fn cases(job: Job) {
    observed!(job, "", let nothing = (););
    observed!(job, "/stats", let nothing = (); .observe(&STATS));
    observed!(job, "/stats/named", let nothing = (); .observe(&NAMED));
    observed!(job, "/trace/off", let nothing = (); .observe(&TRACE));
    observed!(job, "/trace/on", let subscriber = subscribe(); .observe(&TRACE));
    observed!(job, "/global/off", let observer = observe::set_global(Trace::new()););
    observed!(job, "/global/stats", let observer = observe::set_global(&STATS););
}

/// Formats the log, for an output that accepts everything.
fn subscribe() {
    let subscriber = tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_ansi(false);
    subscriber.without_time().with_writer(io::sink).init();
}
