//! Requests against real servers on loopback.

mod faults;
mod send;
mod server;
