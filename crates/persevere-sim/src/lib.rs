//! A simulator of retry policies for [`persevere`](https://docs.rs/persevere).

#![forbid(unsafe_code)]

mod agenda;
mod bounds;
mod candidate;
mod contention;
mod draws;
mod engine;
mod error;
mod fault;
mod fleet;
mod histogram;
mod outcome;
#[cfg(test)]
mod parity;
mod recording;
mod report;
mod scenario;
mod server;
mod service;
mod slab;
mod study;
mod summary;
mod sweep;
mod table;
mod time;
mod trigger;

pub use bounds::Bounds;
pub use candidate::{Candidate, Metered, Place};
pub use contention::{Contention, Race};
pub use error::InvalidScenario;
pub use fault::{Fault, Faults};
pub use outcome::{Outcome, Phase};
pub use recording::Second;
pub use report::Report;
pub use scenario::duration::parse as parse_duration;
pub use scenario::{Arrivals, Scenario};
pub use service::{Cache, Queue, RateLimit, Service, ServiceTime};
pub use study::{SHIPPED, Study};
pub use summary::{Summary, Watch, compare};
pub use sweep::{Parameter, Values, sweep};
pub use table::{comparison_csv, comparison_table, csv, sweep_csv, sweep_table, table};
pub use trigger::Trigger;
