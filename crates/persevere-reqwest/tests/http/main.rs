//! Requests against real servers on loopback.

mod blocking;
mod faults;
mod guarded;
mod http2;
mod middleware;
mod send;
mod server;
