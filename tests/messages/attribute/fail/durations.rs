//! Text that is not a duration.

use persevere::retry;

#[retry(max_delay = "5 s")]
fn space() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_delay = "5")]
fn no_unit() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_delay = "5min")]
fn unknown_unit() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_delay = "30s1m")]
fn order() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_delay = "1.5m30s")]
fn fraction() -> std::io::Result<()> {
    Ok(())
}

#[retry(max_delay = "")]
fn empty() -> std::io::Result<()> {
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
