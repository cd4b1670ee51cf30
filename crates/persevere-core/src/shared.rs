//! The shared forms: policy and sleeper behind `Arc`, to be stored without a type parameter.

use crate::backoff::{Backoff, Context};
use crate::classify::{AnyError, Classifier, OnError, OnOutcome, Verdict};
use crate::policy::Policy;
use crate::sleeper::Sleeper;
use crate::span::Span;
use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::ops::RangeInclusive;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::pin::Pin;
use core::time::Duration;

/// A policy for operations that fail with `E`, with nothing else in its type: `Clone`, `Send` and `Sync`. Made by
/// [`Policy::shared`].
///
/// ```
/// use persevere::{Policy, SharedPolicy, SharedSleeper, Sleeper};
/// use std::{io, time::Duration};
///
/// pub struct Client { policy: SharedPolicy<io::Error>, sleeper: SharedSleeper }
///
/// impl Client {
///     pub fn new(sleeper: impl Sleeper<Sleep: Send> + Send + Sync + 'static) -> Self {
///         let policy = Policy::default().retry_if(|e: &io::Error| e.kind() == io::ErrorKind::TimedOut);
///         Client { policy: policy.shared(), sleeper: sleeper.shared() }
///     }
///
///     pub async fn get(&self, key: &str) -> io::Result<String> {
///         let result = self.policy.on(&self.sleeper).run(|| async { Ok(key.to_owned()) }).await;
///         result.map_err(|error| io::Error::other(error))
///     }
/// }
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let client = Client::new(persevere::TokioSleeper);
/// assert_eq!(client.get("key").await.unwrap(), "key");
/// # }
/// ```
pub type SharedPolicy<E> = Policy<SharedBackoff, OnError<SharedClassifier<E>>>;

/// A [`SharedPolicy`] that judges whole outcomes, `Ok` too.
pub type SharedOutcomePolicy<T, E> = Policy<SharedBackoff, OnOutcome<SharedClassifier<Result<T, E>>>>;

impl<B: Backoff + Send + Sync + 'static> Policy<B, AnyError> {
    /// This policy without its types, for operations that fail with `E`.
    pub fn shared<E: 'static>(self) -> SharedPolicy<E> {
        let Policy {
            backoff,
            classifier,
            limits,
        } = self;
        Policy {
            backoff: SharedBackoff::new(backoff),
            classifier: OnError(SharedClassifier::new(classifier)),
            limits,
        }
    }
}

impl<B: Backoff + Send + Sync + 'static, C> Policy<B, OnError<C>> {
    /// This policy without its types, for operations that fail with `E`.
    pub fn shared<E: 'static>(self) -> SharedPolicy<E>
    where
        C: Classifier<E> + Send + Sync + 'static,
    {
        let Policy {
            backoff,
            classifier: OnError(classifier),
            limits,
        } = self;
        Policy {
            backoff: SharedBackoff::new(backoff),
            classifier: OnError(SharedClassifier::new(classifier)),
            limits,
        }
    }
}

impl<B: Backoff + Send + Sync + 'static, C> Policy<B, OnOutcome<C>> {
    /// This policy without its types, for operations that return `Result<T, E>`.
    pub fn shared<T: 'static, E: 'static>(self) -> SharedOutcomePolicy<T, E>
    where
        C: Classifier<Result<T, E>> + Send + Sync + 'static,
    {
        let Policy {
            backoff,
            classifier: OnOutcome(classifier),
            limits,
        } = self;
        Policy {
            backoff: SharedBackoff::new(backoff),
            classifier: OnOutcome(SharedClassifier::new(classifier)),
            limits,
        }
    }
}

/// Any backoff, shared.
#[derive(Clone)]
pub struct SharedBackoff(Arc<dyn Backoff + Send + Sync>);

impl SharedBackoff {
    fn new(backoff: impl Backoff + Send + Sync + 'static) -> SharedBackoff {
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

    #[inline]
    fn span(&self, context: &mut Context<'_>) -> Option<Span> {
        self.0.span(context)
    }
}

/// Any classifier of `O`, shared.
pub struct SharedClassifier<O>(Arc<dyn Classifier<O> + Send + Sync>);

impl<O> SharedClassifier<O> {
    fn new(classifier: impl Classifier<O> + Send + Sync + 'static) -> SharedClassifier<O> {
        SharedClassifier(Arc::new(classifier))
    }
}

impl<O> Classifier<O> for SharedClassifier<O> {
    #[inline]
    fn classify(&self, outcome: &O) -> Verdict {
        self.0.classify(outcome)
    }
}

// Not derived, since that would ask for `O: Clone`.
impl<O> Clone for SharedClassifier<O> {
    fn clone(&self) -> Self {
        SharedClassifier(Arc::clone(&self.0))
    }
}

/// The sleep of a [`SharedSleeper`].
pub type BoxSleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Any async sleeper, shared: `Clone`, `Send` and `Sync`. Made by [`Sleeper::shared`]. Each sleep is one
/// allocation.
///
/// A blocking sleeper is shared as it is, without one, as `Arc<dyn Sleeper<Sleep = Ready<()>> + Send + Sync>`.
#[derive(Clone)]
pub struct SharedSleeper(Arc<dyn Sleeper<Sleep = BoxSleep> + Send + Sync>);

impl SharedSleeper {
    pub(crate) fn new<S>(sleeper: S) -> SharedSleeper
    where
        S: Sleeper<Sleep: Send + 'static> + Send + Sync + 'static,
    {
        SharedSleeper(Arc::new(Boxed(sleeper)))
    }
}

impl Sleeper for SharedSleeper {
    type Sleep = BoxSleep;

    #[inline]
    fn sleep(&self, delay: Duration) -> BoxSleep {
        self.0.sleep(delay)
    }

    #[inline]
    fn now(&self) -> Duration {
        self.0.now()
    }

    #[inline]
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// A sleeper whose sleeps are boxed.
struct Boxed<S>(S);

impl<S: Sleeper<Sleep: Send + 'static>> Sleeper for Boxed<S> {
    type Sleep = BoxSleep;

    fn sleep(&self, delay: Duration) -> BoxSleep {
        Box::pin(self.0.sleep(delay))
    }

    fn now(&self) -> Duration {
        self.0.now()
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
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

impl fmt::Debug for SharedSleeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedSleeper")
    }
}

// Trait objects are not unwind safe by themselves, and a client that stores one would lose the property in its
// public type. The parts are used through `&self` only, and a run that unwinds has no state in them.
impl UnwindSafe for SharedBackoff {}
impl RefUnwindSafe for SharedBackoff {}
impl<O> UnwindSafe for SharedClassifier<O> {}
impl<O> RefUnwindSafe for SharedClassifier<O> {}
impl UnwindSafe for SharedSleeper {}
impl RefUnwindSafe for SharedSleeper {}
