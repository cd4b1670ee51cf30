//! Names of the caller that shadow those in the expansion.

#![no_implicit_prelude]
#![allow(
    dead_code,
    non_camel_case_types,
    reason = "the names shadow those of std"
)]

mod core {}
mod std {}
struct Some;
struct None;
struct Ok;
struct Err;
struct Option;
struct Policy;
struct bool;
#[::persevere::retry(max_attempts = 2, backoff = fixed("0s"), on = [1], clone(run))]
fn blocking(run: u32, error_of: u32, delay: u32, outcome: &mut u32) -> ::core::result::Result<u32, u32> {
    *outcome += 1;
    ::core::result::Result::Err(run + error_of + delay + *outcome - 1)
}

#[::persevere::retry(max_attempts = 2, backoff = fixed("0s"), attempt_timeout = "1h", sleeper = ::persevere::TokioSleeper)]
async fn asynchronous(attempt: u32, cut_off: u32) -> ::core::result::Result<u32, ::persevere::RetryError<u32>> {
    ::core::result::Result::Ok(attempt + cut_off)
}

fn main() {
    let mut outcome = 0;
    ::core::assert_eq!(blocking(0, 0, 1, &mut outcome), ::core::result::Result::Err(2));
    ::core::mem::drop(asynchronous(1, 2));
}
