//! A probe: one case, chosen when it is built, run a number of times, to be counted from outside.
//!
//! Each case gets a binary of its own, `PROBE_CASE=sync/persevere/jitter cargo build --release`, since functions that
//! several cases shared would be optimised for none. `probe COUNT` runs the case. `probe memory` prints its allocations
//! per run and the size of its future. `probe list` prints the names of all cases. `probe overhead` prints by how much
//! a run's future exceeds its operation's.

mod attribute;
mod breakers;
mod budgets;
mod case;
mod hand;
#[cfg(feature = "peers")]
mod hedges;
#[cfg(feature = "peers")]
mod layers;
#[cfg(feature = "peers")]
mod limits;
mod ours;
#[cfg(feature = "peers")]
mod paused;
mod peers;
mod take;
#[cfg(feature = "telemetry")]
mod telemetry;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::alloc::System;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> ExitCode {
    let job = match std::env::args().nth(1).as_deref() {
        Some("list") => case::Job::List,
        Some("memory") => case::Job::Memory,
        Some("overhead") => {
            println!("{}", ours::overhead());
            return ExitCode::SUCCESS;
        }
        Some(count) => match count.parse() {
            Ok(count) => case::Job::Run(count),
            Err(_) => return ExitCode::from(2),
        },
        None => return ExitCode::from(2),
    };
    hand::cases(job);
    ours::cases(job);
    attribute::cases(job);
    peers::cases(job);
    #[cfg(feature = "peers")]
    paused::cases(job);
    #[cfg(feature = "peers")]
    layers::cases(job);
    #[cfg(feature = "peers")]
    limits::cases(job);
    #[cfg(feature = "peers")]
    hedges::cases(job);
    breakers::cases(job);
    budgets::cases(job);
    #[cfg(feature = "telemetry")]
    telemetry::cases(job);
    ExitCode::SUCCESS
}
