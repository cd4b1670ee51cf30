//! What many processes share, as sources.

use std::sync::Arc;

/// A handle of something that many processes share over a server, such as a `Quota` of `persevere-redis`, that metrics read.
/// Anything behind `&` or `Arc` works as it is.
pub trait ReadFleet {
    /// Whether the handle shares with the fleet. If not, it uses the state of its own process alone.
    fn is_shared(&self) -> bool;

    /// How many requests the server has not answered, or with an error.
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
