//! Arguments that the first attempt consumes: with `Clone` and without, blocking and async.

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

struct Token;

#[retry]
fn spend(token: Token) -> Result<(), String> {
    drop(token);
    Ok(())
}

fn main() {}
