//! The body of a request that is sent more than once.

use reqwest::{Body, Request};
use std::fmt;
use std::future::Future;
use std::pin::Pin;

/// A body that is being made.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) type Making = Pin<Box<dyn Future<Output = Body> + Send>>;

/// A body that is being made.
#[cfg(target_arch = "wasm32")]
pub(crate) type Making = Pin<Box<dyn Future<Output = Body>>>;

/// Makes a body for each attempt.
pub(crate) type Maker = Box<dyn FnMut() -> Making + Send>;

/// A request, and how its body is made.
pub(crate) struct Source {
    request: Option<Request>,
    maker: Option<Maker>,
}

impl Source {
    pub(crate) const fn new(request: Request, maker: Option<Maker>) -> Self {
        Source {
            request: Some(request),
            maker,
        }
    }

    /// Whether the request can be sent again.
    pub(crate) fn is_repeatable(&self) -> bool {
        let body = self.request.as_ref().and_then(Request::body);
        self.maker.is_some() || body.is_none_or(|body| body.as_bytes().is_some())
    }

    /// The request for the next attempt, and its body if that has yet to be made; `None` if it cannot be repeated and
    /// was sent.
    pub(crate) fn next(&mut self) -> Option<(Request, Option<Making>)> {
        let clone = self.request.as_ref().and_then(Request::try_clone);
        let request = clone.or_else(|| self.request.take())?;
        Some((request, self.maker.as_mut().map(|make| make())))
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").finish_non_exhaustive()
    }
}

/// The body that reports an error instead of its bytes.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Body {
    Body::wrap(Failed(Some(error)))
}

#[cfg(not(target_arch = "wasm32"))]
struct Failed(Option<Box<dyn std::error::Error + Send + Sync>>);

#[cfg(not(target_arch = "wasm32"))]
impl http_body::Body for Failed {
    type Data = &'static [u8];
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Self::Data>, Self::Error>>> {
        std::task::Poll::Ready(self.0.take().map(Err))
    }
}
