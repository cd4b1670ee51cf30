//! Shared parts of the examples: a flaky HTTP server, clients, scenarios, reports, and a simulated board.
//!
//! The examples are the files beside `src`: `cargo run --example quickstart` runs one.

#![forbid(unsafe_code)]

pub mod board;
pub mod call;
pub mod fetch;
pub mod http;
pub mod report;
pub mod scenario;
pub mod scenarios;
pub mod server;
pub mod table;

pub use call::{Call, Outcome, Runner};
pub use http::HttpError;
pub use report::Report;
pub use scenario::Scenario;
pub use server::{Reply, Script, Server};
