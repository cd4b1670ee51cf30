//! How the request of a call is repeated.

use crate::repeat::PREVIOUS_ATTEMPTS;
use crate::timeout::{self, TIMEOUT};
use http::{HeaderMap, HeaderValue, Request};
use http_body::Body;
use persevere_core::Attempt;
use persevere_tower::Replay;
use persevere_tower::replay::{Buffered, KeptRequest, ReplayBody};

/// Buffers the messages of a request, and marks each attempt with its number and timeout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unary(Buffered);

impl Unary {
    pub(super) const fn up_to(max: usize) -> Unary {
        Unary(Buffered::up_to(max))
    }
}

impl<B: Body + Unpin> Replay<Request<B>> for Unary {
    type Sent = Request<ReplayBody<B>>;
    type Kept = KeptRequest<B>;

    fn first(&self, request: Request<B>) -> (Self::Sent, Option<Self::Kept>) {
        self.0.first(request)
    }

    fn again(&self, kept: KeptRequest<B>) -> (Self::Sent, Option<KeptRequest<B>>) {
        self.0.again(kept)
    }

    fn only(&self, request: Request<B>) -> Self::Sent {
        self.0.only(request)
    }

    fn last(&self, kept: KeptRequest<B>) -> Self::Sent {
        self.0.last(kept)
    }

    fn is_repeatable(&self, kept: &KeptRequest<B>, responded: bool) -> bool {
        Replay::<Request<B>>::is_repeatable(&self.0, kept, responded)
    }

    fn mark(&self, sent: &mut Self::Sent, attempt: &Attempt) {
        Replay::<Request<B>>::mark(&self.0, sent, attempt);
        mark(sent.headers_mut(), attempt);
    }
}

/// Marks the headers of an attempt.
fn mark(headers: &mut HeaderMap, attempt: &Attempt) {
    match attempt.number() {
        0 | 1 => drop(headers.remove(PREVIOUS_ATTEMPTS)),
        number => drop(headers.insert(PREVIOUS_ATTEMPTS, HeaderValue::from(number - 1))),
    }
    // The run ends within the call's own timeout, so that nothing is lost if the attempt's timeout replaces it.
    let limit = attempt.timeout().map(timeout::with_margin);
    let limit = limit.and_then(timeout::write);
    if let Some(limit) = limit.and_then(|limit| HeaderValue::from_bytes(limit.as_bytes()).ok()) {
        headers.insert(TIMEOUT, limit);
    }
}
