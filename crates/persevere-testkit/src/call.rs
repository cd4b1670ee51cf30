//! One call of a scripted operation.

use core::time::Duration;

/// What one call of a [`Script`](crate::Script) comes to, and how long it takes. A plain `Result` is a call that takes
/// no time.
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
    /// What it returns.
    pub answer: Result<T, E>,
    /// How long that takes on the clock of the script.
    pub takes: Duration,
}

impl<T, E> Call<T, E> {
    /// Succeeds with `value`, at once.
    #[must_use]
    pub const fn ok(value: T) -> Call<T, E> {
        Call {
            answer: Ok(value),
            takes: Duration::ZERO,
        }
    }

    /// Fails with `error`, at once.
    #[must_use]
    pub const fn err(error: E) -> Call<T, E> {
        Call {
            answer: Err(error),
            takes: Duration::ZERO,
        }
    }

    /// The same, after `duration`: on a blocking call the clock moves by it, an async one can be cut off before.
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
