//! The testkit does what it says.

mod flaky;
mod polled;
mod proxy;
mod recorder;
mod script;
mod tasks;
mod time;
