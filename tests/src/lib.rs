//! Shared parts of the behaviour tests, beside the testkit: scripts that name the classifier's verdicts, and a
//! reference model of a run. The suite that every sleeper passes is `persevere-contract`.

pub mod compare;
pub mod course;
pub mod device;
pub mod live;
pub mod model;
pub mod script;
pub mod statistics;
pub mod strategy;
pub mod world;
