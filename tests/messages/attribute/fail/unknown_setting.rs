//! Names that are not settings: of other libraries, misspelt, and unknown.

use persevere::retry;
use std::io;

#[retry(attempts = 3)]
fn attempts() -> io::Result<()> {
    Ok(())
}

#[retry(retries = 3)]
fn retries() -> io::Result<()> {
    Ok(())
}

#[retry(when = is_timeout)]
fn when() -> io::Result<()> {
    Ok(())
}

#[retry(if = is_timeout)]
fn keyword() -> io::Result<()> {
    Ok(())
}

#[retry(deadline = "30s")]
fn deadline() -> io::Result<()> {
    Ok(())
}

#[retry(max_atempts = 3)]
fn misspelt() -> io::Result<()> {
    Ok(())
}

#[retry(colour = "red")]
fn unknown() -> io::Result<()> {
    Ok(())
}

fn main() {}
