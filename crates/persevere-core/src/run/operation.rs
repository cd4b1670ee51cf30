//! The return value of the operation of an async run, with a message for an operation that returns something else.

use core::future::Future;

/// The return value of an operation of [`Run::run`](crate::Run::run): a future of a `Result`. Sealed, and implemented
/// by every such future.
#[diagnostic::on_unimplemented(
    message = "the operation returns `{Self}`, and this async run expects a future of `Result<{T}, {E}>`",
    label = "an async run awaits a `Result` with the error that its classifier, observers and guards look at",
    note = "write `.run(|| fetch(..))` with an `async fn fetch(..) -> Result<..>`, or `.run(|| async {{ .. }})`",
    note = "an operation that blocks goes to `.run_blocking(..)`, on a sleeper such as `ThreadSleeper`"
)]
pub trait Awaited<T, E>: Future<Output = Result<T, E>> {}

#[diagnostic::do_not_recommend]
impl<T, E, A: Future<Output = Result<T, E>>> Awaited<T, E> for A {}
