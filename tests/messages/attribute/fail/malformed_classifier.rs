//! Two classifiers, patterns that are not patterns, and a closure as a classifier.

use persevere::retry;
use std::io;

#[retry(retry_if = is_transient, on = [io::ErrorKind::TimedOut])]
fn two() -> io::Result<()> {
    Ok(())
}

#[retry(on = io::ErrorKind::TimedOut)]
fn no_brackets() -> io::Result<()> {
    Ok(())
}

#[retry(on = [])]
fn none() -> io::Result<()> {
    Ok(())
}

#[retry(on = [TimedOut])]
fn bare() -> io::Result<()> {
    Ok(())
}

#[retry(classify = |_| persevere::Verdict::Retry)]
fn closure() -> io::Result<()> {
    Ok(())
}

fn main() {}
