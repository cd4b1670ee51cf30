//! Requests against real servers on loopback.

mod send;
mod server;
