//! Unknown or malformed backoffs and jitters.

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

#[retry(backoff = exponental("1s"))]
fn misspelt() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = schedule("100ms", "1s"))]
fn no_list() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = schedule([]))]
fn empty_list() -> std::io::Result<()> {
    Ok(())
}

#[retry(jitter = proportional)]
fn no_ratio() -> std::io::Result<()> {
    Ok(())
}

#[retry(jitter = some)]
fn jitter() -> std::io::Result<()> {
    Ok(())
}

fn main() {}
