//! The attribute in a crate of edition 2021 without std, with `persevere` under another name.

#![no_std]
#![deny(warnings)]

use again::backoff::Exponential;
use again::{retry, AsyncSleeper, BlockingSleeper, Policy, RetryError, Retryable};
use core::time::Duration;

/// The policy of the bus.
pub static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(100)).seed(7);

/// An error of the bus.
#[derive(Debug, PartialEq, Eq, Retryable)]
#[retryable(crate = again)]
pub enum BusError {
    /// Another device is talking.
    #[retryable(transient)]
    Busy,
    /// The device does not exist.
    #[retryable(permanent)]
    Absent,
}

/// Reads, with a sleeper supplied by the caller.
///
/// # Errors
///
/// The error of the last attempt.
#[retry(policy = TRANSIENT, sleeper = sleeper, classify = again::classify::ByError, crate = again)]
pub fn read<S>(sleeper: &S, read: &mut dyn FnMut() -> Result<u8, BusError>) -> Result<u8, BusError>
where
    S: BlockingSleeper,
{
    read()
}

/// Reads on an executor.
///
/// # Errors
///
/// The reason for no further attempt.
#[retry(policy = TRANSIENT, sleeper = sleeper, on = [BusError::Busy], crate = again)]
pub async fn read_async(
    sleeper: impl AsyncSleeper,
    read: &mut dyn FnMut() -> Result<u8, BusError>,
) -> Result<u8, RetryError<BusError>> {
    read()
}

#[cfg(test)]
mod tests {
    use super::*;
    use core::cell::Cell;
    use core::future::{ready, Future};
    use core::pin::pin;
    use core::task::{Context, Poll, Waker};

    #[test]
    fn functions_are_retried() {
        let slept = Cell::new(Duration::ZERO);
        let sleeper = again::sleeper::blocking_from_fn(|delay| slept.set(slept.get() + delay), || slept.get());
        let mut results = [
            Ok(1),
            Err(BusError::Absent),
            Ok(7),
            Err(BusError::Busy),
            Err(BusError::Busy),
        ]
        .into_iter();
        let mut next = || results.next_back().unwrap_or(Err(BusError::Absent));
        assert_eq!(read(&sleeper, &mut next), Ok(7));
        let expected: Duration = TRANSIENT.delays().take(2).sum();
        assert_eq!(slept.get(), expected);

        assert_eq!(read(&sleeper, &mut next), Err(BusError::Absent));
        let sleeper = again::sleeper::from_fn(|_| ready(()), || Duration::ZERO);
        let future = pin!(read_async(&sleeper, &mut next));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => assert_eq!(result, Ok(1)),
            Poll::Pending => panic!("the sleeper does not wait"),
        }
    }
}
