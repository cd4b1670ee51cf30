//! Any text as a duration.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| persevere_tests::compare::duration::check(bytes));
