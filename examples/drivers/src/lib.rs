//! Drivers that retry, without std and without an allocator.
//!
//! | driver | shows |
//! |---|---|
//! | [`Hygrometer`] | a bus that hangs is recovered between attempts |
//! | [`Modem`] | a deadline on a 32-bit counter that wraps |
//! | [`Thermometer`] | async, over a driver that is borrowed mutably; by `run_mut` and by `#[retry]` |
//! | [`Storage`] | flash that is written again and verified, while waits feed a watchdog |
//!
//! [`devices`] simulates what they drive, and [`checks`] runs them on any board: the tests of this package on a computer,
//! `tests/firmware` on an emulated microcontroller.

#![no_std]
#![forbid(unsafe_code)]

pub mod checks;
pub mod devices;
mod hygrometer;
mod modem;
mod storage;
mod thermometer;

pub use hygrometer::{Hygrometer, Recover};
pub use modem::{Line, Modem};
pub use storage::{Feeding, Flash, PAGE, Storage, StorageError, Watchdog};
pub use thermometer::Thermometer;
