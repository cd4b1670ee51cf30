//! Http requests whose bodies are buffered.

use super::body::{ReplayBody, Source};
use super::{Replay, http};
use ::http::Request;
use ::http::request::Parts;
use http_body::Body;
use persevere_core::Attempt;

/// Buffers the bodies of http requests while the first attempt streams them, so that further attempts can send them again.
///
/// - The first attempt is not delayed: each frame is passed on as it comes.
/// - A body that is known to be longer than the bound is sent once and not buffered at all. A body that turns out to be
///   longer is no longer buffered from there on; the attempt goes on, and is not repeated.
/// - A further attempt sends what is buffered, and then streams the rest.
/// - A response that comes before the body was read to its end is never retried, since the server has decided without it. A
///   body that was not read at all is sent again.
/// - After an error or a timeout in the middle of the body, it is sent again once the service below has dropped it.
/// - A body that fails cannot be repeated.
/// - A hedge sends a body again only once the leg before has sent it to its end, or has dropped it.
/// - A request without a body is buffered without any cost. If the policy allows no further attempt, nothing is buffered.
///
/// The service below receives the body as a [`ReplayBody`]. As with [`HttpClone`](super::HttpClone), each attempt is in the
/// extensions of its request, and a request may bring its policy as [`Retries`](super::Retries).
///
/// ```
/// use persevere::tower::{Buffered, RetryLayer};
/// use persevere::{Policy, TokioSleeper};
///
/// let layer = RetryLayer::new(Policy::default(), TokioSleeper).replay(Buffered::up_to(64 * 1024));
/// # let _ = layer;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Buffered {
    max: usize,
}

impl Buffered {
    /// Buffers up to `max` bytes of each body.
    #[must_use]
    pub const fn up_to(max: usize) -> Buffered {
        Buffered { max }
    }
}

/// The data that is kept of a request; the `Kept` of [`Buffered`]. You need not name it.
#[derive(Debug)]
pub struct KeptRequest<B> {
    parts: Parts,
    body: Source<B>,
}

impl<B: Body + Unpin> Replay<Request<B>> for Buffered {
    type Sent = Request<ReplayBody<B>>;
    type Kept = KeptRequest<B>;

    fn first(&self, request: Request<B>) -> (Self::Sent, Option<Self::Kept>) {
        let (parts, body) = request.into_parts();
        let (body, source) = ReplayBody::new(body, self.max);
        let kept = source.map(|body| KeptRequest {
            parts: parts.clone(),
            body,
        });
        (Request::from_parts(parts, body), kept)
    }

    fn again(&self, kept: KeptRequest<B>) -> (Self::Sent, Option<KeptRequest<B>>) {
        let request = Request::from_parts(kept.parts.clone(), kept.body.again());
        (request, Some(kept))
    }

    fn only(&self, request: Request<B>) -> Self::Sent {
        request.map(ReplayBody::once)
    }

    fn last(&self, kept: KeptRequest<B>) -> Self::Sent {
        Request::from_parts(kept.parts, kept.body.again())
    }

    fn is_repeatable(&self, kept: &KeptRequest<B>, responded: bool) -> bool {
        kept.body.is_repeatable(responded)
    }

    fn mark(&self, sent: &mut Self::Sent, attempt: &Attempt) {
        http::mark(sent, attempt);
    }

    #[cfg(feature = "hedge")]
    fn mark_leg(&self, sent: &mut Self::Sent, leg: persevere_hedge::Leg) {
        sent.extensions_mut().insert(leg);
    }

    fn policy<P: Clone + Send + Sync + 'static>(&self, request: &Request<B>) -> Option<P> {
        http::policy(request)
    }
}
