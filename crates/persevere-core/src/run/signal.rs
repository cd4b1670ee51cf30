//! The signal that cancels a run.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

/// The signal of a run that nothing cancels.
#[derive(Debug, Clone, Copy)]
pub struct NoSignal;

impl Future for NoSignal {
    type Output = ();

    #[inline]
    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }
}
