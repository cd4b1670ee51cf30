//! Policies behind an `Arc`, to be stored without a type parameter.

use crate::backoff::{Backoff, Context};
use crate::classify::{Classifier, Errors, Outcomes, Verdict};
use crate::policy::Policy;
use alloc::sync::Arc;
use core::fmt;
use core::ops::RangeInclusive;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::time::Duration;

/// A policy for operations that fail with `E`, with no other type parameter: `Clone`, `Send` and `Sync`. Made by
/// [`Policy::shared`].
///
/// ```
/// use persevere::{AsyncSleeper, Policy, SharedPolicy, SharedSleeper, Sleeper};
/// use std::io;
///
/// pub struct Client { policy: SharedPolicy<io::Error>, sleeper: SharedSleeper }
///
/// impl Client {
///     pub fn new(sleeper: impl AsyncSleeper<Sleep: Send> + Send + Sync + 'static) -> Self {
///         let policy = Policy::default().retry_if(|e: &io::Error| e.kind() == io::ErrorKind::TimedOut);
///         Client { policy: policy.shared(), sleeper: sleeper.shared() }
///     }
///
///     pub async fn get(&self, key: &str) -> io::Result<String> {
///         Ok(self.policy.on(&self.sleeper).run(|| async { Ok::<_, io::Error>(key.to_owned()) }).await?)
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(persevere::TokioSleeper);
/// assert_eq!(client.get("key").await.unwrap(), "key");
/// # }
/// ```
pub type SharedPolicy<E> = Policy<SharedBackoff, SharedClassifier<E>>;

/// A [`SharedPolicy`] whose classifier looks at whole results, `Ok` too.
pub type SharedOutcomePolicy<T, E> = Policy<SharedBackoff, SharedClassifier<Result<T, E>>, Outcomes>;

impl<B: Backoff + Send + Sync + 'static, C> Policy<B, C, Errors> {
    /// This policy without its types, for operations that fail with `E`.
    pub fn shared<E: 'static>(self) -> SharedPolicy<E>
    where
        C: Classifier<E> + Send + Sync + 'static,
    {
        let (backoff, classifier) = (SharedBackoff::new(self.backoff), SharedClassifier::new(self.classifier));
        Policy::from_parts(backoff, classifier, self.limits)
    }
}

impl<B: Backoff + Send + Sync + 'static, C> Policy<B, C, Outcomes> {
    /// This policy without its types, for operations that return `Result<T, E>`.
    pub fn shared<T: 'static, E: 'static>(self) -> SharedOutcomePolicy<T, E>
    where
        C: Classifier<Result<T, E>> + Send + Sync + 'static,
    {
        let (backoff, classifier) = (SharedBackoff::new(self.backoff), SharedClassifier::new(self.classifier));
        Policy::from_parts(backoff, classifier, self.limits)
    }
}

/// Any backoff, shared.
#[derive(Clone)]
pub struct SharedBackoff(Arc<dyn Backoff + Send + Sync>);

impl SharedBackoff {
    /// Shares `backoff`.
    #[must_use]
    pub fn new(backoff: impl Backoff + Send + Sync + 'static) -> SharedBackoff {
        SharedBackoff(Arc::new(backoff))
    }
}

impl Backoff for SharedBackoff {
    #[inline]
    fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {
        self.0.delay(context)
    }

    fn range(&self, context: &mut Context<'_>) -> Option<RangeInclusive<Duration>> {
        self.0.range(context)
    }

    fn steady_from(&self, cap: u64) -> u32 {
        self.0.steady_from(cap)
    }

    #[inline]
    fn nanos(&self, context: &mut Context<'_>) -> Option<u64> {
        self.0.nanos(context)
    }
}

/// Any classifier of `O`, shared.
pub struct SharedClassifier<O>(Arc<dyn Classifier<O> + Send + Sync>);

impl<O> SharedClassifier<O> {
    /// Shares `classifier`.
    #[must_use]
    pub fn new(classifier: impl Classifier<O> + Send + Sync + 'static) -> SharedClassifier<O> {
        SharedClassifier(Arc::new(classifier))
    }
}

impl<O> Classifier<O> for SharedClassifier<O> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        self.0.classify(outcome)
    }
}

// Not derived, since that would require `O: Clone`.
impl<O> Clone for SharedClassifier<O> {
    fn clone(&self) -> Self {
        SharedClassifier(Arc::clone(&self.0))
    }
}

impl fmt::Debug for SharedBackoff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedBackoff")
    }
}

impl<O> fmt::Debug for SharedClassifier<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedClassifier")
    }
}

// Trait objects are not unwind safe by themselves, and a client that stores one would lose the property in its public
// type. The parts are used through `&self` only, and a run that unwinds leaves no state in them.
impl UnwindSafe for SharedBackoff {}
impl RefUnwindSafe for SharedBackoff {}
impl<O> UnwindSafe for SharedClassifier<O> {}
impl<O> RefUnwindSafe for SharedClassifier<O> {}
