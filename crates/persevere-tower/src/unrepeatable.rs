//! Why a request is not sent again.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// Why a request was not sent again, although its failure was worth a retry; passed to
/// [`RetryLayer::on_unrepeatable`](crate::RetryLayer::on_unrepeatable).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unrepeatable {
    /// The [`Replay`](crate::Replay) kept nothing of it, such as of a body above the bound of `Buffered`.
    NotKept,
    /// Parts of its body are lost or still being sent, or the server responded before it had read all of it:
    /// [`Replay::is_repeatable`](crate::Replay::is_repeatable) returned `false`.
    Body,
}

impl fmt::Display for Unrepeatable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unrepeatable::NotKept => "not sent again, since the replay of the layer keeps no request of this kind",
            Unrepeatable::Body => "not sent again, since parts of its body are lost or still being sent",
        })
    }
}

impl Error for Unrepeatable {}

/// The closure that is called with the reason; `None` by default.
pub(crate) type OnUnrepeatable = Option<Arc<dyn Fn(Unrepeatable) + Send + Sync>>;
