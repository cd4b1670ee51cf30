//! The body of a response whose first frame was looked at.

use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The body of a response: its first frame, which was looked at, and the rest.
#[derive(Debug)]
pub struct Answer<B: Body> {
    first: Option<Frame<B::Data>>,
    rest: B,
}

impl<B: Body> Answer<B> {
    pub(super) const fn new(first: Option<Frame<B::Data>>, rest: B) -> Self {
        Answer { first, rest }
    }

    /// The trailers, if they are the first frame.
    pub(super) fn trailers(&self) -> Option<&HeaderMap> {
        self.first.as_ref()?.trailers_ref()
    }
}

impl<B: Body<Data: Unpin> + Unpin> Body for Answer<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        match self.first.take() {
            Some(first) => Poll::Ready(Some(Ok(first))),
            None => Pin::new(&mut self.rest).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.rest.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // Without the first frame, whose data is only a lower bound of the whole.
        match &self.first {
            None => self.rest.size_hint(),
            Some(_) => SizeHint::default(),
        }
    }
}
