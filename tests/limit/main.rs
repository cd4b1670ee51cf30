//! Gates that runs wait for, bulkheads, and limits that follow a server.

mod adaptive;
mod bulkhead;
mod pace;
mod pause;
mod rate;
mod server;
mod shared;
