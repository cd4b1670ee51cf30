//! The attributes of [`persevere`](https://docs.rs/persevere), which re-exports them as `persevere::retry` and
//! `persevere::Retryable`. Depend on that one: what they expand to names it.

mod args;
mod boxed;
mod choice;
mod classifier;
mod clones;
mod derive;
mod duration;
mod expand;
mod function;
mod output;
mod policy;
mod value;

use proc_macro::TokenStream;

/// Retries a function: its body is attempted until it succeeds or the policy stops.
///
/// ```
/// use persevere::retry;
/// use std::{io, path::Path};
///
/// #[retry(attempts = 3, backoff = exponential("100ms"), max_delay = "5s", on = [io::ErrorKind::Interrupted])]
/// fn load(path: &Path) -> io::Result<String> {
///     std::fs::read_to_string(path)
/// }
///
/// assert_eq!(load(Path::new("no such file")).unwrap_err().kind(), io::ErrorKind::NotFound);
/// ```
///
/// Whether it blocks is told by the signature alone: an `async fn` is retried on an executor, any other on its thread.
/// All else of the function stays as it is, from outside and from inside: in the body `?`, `return` and macros mean what
/// they meant.
///
/// # Arguments
///
/// Without any, `#[retry]` is `#[retry(policy = Policy::default())]`: 3 attempts, exponential from 100 ms, at most 5 s,
/// full jitter, every error.
///
/// | argument | what it does | if it is left out |
/// |---|---|---|
/// | `attempts = 3` | the most calls, the first included: [`Policy::max_attempts`] | 3 |
/// | `backoff = exponential("100ms")` | how delays grow; also `fixed`, `linear`, `fibonacci`, `decorrelated`: [`Policy`] | `exponential("100ms")`, at most 5 s |
/// | `backoff = exponential("100ms", factor = 1.5)` | by another factor than 2: [`Exponential::factor`] | |
/// | `max_delay = "5s"` | the cap: [`Policy::max_delay`] | none, or 5 s without `backoff` |
/// | `max_elapsed = "30s"` | the time for all attempts: [`Policy::max_elapsed`] | none |
/// | `attempt_timeout = "2s"` | the time for one attempt, async only: [`Policy::attempt_timeout`] | none |
/// | `jitter = full` | how delays are spread; also `none`, `equal`, `proportional(0.5)`: [`Jitter`] | `full`; `none` for `fixed` and `decorrelated` |
/// | `seed = 7` | makes delays reproducible: [`Policy::seed`] | random |
/// | `policy = TRANSIENT` | a policy, of which the settings above override what they set | built from them |
/// | `when = is_transient` | retries the errors that a predicate or closure holds for: [`Policy::retry_if`] | the policy's, or every error |
/// | `classify = ByError` | asks a [`Classifier`], or a closure that returns a [`Verdict`] | |
/// | `on = [MyError::Busy(..)]` | retries the errors that match one of these patterns | |
/// | `on_retry = log` | calls a function or closure before each wait: [`Run::on_retry`] | |
/// | `observe = &STATS` | lets an observer see every event: [`Run::observe`] | |
/// | `breaker = &BREAKER` | asks a circuit breaker before each attempt: [`Run::breaker`] | |
/// | `budget = &BUDGET` | asks a budget before each retry: [`Run::budget`] | |
/// | `sleeper = TokioSleeper` | where to wait | the thread's; for an `async fn` futures-timer's, for any executor |
/// | `clone(request, body)` | gives each attempt clones of these arguments | nothing is cloned |
/// | `crate = again` | where `persevere` is, if it has another name | `::persevere` |
///
/// Durations are texts with a unit (`ns`, `us`, `ms`, `s`, `m`, `h`), or expressions of type `Duration`. Numbers may be
/// expressions as well. Expressions are evaluated once for each call, before the first attempt, and may name the
/// arguments of the function. Without a feature that the default sleeper takes (`std`, `futures-timer`), there is a
/// compile error that says so.
///
/// A pattern that names a variant of an `ErrorKind`, such as `io::ErrorKind::TimedOut`, is matched with `error.kind()`,
/// any other with the error.
///
/// # What it returns
///
/// Declared to return `Result<T, E>`, or an alias whose name ends with `Result`, the function returns the outcome of its
/// last attempt, as it did before. Declared to return `Result<T, RetryError<E>>`, it returns the [`RetryError`], and the
/// body is of type `Result<T, E>`:
///
/// ```
/// use persevere::{Policy, RetryError, StopReason, TokioSleeper, backoff::Exponential, retry};
/// use std::{io, time::Duration};
///
/// static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(1)).max_attempts(4);
///
/// #[retry(policy = TRANSIENT, attempt_timeout = "2s", sleeper = TokioSleeper, when = is_transient)]
/// async fn fetch(url: &str) -> Result<String, RetryError<io::Error>> {
///     Err(io::Error::new(io::ErrorKind::TimedOut, url))
/// }
///
/// fn is_transient(error: &io::Error) -> bool {
///     error.kind() == io::ErrorKind::TimedOut
/// }
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let error = fetch("https://example.com").await.unwrap_err();
/// assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 4));
/// assert_eq!(error.into_last_error().unwrap().to_string(), "https://example.com");
/// # }
/// ```
///
/// A function of the first kind always has an outcome to return. So its attempts cannot be cut off: `attempt_timeout` is
/// refused there, and that of a `policy` is not applied. Neither can they be rejected, so `breaker` is refused as well. And a
/// run that is cancelled ends with its next attempt.
///
/// # Arguments of the function
///
/// An attempt borrows them, since there may be another. If the body consumes one, `clone(..)` gives each attempt its own:
///
/// ```
/// use persevere::{FuturesTimerSleeper, retry};
///
/// struct Connection { sent: usize }
///
/// impl Connection {
///     #[retry(backoff = fixed("1ms"), clone(request))]
///     async fn send(&mut self, request: Vec<u8>) -> Result<usize, String> {
///         self.sent += request.into_boxed_slice().len();
///         if self.sent < 5 { Err("again".to_owned()) } else { Ok(self.sent) }
///     }
/// }
///
/// let mut connection = Connection { sent: 0 };
/// assert_eq!(smol::block_on(connection.send(vec![1, 2])), Ok(6));
/// ```
///
/// An attempt that borrows an argument which is not `Sync` makes the future of an `async fn` not `Send`; one that has a
/// clone does not. What a function returns cannot borrow from a `&mut` argument, since the next attempt needs that.
///
/// # Other attributes
///
/// Attributes expand from the top down, so one above `#[retry]` is within the attempts, one below is around them all:
/// `#[tracing::instrument]` below opens one span, above one for each attempt. Above an `async fn` it takes its arguments
/// by value, so they are `clone(..)`d, and `&mut` ones have to be below. Methods of `#[async_trait]` are retried as they
/// stand, with `#[retry]` on the method.
///
/// # Cost
///
/// The function becomes a loop over the machine, with the body in it and no other function beside it. A policy of literals
/// is a constant; it and a `static` one take no room in a future, and cost what a loop written by hand does.
///
/// [`Classifier`]: https://docs.rs/persevere/latest/persevere/trait.Classifier.html
/// [`Exponential::factor`]: https://docs.rs/persevere/latest/persevere/backoff/struct.Exponential.html#method.factor
/// [`Jitter`]: https://docs.rs/persevere/latest/persevere/enum.Jitter.html
/// [`Policy`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html
/// [`Policy::attempt_timeout`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.attempt_timeout
/// [`Policy::max_attempts`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.max_attempts
/// [`Policy::max_delay`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.max_delay
/// [`Policy::max_elapsed`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.max_elapsed
/// [`Policy::retry_if`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.retry_if
/// [`Policy::seed`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.seed
/// [`RetryError`]: https://docs.rs/persevere/latest/persevere/struct.RetryError.html
/// [`Run::breaker`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.breaker
/// [`Run::budget`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.budget
/// [`Run::observe`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.observe
/// [`Run::on_retry`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.on_retry
/// [`Verdict`]: https://docs.rs/persevere/latest/persevere/enum.Verdict.html
#[proc_macro_attribute]
pub fn retry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::retry(arguments.into(), item.into()).into()
}

/// Lets an error say of itself whether it is worth another attempt: implements
/// [`Retryable`](https://docs.rs/persevere/latest/persevere/trait.Retryable.html), which the classifier `ByError` asks.
///
/// ```
/// use persevere::{Retryable, Verdict};
/// use std::time::Duration;
///
/// #[derive(Debug, Retryable)]
/// #[retryable(permanent)]
/// enum ApiError {
///     #[retryable(transient)]
///     Unavailable,
///     #[retryable(after = retry_after)]
///     Throttled { retry_after: Option<Duration> },
///     #[retryable(transparent)]
///     Store(StoreError),
///     NotFound,
/// }
///
/// #[derive(Debug, Retryable)]
/// #[retryable(transient)]
/// struct StoreError;
///
/// let second = Duration::from_secs(1);
/// assert_eq!(ApiError::Throttled { retry_after: Some(second) }.verdict(), Verdict::RetryAfter(second));
/// assert_eq!(ApiError::Store(StoreError).verdict(), Verdict::Retry);
/// assert_eq!(ApiError::NotFound.verdict(), Verdict::Stop);
/// ```
///
/// | attribute | of an error that |
/// |---|---|
/// | `#[retryable(transient)]` | is worth another attempt |
/// | `#[retryable(permanent)]` | is not |
/// | `#[retryable(after = field)]` | says in a field of type `Duration` or `Option<Duration>` how long to wait; `after = 0` in a tuple |
/// | `#[retryable(transparent)]` | is as the error that it comes from: the field with `#[source]` or `#[from]`, the one called `source`, or the only one |
///
/// Each variant says one of these, or the enum says `transient` or `permanent` for all that say nothing. A struct says
/// it of itself. `#[retryable(crate = again)]` says where `persevere` is, if it has another name.
#[proc_macro_derive(Retryable, attributes(retryable))]
pub fn retryable(item: TokenStream) -> TokenStream {
    derive::retryable(item.into()).into()
}
