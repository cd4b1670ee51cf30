//! Texts that are no durations.

use persevere::retry;

#[retry(max_delay = "5 s")]
fn space() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_delay = "5")]
fn no_unit() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_delay = 5)]
fn number() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_elapsed = "-5s")]
fn negative() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = fixed("0.5ns"))]
fn too_fine() -> std::io::Result<()> {
    Ok(())
}

#[retry(backoff = fixed("18446744073709551616s"))]
fn too_long() -> std::io::Result<()> {
    Ok(())
}

fn main() {}
