//! One call of a scripted operation.

use core::time::Duration;

/// The result of one call of a [`Script`](crate::Script), and how long the call takes.
///
/// A plain `Result` converts to a call that takes no time.
///
/// ```
/// use persevere_testkit::Call;
/// use std::time::Duration;
///
/// let slow: Call<u32, &str> = Call::ok(7).taking(Duration::from_secs(3));
/// let refused: Call<u32, &str> = Err("refused").into();
/// assert_eq!(slow, Call { answer: Ok(7), takes: Duration::from_secs(3) });
/// assert_eq!(refused, Call::err("refused"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Call<T, E> {
    /// The result of the call.
    pub answer: Result<T, E>,
    /// How long the call takes on the script's clock.
    pub takes: Duration,
}

impl<T, E> Call<T, E> {
    /// Returns a call that succeeds with `value` at once.
    #[must_use]
    pub const fn ok(value: T) -> Call<T, E> {
        Call {
            answer: Ok(value),
            takes: Duration::ZERO,
        }
    }

    /// Returns a call that fails with `error` at once.
    #[must_use]
    pub const fn err(error: E) -> Call<T, E> {
        Call {
            answer: Err(error),
            takes: Duration::ZERO,
        }
    }

    /// Returns the same call, taking `duration`.
    ///
    /// A blocking call advances the clock by `duration`. An async call waits for the clock and can time out.
    #[must_use]
    pub fn taking(self, duration: Duration) -> Call<T, E> {
        Call {
            takes: duration,
            ..self
        }
    }
}

impl<T, E> From<Result<T, E>> for Call<T, E> {
    fn from(answer: Result<T, E>) -> Call<T, E> {
        Call {
            answer,
            takes: Duration::ZERO,
        }
    }
}
