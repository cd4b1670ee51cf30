//! The body of a blocking function, which every attempt calls.

/// A closure that can be called again.
///
/// A trait of its own instead of `FnMut`, because the message about a body that consumes an argument must name
/// `clone(..)`.
#[diagnostic::on_unimplemented(
    message = "the body consumes an argument, and another attempt may need it",
    label = "the first attempt consumes an argument of this function",
    note = "write `#[retry(clone(argument))]` with its name, and each attempt consumes a clone; or borrow it in the body"
)]
pub trait Body<R> {
    /// Makes an attempt.
    fn call(&mut self) -> R;
}

#[diagnostic::do_not_recommend]
impl<R, F: FnMut() -> R> Body<R> for F {
    #[inline]
    fn call(&mut self) -> R {
        self()
    }
}
