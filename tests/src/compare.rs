//! What is built, taken through a script beside a slow and obvious model of it, and compared after every step.
//!
//! A script comes from a property test, or from any bytes: `check` makes something of whatever it is given, so that a
//! fuzzer finds the scripts, and those that it found are played again by `cargo test`.

pub mod breaker;
pub mod budget;
pub mod draw;
pub mod duration;
pub mod hint;
pub mod machine;

/// What a fuzz target does with its bytes.
pub type Check = fn(&[u8]);

/// The fuzz targets by name.
pub const TARGETS: [(&str, Check); 5] = [
    ("breaker", breaker::check),
    ("budget", budget::check),
    ("duration", duration::check),
    ("hint", hint::check),
    ("machine", machine::check),
];
