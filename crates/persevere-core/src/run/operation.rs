//! What an operation returns, with a message for an operation that returns something else.

use core::future::Future;

/// What an operation of [`Run::run`](crate::Run::run) returns: a future of a `Result`. Sealed, and implemented by every such
/// future.
#[diagnostic::on_unimplemented(
    message = "the operation returns `{Self}`, and this async run expects a future of `Result<{T}, {E}>`",
    label = "an async run awaits what its operation returns",
    note = "write `.run(|| fetch(..))` with an `async fn fetch(..) -> Result<..>`, or `.run(|| async {{ .. }})`",
    note = "an operation that blocks goes to `.run_blocking(..)`, on a sleeper such as `ThreadSleeper`",
    note = "the error is the one that the classifier, observers and guards of this run look at, if they name a type"
)]
pub trait Awaited<T, E>: Future<Output = Result<T, E>> {}

#[diagnostic::do_not_recommend]
impl<T, E, A: Future<Output = Result<T, E>>> Awaited<T, E> for A {}

/// What an operation of [`Run::run_blocking`](crate::Run::run_blocking) returns: a `Result`. Sealed.
#[diagnostic::on_unimplemented(
    message = "the operation returns `{Self}`, and this blocking run expects `Result<{T}, {E}>`",
    label = "a blocking run takes a `Result` from its operation",
    note = "an async operation goes to `.run(..).await`, on the sleeper of its runtime"
)]
pub trait Returned<T, E>: sealed::Sealed {
    /// Returns the `Result`.
    #[doc(hidden)]
    fn outcome(self) -> Result<T, E>;
}

impl<T, E> Returned<T, E> for Result<T, E> {
    #[inline(always)]
    fn outcome(self) -> Result<T, E> {
        self
    }
}

mod sealed {
    pub trait Sealed {}
    impl<T, E> Sealed for Result<T, E> {}
}
