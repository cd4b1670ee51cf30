//! Functions that do not return a `Result`.

use persevere::retry;
use std::future::Future;
use std::pin::Pin;

#[retry]
fn nothing() {}

#[retry]
fn option() -> Option<u32> {
    None
}

#[retry]
fn future() -> impl Future<Output = Result<(), u32>> {
    async { Ok(()) }
}

#[retry]
fn pinned(future: Pin<Box<dyn Future<Output = Result<(), u32>>>>) -> Pin<Box<dyn Future<Output = Result<(), u32>>>> {
    future
}

struct LoginResult;

#[retry]
fn so_called() -> LoginResult {
    LoginResult
}

fn main() {}
