//! State that many processes share, as a source.

use std::sync::Arc;

/// A handle of state that many processes share over a server, such as a `Quota` of `persevere-redis`. Metrics read it.
/// Anything behind `&` or `Arc` works as it is.
pub trait ReadFleet {
    /// Whether the handle shares with the fleet. If not, it uses the state of its process alone.
    fn is_shared(&self) -> bool;

    /// How many requests the server has not answered, or has answered with an error.
    fn faults(&self) -> u64;
}

impl<R: ReadFleet + ?Sized> ReadFleet for &R {
    fn is_shared(&self) -> bool {
        (**self).is_shared()
    }

    fn faults(&self) -> u64 {
        (**self).faults()
    }
}

impl<R: ReadFleet + ?Sized> ReadFleet for Arc<R> {
    fn is_shared(&self) -> bool {
        (**self).is_shared()
    }

    fn faults(&self) -> u64 {
        (**self).faults()
    }
}
