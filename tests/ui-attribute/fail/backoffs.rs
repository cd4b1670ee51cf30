//! Backoffs and jitters that there are not.

use persevere::retry;

#[retry(backoff = quadratic("1s"))]
fn unknown() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = exponential)]
fn no_base() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = exponential())]
fn empty() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = linear("1s", factor = 2))]
fn no_such_factor() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = exponential("1s", cap = "5s"))]
fn no_such_key() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = persevere::backoff::Fixed::new(BASE))]
fn a_value() -> std::io::Result<()> {
    Ok(())
}

#[retry(jitter = some)]
fn jitter() -> std::io::Result<()> {
    Ok(())
}

fn main() {}
