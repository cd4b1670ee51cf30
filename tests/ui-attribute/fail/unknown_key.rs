//! A setting that there is not.

use persevere::retry;

#[retry(retries = 3)]
fn load() -> std::io::Result<String> {
    std::fs::read_to_string("list")
}

fn main() {}
