//! Numbers out of bounds.

use persevere::retry;

#[retry(max_attempts = 0)]
fn attempts_zero() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_attempts = -1)]
fn attempts_negative() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_attempts = 2.5)]
fn attempts_broken() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_attempts = 4294967296)]
fn attempts_too_many() -> std::io::Result<()> {
    Ok(())
}

#[retry(jitter = proportional(1.5))]
fn ratio() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = exponential("1s", factor = 0.5))]
fn factor() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = exponential("1s", factor = -2))]
fn factor_negative() -> std::io::Result<()> {
    Ok(())
}

#[retry(seed = "seven")]
fn seed() -> std::io::Result<()> {
    Ok(())
}

fn main() {}
