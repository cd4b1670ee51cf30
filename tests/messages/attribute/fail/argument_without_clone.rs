//! A `clone(..)` of an argument without `Clone`.

use persevere::retry;

struct Request;

#[retry(clone(request))]
fn send(request: Request) -> Result<usize, String> {
    drop(request);
    Ok(1)
}

fn main() {}
