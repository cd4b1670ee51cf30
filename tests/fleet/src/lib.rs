//! Many processes over a real Redis server.
//!
//! A test starts its own server, and does nothing, in one printed line, where there is none: see [`Server::start`].

mod crowd;
mod keeper;
mod server;
mod worker;

pub use crowd::{BATCH, Crowd, Outcome, PERIOD, PROCESSES, QUOTA, now};
pub use keeper::Keeper;
pub use server::{Monitor, Server, signal};
pub use worker::{Load, Use, Worker};
