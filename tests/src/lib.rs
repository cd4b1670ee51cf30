//! What the behaviour tests share beside the testkit: scripts that say what a classifier says, a reference model of a run,
//! and the suite that every sleeper passes.

pub mod compare;
pub mod contract;
pub mod course;
pub mod device;
pub mod executor;
pub mod live;
pub mod model;
pub mod script;
pub mod statistics;
pub mod strategy;
pub mod world;
