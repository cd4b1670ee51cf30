//! Retries of calls to a server on loopback, and the service config.

#![allow(missing_docs)]

mod calls;
mod codes;
mod layer;
mod server;
mod service_config;
mod timeouts;
