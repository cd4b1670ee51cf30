//! A service that charges customers by a ledger that fails now and then.
//!
//! `cargo run -p persevere-examples-service` starts both on loopback. `tests/load.rs` drives them.

#![forbid(unsafe_code)]

pub mod ledger;
pub mod policies;
pub mod service;
