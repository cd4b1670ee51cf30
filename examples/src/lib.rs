//! What the examples share: a flaky HTTP server, clients for it on every runtime, what is promised
//! of runs against it and a table of what came of them, and a simulated board.
//!
//! The examples themselves are the files beside `src`: `cargo run --example quickstart`, and so on.

#![forbid(unsafe_code)]

pub mod board;
pub mod call;
pub mod fetch;
pub mod http;
pub mod report;
pub mod scenario;
pub mod server;
pub mod table;

pub use call::{Call, Outcome, Runner};
pub use http::HttpError;
pub use report::Report;
pub use scenario::Scenario;
pub use server::{Reply, Script, Server};
