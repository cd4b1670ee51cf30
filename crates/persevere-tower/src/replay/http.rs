//! Http requests: the attempt and the policy in their extensions.

use super::Replay;
use ::http::Request;
use persevere_core::Attempt;

/// The policy of one request, in its extensions, in place of the layer's. It needs the type of the layer's policy, such
/// as a reference to a `static`, or a `SharedPolicy`. A layer whose replay is [`HttpClone`] or
/// [`Buffered`](super::Buffered) reads it.
///
/// ```
/// use persevere::tower::{HttpClone, Retries, RetryLayer};
/// use persevere::{Policy, TokioSleeper};
/// use std::time::Duration;
///
/// static POLICY: Policy = Policy::exponential(Duration::from_millis(50));
/// static PATIENT: Policy = Policy::exponential(Duration::from_secs(1)).max_attempts(20);
///
/// let layer = RetryLayer::new(&POLICY, TokioSleeper).replay(HttpClone);
/// let mut request = http::Request::new(());
/// request.extensions_mut().insert(Retries(&PATIENT));
/// # let _ = layer;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries<P>(pub P);

/// Clones http requests, as [`AsIs`](super::AsIs) does, and uses their extensions. Each attempt has its
/// [`Attempt`](persevere_core::Attempt) there, for the layers below, and each leg of a hedge has its `Leg`. A request
/// may bring its policy as [`Retries`].
///
/// Each attempt sends a clone of the request as it came. The clone does not have the extensions that an earlier attempt
/// added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HttpClone;

impl<B: Clone> Replay<Request<B>> for HttpClone {
    type Sent = Request<B>;
    type Kept = Request<B>;

    fn first(&self, request: Request<B>) -> (Request<B>, Option<Request<B>>) {
        (request.clone(), Some(request))
    }

    fn again(&self, kept: Request<B>) -> (Request<B>, Option<Request<B>>) {
        self.first(kept)
    }

    fn only(&self, request: Request<B>) -> Request<B> {
        request
    }

    fn last(&self, kept: Request<B>) -> Request<B> {
        kept
    }

    fn mark(&self, sent: &mut Request<B>, attempt: &Attempt) {
        mark(sent, attempt);
    }

    #[cfg(feature = "hedge")]
    fn mark_leg(&self, sent: &mut Request<B>, leg: persevere_hedge::Leg) {
        sent.extensions_mut().insert(leg);
    }

    fn policy<P: Clone + Send + Sync + 'static>(&self, request: &Request<B>) -> Option<P> {
        policy(request)
    }
}

/// Puts the attempt into the extensions of a request.
pub(super) fn mark<B>(sent: &mut Request<B>, attempt: &Attempt) {
    sent.extensions_mut().insert(attempt.clone());
}

/// The policy in the extensions of a request.
pub(super) fn policy<P: Clone + Send + Sync + 'static, B>(request: &Request<B>) -> Option<P> {
    request
        .extensions()
        .get::<Retries<P>>()
        .map(|retries| retries.0.clone())
}
