//! Hedged calls on virtual time. The numbers D are the rules of the contract.

#![allow(missing_docs)]

mod breakers;
mod budgets;
mod dropping;
mod errors;
mod hints;
mod latency;
mod legs;
mod samples;
mod tail;
mod world;
