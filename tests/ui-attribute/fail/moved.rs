//! Arguments that the first attempt consumes.

use persevere::retry;

#[retry]
fn send(request: String) -> Result<usize, String> {
    deliver(request)
}

#[retry]
async fn send_async(request: String) -> Result<usize, String> {
    deliver(request)
}

fn deliver(request: String) -> Result<usize, String> {
    Err(request)
}

fn main() {}
