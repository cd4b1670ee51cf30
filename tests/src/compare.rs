//! Parts of the library, taken through a script beside a slow and obvious model, and compared after every step.
//!
//! A script comes from a property test, or from any bytes: `check` makes a script of any bytes, so that a fuzzer can
//! find scripts. `cargo test` plays the scripts that it found again.

pub mod breaker;
pub mod budget;
pub mod draw;
pub mod duration;
pub mod hint;
pub mod machine;

/// The function of a fuzz target, which takes the bytes.
pub type Check = fn(&[u8]);

/// The fuzz targets by name.
pub const TARGETS: [(&str, Check); 5] = [
    ("breaker", breaker::check),
    ("budget", budget::check),
    ("duration", duration::check),
    ("hint", hint::check),
    ("machine", machine::check),
];
