//! Settings that are no settings.

use persevere::retry;

#[retry(attempts = 3, attempts = 4)]
fn twice() -> std::io::Result<()> {
    Ok(())
}

#[retry(attempts)]
fn no_value() -> std::io::Result<()> {
    Ok(())
}

#[retry(attempts(3))]
fn in_parentheses() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = , attempts = 3)]
fn nothing() -> std::io::Result<()> {
    Ok(())
}

#[retry(attempts = 3 jitter = full)]
fn no_comma() -> std::io::Result<()> {
    Ok(())
}

#[retry("3 times")]
fn no_key() -> std::io::Result<()> {
    Ok(())
}

fn main() {}
