//! Requests against real servers on loopback.

#[cfg(feature = "blocking")]
mod blocking;
mod faults;
#[cfg(feature = "http2")]
mod http2;
#[cfg(feature = "middleware")]
mod middleware;
mod send;
mod server;
