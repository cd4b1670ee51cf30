//! What a gRPC server says of the next attempt.

use core::time::Duration;
use persevere_core::Verdict;

/// The name of the metadata that carries a [`Pushback`].
pub const PUSHBACK_METADATA: &str = "grpc-retry-pushback-ms";

/// What a gRPC server says of the next attempt, in the metadata [`grpc-retry-pushback-ms`](PUSHBACK_METADATA).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pushback {
    /// Make it after exactly this long.
    After(Duration),
    /// Do not make it.
    Stop,
}

impl Pushback {
    /// Reads the values of the metadata: `None` if there is none. A value that is negative or no number of 32 bits, and more
    /// than one value, ask not to retry.
    ///
    /// ```
    /// use persevere_budget::Pushback;
    /// use std::time::Duration;
    ///
    /// assert_eq!(Pushback::read(["250"]), Some(Pushback::After(Duration::from_millis(250))));
    /// assert_eq!(Pushback::read(["-1"]), Some(Pushback::Stop));
    /// assert_eq!(Pushback::read([""; 0]), None);
    /// ```
    pub fn read<V: AsRef<[u8]>>(values: impl IntoIterator<Item = V>) -> Option<Pushback> {
        let mut values = values.into_iter();
        let first = values.next()?;
        if values.next().is_some() {
            return Some(Pushback::Stop);
        }
        let milliseconds = core::str::from_utf8(first.as_ref())
            .ok()
            .and_then(|text| text.parse::<i32>().ok())
            .and_then(|number| u64::try_from(number).ok());
        Some(match milliseconds {
            Some(milliseconds) => Pushback::After(Duration::from_millis(milliseconds)),
            None => Pushback::Stop,
        })
    }

    /// What a classifier makes of it. Mind that the verdict of [`After`](Pushback::After) zero leaves the delay to the
    /// policy, as every hint of zero does, where gRPC would retry at once.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Pushback::After(delay) => Verdict::RetryAfter(delay),
            Pushback::Stop => Verdict::Stop,
        }
    }
}
