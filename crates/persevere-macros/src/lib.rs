//! The attributes of [`persevere`](https://docs.rs/persevere), which re-exports them as `persevere::retry` and
//! `persevere::Retryable`. Depend on `persevere` instead: the expansions name it.

mod args;
mod backoff;
mod boxed;
mod choice;
mod classifier;
mod clones;
mod derive;
mod expand;
mod function;
mod jitter;
mod output;
mod policy;
mod run;
mod value;

use proc_macro::TokenStream;

/// Retries the body of a function until it succeeds or the policy stops.
///
/// ```
/// use persevere::retry;
/// use std::{io, path::Path};
///
/// #[retry(max_attempts = 3, on = [io::ErrorKind::Interrupted])]
/// fn load(path: &Path) -> io::Result<String> {
///     std::fs::read_to_string(path)
/// }
///
/// let error = load(Path::new("no such file")).unwrap_err();
/// assert_eq!(error.kind(), io::ErrorKind::NotFound);
/// ```
///
/// An `async fn` is retried on its executor, any other function on its thread. In the body `?`, `return` and macros
/// mean what they mean without the attribute.
///
/// # Settings
///
/// The names follow the methods of [`Policy`] and [`Run`]. Without settings, `#[retry]` means `Policy::default()`: 3
/// attempts, exponential from 100 ms, at most 5 s, full jitter, every error.
///
/// | setting | effect | default |
/// |---|---|---|
/// | `max_attempts = 3` | limits the attempts, the first included: [`Policy::max_attempts`] | 3; with `schedule`, one more than it has delays |
/// | `backoff = exponential("100ms")` | sets how delays grow: see [below](#backoffs) | `exponential("100ms")`, at most 5 s |
/// | `max_delay = "5s"` | limits each computed delay: [`Policy::max_delay`] | none, or 5 s without `backoff` |
/// | `max_elapsed = "30s"` | begins no attempt after this time: [`Policy::max_elapsed`] | none |
/// | `timeout = "30s"` | ends the whole run, an async attempt included: [`Run::timeout`] | none |
/// | `attempt_timeout = "2s"` | limits each attempt, async only: [`Policy::attempt_timeout`] | none |
/// | `jitter = full` | spreads delays; also `none`, `equal`, `proportional(0.5)`: [`Jitter`] | `full`; `none` for `fixed`, `decorrelated`, `schedule` |
/// | `max_hint = "60s"` | limits the waits that an error requests: [`Policy::max_hint`] | the policy's |
/// | `clamp_hints` | shortens longer hints instead of stopping: [`Policy::clamp_hints`] | stops |
/// | `retry_rejected` | waits for a breaker or bulkhead that rejects: [`Policy::retry_rejected`] | stops |
/// | `seed = 7` | makes delays reproducible: [`Policy::seed`] | random |
/// | `policy = POLICY` | takes a policy; the settings above override its own | built from the settings |
/// | `retry_if = is_transient` | retries the errors that a predicate holds for: [`Policy::retry_if`] | the policy's, or every error |
/// | `classify = ByError` | decides by a [`Classifier`]: [`Policy::classify`] | |
/// | `classify_with = verdict_of` | decides by a function from `&E` to a [`Verdict`]: [`Policy::classify_with`] | |
/// | `on = [MyError::Busy(..)]` | retries the errors that match a pattern | |
/// | `on_retry = log` | calls a function before each wait: [`Run::on_retry`] | |
/// | `on_event = trace` | calls a function at each event: [`Run::on_event`] | |
/// | `observe = &STATS` | emits every event to an observer: [`Run::observe`] | |
/// | `pace = &PAUSE` | waits before each attempt until a gate admits it, such as a pause or a rate: [`Run::pace`] | |
/// | `bulkhead = &CALLS` | has a limit of concurrent calls admit each attempt: [`Run::bulkhead`] | |
/// | `breaker = &BREAKER` | has a circuit breaker admit each attempt: [`Run::breaker`] | |
/// | `budget = &BUDGET` | has a budget admit each retry: [`Run::budget`] | |
/// | `budget_by(&BUDGET, class_of)` | as `budget`, with a class for each error: [`Run::budget_by`] | |
/// | `sleeper = TokioSleeper` | sets how to wait | [`ThreadSleeper`]; for an `async fn` [`FuturesTimerSleeper`], for any executor |
/// | `clone(request, body)` | gives each attempt clones of these arguments | no clones |
/// | `crate = again` | the path of `persevere` | `::persevere` |
///
/// A function takes one of `retry_if`, `classify`, `classify_with` and `on`, and one of `budget` and `budget_by`. For
/// `classify_outcome`, write `policy = POLICY.classify_outcome(..)`.
///
/// Durations are text of numbers with units (`h`, `m`, `s`, `ms`, `us`, `ns`): `"100ms"`, `"1.5s"`, `"1m30s"`. A number
/// without a unit is a compile error. Where a duration or a number stands, an expression of its type may stand instead.
/// Expressions are evaluated once per call, before the first attempt, and may name the arguments of the function.
///
/// A pattern that names a variant of an `ErrorKind`, such as `io::ErrorKind::TimedOut`, is matched with `error.kind()`,
/// any other pattern with the error.
///
/// The default sleepers need a feature (`std`, `futures-timer`); without it, a compile error names it.
///
/// ## Backoffs
///
/// | backoff | delays |
/// |---|---|
/// | `fixed("1s")` | 1 s each |
/// | `linear("100ms")` | 100 ms, 200 ms, 300 ms, .. |
/// | `exponential("100ms")` | 100 ms, 200 ms, 400 ms, .. |
/// | `exponential("100ms", factor = 1.5)` | 100 ms, 150 ms, 225 ms, .. |
/// | `fibonacci("100ms")` | 100 ms, 100 ms, 200 ms, 300 ms, .. |
/// | `decorrelated("100ms")` | random, each from 100 ms to three times the one before |
/// | `schedule(["100ms", "1s"])` | 100 ms, 1 s, then no attempt; also `schedule(DELAYS)` |
/// | `schedule(["100ms", "1s"], repeat_last)` | 100 ms, 1 s, 1 s, .. |
///
/// # Return type
///
/// A function that returns `Result<T, E>`, or an alias whose name ends with `Result`, still returns the last attempt's
/// result. A function that returns `Result<T, RetryError<E>>` returns the [`RetryError`], and its body is of type
/// `Result<T, E>`:
///
/// ```
/// use persevere::{Policy, RetryError, StopReason, TokioSleeper, retry};
/// use std::{io, time::Duration};
///
/// static API: Policy = Policy::exponential(Duration::from_millis(1)).max_attempts(4);
///
/// #[retry(policy = API, timeout = "2s", retry_if = is_timeout, sleeper = TokioSleeper)]
/// async fn fetch(url: &str) -> Result<String, RetryError<io::Error>> {
///     Err(io::Error::new(io::ErrorKind::TimedOut, url))
/// }
///
/// fn is_timeout(error: &io::Error) -> bool {
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
/// An attempt that times out or is rejected has no `E`. So `pace`, `bulkhead`, `breaker`, `attempt_timeout`, and
/// `timeout` on an `async fn` need the second form. In the first form they are compile errors, and the
/// `attempt_timeout` of a `policy` has no effect. A cancelled run of the first form ends with its next attempt.
///
/// # Arguments of the function
///
/// Attempts borrow the arguments, because another attempt may follow. A body that consumes an argument does not
/// compile. The message is "the body consumes an argument, and another attempt may need it". In an `async fn` it is
/// "use of moved value: `request`" with "value moved here, in previous iteration of loop". Write `clone(request)`, and
/// each attempt consumes a clone:
///
/// ```
/// use persevere::retry;
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
/// If the argument has no `Clone`, take it by reference, or wrap it in an `Arc` and clone that. For a field of `self`,
/// take `&self` and clone the field in the body.
///
/// An attempt that borrows an argument which is not `Sync` makes the future of an `async fn` not `Send`; an attempt with
/// a clone does not. The function cannot return a borrow from a `&mut` argument, because the next attempt needs the
/// argument.
///
/// # Other attributes
///
/// Attributes expand from the top down: an attribute above `#[retry]` applies to each attempt, an attribute below it to
/// the whole call. `#[tracing::instrument]` below opens one span, above it opens one per attempt. Above `#[retry]` on
/// an `async fn`, it consumes the arguments: write `clone(..)` for values, and move the attribute below for `&mut`
/// arguments. On methods of `#[async_trait]`, write `#[retry]` above the method.
///
/// # Cost
///
/// The function becomes a loop over the machine with the body in it. A policy of literals is a constant. A constant or
/// `static` policy takes no room in a future.
///
/// # Panics
///
/// The function panics if an expression for `factor` is not a finite number of at least 1, or an expression for
/// `proportional(..)` is not within `0.0..=1.0`. As literals they are compile errors. For values from outside, build
/// the policy with its `try_` setters and write `policy = ..`.
///
/// `max_attempts` does not panic. An expression that is 0 counts as 1, which means no retries, because a function that
/// is called makes at least one attempt. A literal 0 is a compile error.
///
/// [`Classifier`]: https://docs.rs/persevere/latest/persevere/trait.Classifier.html
/// [`FuturesTimerSleeper`]: https://docs.rs/persevere/latest/persevere/struct.FuturesTimerSleeper.html
/// [`Jitter`]: https://docs.rs/persevere/latest/persevere/enum.Jitter.html
/// [`Policy`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html
/// [`RetryError`]: https://docs.rs/persevere/latest/persevere/struct.RetryError.html
/// [`Run`]: https://docs.rs/persevere/latest/persevere/struct.Run.html
/// [`ThreadSleeper`]: https://docs.rs/persevere/latest/persevere/struct.ThreadSleeper.html
/// [`Verdict`]: https://docs.rs/persevere/latest/persevere/enum.Verdict.html
/// [`Policy::attempt_timeout`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.attempt_timeout
/// [`Policy::clamp_hints`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.clamp_hints
/// [`Policy::classify`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.classify
/// [`Policy::classify_with`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.classify_with
/// [`Policy::max_attempts`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.max_attempts
/// [`Policy::max_delay`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.max_delay
/// [`Policy::max_elapsed`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.max_elapsed
/// [`Policy::max_hint`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.max_hint
/// [`Policy::retry_if`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.retry_if
/// [`Policy::retry_rejected`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.retry_rejected
/// [`Policy::seed`]: https://docs.rs/persevere/latest/persevere/struct.Policy.html#method.seed
/// [`Run::breaker`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.breaker
/// [`Run::bulkhead`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.bulkhead
/// [`Run::budget`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.budget
/// [`Run::budget_by`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.budget_by
/// [`Run::pace`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.pace
/// [`Run::timeout`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.timeout
/// [`Run::observe`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.observe
/// [`Run::on_event`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.on_event
/// [`Run::on_retry`]: https://docs.rs/persevere/latest/persevere/struct.Run.html#method.on_retry
#[proc_macro_attribute]
pub fn retry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expand::retry(arguments.into(), item.into()).into()
}

/// Implements [`Retryable`](https://docs.rs/persevere/latest/persevere/trait.Retryable.html) for an error, which the
/// classifier `ByError` reads to decide whether to retry.
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
/// let throttled = ApiError::Throttled { retry_after: Some(second) };
/// assert_eq!(throttled.verdict(), Verdict::RetryAfter(second));
/// assert_eq!(ApiError::Store(StoreError).verdict(), Verdict::Retry);
/// assert_eq!(ApiError::NotFound.verdict(), Verdict::Stop);
/// ```
///
/// | attribute | verdict |
/// |---|---|
/// | `#[retryable(transient)]` | retry |
/// | `#[retryable(permanent)]` | stop |
/// | `#[retryable(after = field)]` | retry after the field's time, a `Duration` or `Option<Duration>`; in a tuple `after = 0` |
/// | `#[retryable(transparent)]` | the verdict of the source: the field with `#[source]` or `#[from]`, the field `source`, or the only field |
///
/// Each variant has one of these attributes, or the enum has `transient` or `permanent` as the default of its variants.
/// A struct has one itself. `#[retryable(crate = again)]` sets the path of `persevere`.
#[proc_macro_derive(Retryable, attributes(retryable))]
pub fn retryable(item: TokenStream) -> TokenStream {
    derive::retryable(item.into()).into()
}
