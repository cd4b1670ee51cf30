//! Any script for a breaker.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| persevere_tests::compare::breaker::check(bytes));
