//! Any headers of a server.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| persevere_tests::compare::hint::check(bytes));
