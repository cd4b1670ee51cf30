//! Any script for a machine.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| persevere_tests::compare::machine::check(bytes));
