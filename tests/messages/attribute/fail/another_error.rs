//! Functions for another type of error.

use persevere::{Verdict, retry};
use std::io;
use std::time::Duration;

fn is_timeout(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::TimedOut
}

#[retry(retry_if = is_timeout)]
fn load() -> Result<u32, String> {
    Ok(1)
}

#[retry(classify = is_timeout)]
fn classified() -> Result<u32, io::Error> {
    Ok(1)
}

fn log(attempt: u32, error: Option<&io::Error>, delay: Duration) {
    println!("{attempt} {error:?} {delay:?}");
}

#[retry(on_retry = log)]
fn logged() -> Result<u32, String> {
    Ok(1)
}

fn verdict_of(_: &io::Error) -> Verdict {
    Verdict::Retry
}

#[retry(classify_with = verdict_of)]
fn judged() -> Result<u32, String> {
    Ok(1)
}

#[retry(classify_with = is_timeout)]
fn no_verdict() -> Result<u32, io::Error> {
    Ok(1)
}

#[retry(max_attempts = attempts)]
fn counted(attempts: usize) -> Result<u32, io::Error> {
    Ok(1)
}

fn main() {}
