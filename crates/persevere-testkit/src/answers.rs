//! Operations that answer by a list, and nothing more: they need no allocator.

use core::future::{Ready, ready};

/// A blocking operation that answers by a list: the first call with the first, and so on.
///
/// For one that counts its calls, repeats its last answer or takes time, see [`Script`](crate::Script).
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
/// The operation panics when it is called more often than there are answers: a run that makes one attempt too many
/// shows at once.
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

/// [`script`] for async runs. Each answer is there at once.
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
/// As [`script`].
pub fn script_async<T, E>(answers: impl IntoIterator<Item = Result<T, E>>) -> impl FnMut() -> Ready<Result<T, E>> {
    let mut operation = script(answers);
    move || ready(operation())
}

/// What is said of a call for which there is no answer.
pub(crate) fn ran_out(given: u32) -> ! {
    let plural = if given == 1 { "" } else { "s" };
    panic!(
        "the script has {given} answer{plural}, and this is call {}: a run that makes more attempts than expected, or a \
         script that is too short (`Script::repeating_last` goes on with its last answer)",
        given + 1
    )
}
