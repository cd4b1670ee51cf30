//! [`Replay`]: how a request is repeated.

#[cfg(feature = "http-body")]
mod body;
#[cfg(feature = "http-body")]
mod buffered;
#[cfg(feature = "http")]
mod http;
mod remains;

#[cfg(feature = "http-body")]
pub use body::ReplayBody;
#[cfg(feature = "http-body")]
pub use buffered::{Buffered, KeptRequest};
#[cfg(feature = "http")]
pub use http::{HttpClone, Retries};
pub(crate) use remains::Remains;

use persevere_core::Attempt;
use std::fmt;

/// Repeats requests. Each call of a [`Retry`](crate::Retry) service keeps what its replay returns until the last attempt.
///
/// | replay | requests | what an attempt costs |
/// |---|---|---|
/// | [`AsIs`], the default | `Clone` | a clone for each attempt that may be followed by another |
/// | [`by`] | any | a call of the closure, at the same times |
/// | `HttpClone` | http requests whose body is `Clone` | a clone, at the same times |
/// | `Buffered` | http requests with any body | a buffer, filled while the first attempt streams the body |
pub trait Replay<Req> {
    /// The request that is sent.
    type Sent;
    /// The data that is kept for further attempts.
    type Kept;

    /// Returns the request for the first attempt, and what is kept for more; `None` if it cannot be repeated.
    fn first(&self, request: Req) -> (Self::Sent, Option<Self::Kept>);

    /// Returns the request for a further attempt, and what is kept for more; `None` if it cannot be repeated again.
    fn again(&self, kept: Self::Kept) -> (Self::Sent, Option<Self::Kept>);

    /// [`first`](Replay::first) if no other attempt can follow, so that nothing has to be kept.
    fn only(&self, request: Req) -> Self::Sent {
        self.first(request).0
    }

    /// [`again`](Replay::again) if no other attempt can follow.
    fn last(&self, kept: Self::Kept) -> Self::Sent {
        self.again(kept).0
    }

    /// Whether the request can be repeated now, after an attempt that has ended. It is `false` for a body of which
    /// parts are lost or still being sent. `responded` is whether the attempt ended with a response, and not with an
    /// error or a timeout.
    fn is_repeatable(&self, kept: &Self::Kept, responded: bool) -> bool {
        let _ = (kept, responded);
        true
    }

    /// Marks a request with the attempt that it is sent for.
    fn mark(&self, sent: &mut Self::Sent, attempt: &Attempt) {
        let _ = (sent, attempt);
    }

    /// Marks a request with the leg of a hedge that it is sent by: see [`HedgeLayer`](crate::HedgeLayer).
    #[cfg(feature = "hedge")]
    fn mark_leg(&self, sent: &mut Self::Sent, leg: persevere_hedge::Leg) {
        let _ = (sent, leg);
    }

    /// The policy that a request brings along, in place of the layer's; `None` if it brings none.
    fn policy<P: Clone + Send + Sync + 'static>(&self, request: &Req) -> Option<P> {
        let _ = request;
        None
    }
}

/// Clones requests: the replay of a new [`RetryLayer`](crate::RetryLayer).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AsIs;

impl<Req: Clone> Replay<Req> for AsIs {
    type Sent = Req;
    type Kept = Req;

    fn first(&self, request: Req) -> (Req, Option<Req>) {
        (request.clone(), Some(request))
    }

    fn again(&self, kept: Req) -> (Req, Option<Req>) {
        self.first(kept)
    }

    fn only(&self, request: Req) -> Req {
        request
    }

    fn last(&self, kept: Req) -> Req {
        kept
    }
}

/// Makes the next request from the request that is about to be sent. Where the closure returns `None`, the request that
/// is about to be sent is the last.
///
/// ```
/// use persevere::tower::{RetryLayer, replay};
/// use persevere::{Policy, TokioSleeper};
///
/// struct Query { id: u32, writes: bool }
///
/// let only_reads = |query: &Query| (!query.writes).then(|| Query { id: query.id, writes: false });
/// let layer = RetryLayer::new(Policy::default(), TokioSleeper).replay(replay::by(only_reads));
/// # let _ = layer;
/// ```
#[must_use]
pub const fn by<Req, F: Fn(&Req) -> Option<Req>>(next: F) -> By<F> {
    By(next)
}

/// A replay from a closure; made by [`by`].
#[derive(Clone, Copy)]
pub struct By<F>(F);

impl<Req, F: Fn(&Req) -> Option<Req>> Replay<Req> for By<F> {
    type Sent = Req;
    type Kept = Req;

    fn first(&self, request: Req) -> (Req, Option<Req>) {
        let next = (self.0)(&request);
        (request, next)
    }

    fn again(&self, kept: Req) -> (Req, Option<Req>) {
        self.first(kept)
    }

    fn only(&self, request: Req) -> Req {
        request
    }

    fn last(&self, kept: Req) -> Req {
        kept
    }
}

impl<F> fmt::Debug for By<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("By")
    }
}
