//! An argument that has no clones.

use persevere::retry;

struct Request;

#[retry(clone(request))]
fn send(request: Request) -> Result<usize, String> {
    drop(request);
    Ok(1)
}

fn main() {}
