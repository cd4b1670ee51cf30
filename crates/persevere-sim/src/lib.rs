//! A simulator of retry policies for [`persevere`](https://docs.rs/persevere): whether a fleet of clients recovers from an
//! outage, before it is deployed.
//!
//! A [`Scenario`] holds the clients, the [`Service`]s and what goes wrong ([`Trigger`]). A [`Candidate`] is a policy with
//! its budget, breaker and limits. [`compare`] simulates candidates with several seeds on all cores and returns a [`Summary`] of
//! each; [`sweep`] does so while one number changes. [`table`], [`csv`] and [`Report`] show them, [`Bounds`] checks them. A
//! [`Study`] is a scenario with its candidates as a file holds them, and [`SHIPPED`] are the scenarios that ship.
//!
//! ```
//! use persevere_sim::{Study, Watch, compare};
//!
//! let study = Study::shipped("metastable-outage").unwrap();
//! let summaries = compare(&study.scenario, &study.candidates, 0..2, Watch::none())?;
//! let recovered = |name: &str| summaries.iter().find(|summary| summary.name() == name).unwrap().recovered();
//! assert_eq!((recovered("3 attempts, backoff"), recovered("adaptive and breaker")), (0, 2));
//! # Ok::<(), persevere_sim::InvalidScenario>(())
//! ```
//!
//! # What is simulated
//!
//! Every call is a run of the library: [`Steps`](persevere_core::run::Steps) with a policy, limits, a breaker and a
//! budget, on a clock that the events set. Nothing of their logic is copied, and a test compares simulated runs with
//! real runs, event by event. Time is counted in whole nanoseconds. With the same seed, candidates meet the same
//! arrivals.
//!
//! # What is not
//!
//! No hedges. No network and no connections, no time that the clients themselves need, no service that grows with its load. Clients
//! do not slow down when their calls do. A simulation shows whether a policy can hold a service down, not how fast it is.

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
#[cfg(feature = "png")]
pub use report::png::{Picture, PictureError, pictures};
pub use scenario::{Arrivals, Scenario};
pub use service::{Cache, Queue, RateLimit, Service, ServiceTime};
pub use study::{SHIPPED, Study};
pub use summary::{Summary, Watch, compare};
pub use sweep::{Parameter, SweepRow, Values, sweep};
pub use table::{comparison_csv, comparison_table, csv, sweep_csv, sweep_table, table};
pub use trigger::Trigger;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
