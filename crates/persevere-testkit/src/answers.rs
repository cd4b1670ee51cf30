//! Operations that return the given results in order, without an allocator.
//!
//! Operations that take time, repeat or count their calls are in `script`.

use core::future::{Ready, ready};

/// Returns a blocking operation whose calls return the given results in order.
///
/// [`Script`](crate::Script) also counts its calls, repeats its last result or takes time.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{VirtualTime, script};
/// use std::time::Duration;
///
/// let time = VirtualTime::new();
/// let policy = Policy::fixed(Duration::from_secs(60));
/// let value = policy.on(&time).run_blocking(script([Err("down"), Err("down"), Ok(7)]));
/// assert_eq!(value.unwrap(), 7);
/// assert_eq!(time.waits(), [Duration::from_secs(60); 2]);
/// ```
///
/// # Panics
///
/// The operation panics if it is called more often than there are results, so that a test fails at the first
/// attempt too many.
///
/// ```should_panic
/// let mut operation = persevere_testkit::script([Ok::<_, ()>(7)]);
/// assert_eq!(operation(), Ok(7));
/// operation(); // the script has 1 answer, and this is call 2: ..
/// ```
pub fn script<T, E>(answers: impl IntoIterator<Item = Result<T, E>>) -> impl FnMut() -> Result<T, E> {
    let mut answers = answers.into_iter();
    let mut given = 0;
    move || match answers.next() {
        Some(answer) => {
            given += 1;
            answer
        }
        None => ran_out(given),
    }
}

/// Returns an async operation whose calls return the given results in order, each at once.
///
/// The blocking form is [`script`].
///
/// ```
/// use persevere::{Policy, TokioSleeper};
/// use persevere_testkit::script_async;
/// use std::time::Duration;
///
/// #[tokio::main(flavor = "current_thread")]
/// async fn main() {
///     tokio::time::pause();
///     let policy = Policy::fixed(Duration::from_secs(60));
///     let value = policy.on(TokioSleeper).run(script_async([Err("down"), Ok(7)])).await;
///     assert_eq!(value.unwrap(), 7);
/// }
/// ```
///
/// # Panics
///
/// Like [`script`].
pub fn script_async<T, E>(answers: impl IntoIterator<Item = Result<T, E>>) -> impl FnMut() -> Ready<Result<T, E>> {
    let mut operation = script(answers);
    move || ready(operation())
}

/// Panics for a call without a result.
pub(crate) fn ran_out(given: u32) -> ! {
    let plural = if given == 1 { "" } else { "s" };
    panic!(
        "the script has {given} answer{plural}, and this is call {}: the run makes more attempts than expected, or \
         the script is too short (`Script::repeating_last` repeats the last answer)",
        given + 1
    )
}
