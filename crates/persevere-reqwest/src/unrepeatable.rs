//! Why a request is not sent again.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a failed request was not sent again, although its failure was worth a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unrepeatable {
    /// The body is a stream that was sent once: see [`RemakeBody`](crate::RemakeBody).
    Body,
    /// The server may have processed the request, and its method is not idempotent: see the `Idempotency-Key` header.
    Method,
}

impl fmt::Display for Unrepeatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unrepeatable::Body => "not sent again, since its body is a stream: make it anew with `body_from`",
            Unrepeatable::Method => "not sent again, since its method is not idempotent: give it an `Idempotency-Key`",
        })
    }
}

impl Error for Unrepeatable {}

/// The closure that is called with the reason; none by default.
#[derive(Clone, Default)]
pub(crate) struct OnUnrepeatable(Option<Arc<dyn Fn(Unrepeatable) + Send + Sync>>);

impl OnUnrepeatable {
    pub(crate) fn new(f: impl Fn(Unrepeatable) + Send + Sync + 'static) -> Self {
        OnUnrepeatable(Some(Arc::new(f)))
    }

    pub(crate) fn call(&self, why: Unrepeatable) {
        if let Some(call) = &self.0 {
            call(why);
        }
    }
}

impl fmt::Debug for OnUnrepeatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnUnrepeatable")
    }
}
