//! The testkit keeps its promises.

mod flaky;
mod polled;
mod proxy;
mod recorder;
mod script;
mod tasks;
mod time;
