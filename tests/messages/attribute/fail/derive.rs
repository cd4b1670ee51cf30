//! Errors with missing or malformed instructions.

use persevere::Retryable;
use std::time::Duration;

#[derive(Retryable)]
enum SaysNothing {
    #[retryable(transient)]
    Busy,
    Broken,
}

#[derive(Retryable)]
struct SaysNothingEither;

#[derive(Retryable)]
enum Misspelt {
    #[retryable(transitory)]
    Busy,
}

#[derive(Retryable)]
enum Twice {
    #[retryable(transient, permanent)]
    Busy,
}

#[derive(Retryable)]
enum Bare {
    #[retryable]
    Busy,
}

#[derive(Retryable)]
enum NoSuchField {
    #[retryable(after = delay)]
    Busy { wait: Duration, code: u32 },
}

#[derive(Retryable)]
enum NoField {
    #[retryable(after = 0)]
    Busy,
}

#[derive(Retryable)]
enum NoName {
    #[retryable(after)]
    Busy(Duration),
}

#[derive(Retryable)]
enum WhichField {
    #[retryable(transparent)]
    Two(u8, u8),
}

#[derive(Retryable)]
#[retryable(transparent)]
enum Everywhere {
    One(u8),
}

#[derive(Retryable)]
union Either {
    number: u32,
    bytes: [u8; 4],
}

fn main() {}
