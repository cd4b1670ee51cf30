//! Any calls to a budget.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| persevere_tests::compare::budget::check(bytes));
