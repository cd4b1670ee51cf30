//! Classifiers that say too much or too little.

use persevere::retry;
use std::io;

#[retry(when = is_transient, on = [io::ErrorKind::TimedOut])]
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

fn main() {}
