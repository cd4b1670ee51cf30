//! Pushback: the delay that a gRPC server requests.

use core::time::Duration;
use persevere_core::Verdict;

/// The name of the gRPC metadata that holds a [`Pushback`].
pub const PUSHBACK_METADATA: &str = "grpc-retry-pushback-ms";

/// The pushback of a gRPC server, from the metadata [`grpc-retry-pushback-ms`](PUSHBACK_METADATA).
///
/// Exhaustive on purpose: gRPC's proposal A6 defines these two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pushback {
    /// Retry after exactly this delay.
    After(Duration),
    /// Do not retry.
    Stop,
}

impl Pushback {
    /// Parses the values of the metadata; `None` if there are none. A value that is not a non-negative 32-bit integer, and
    /// more than one value, forbid a retry.
    ///
    /// # Examples
    ///
    /// ```
    /// use persevere::budget::Pushback;
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

    /// Returns the verdict for a classifier. A pushback of zero leaves the delay to the policy, as every hint of zero does,
    /// whereas gRPC would retry at once.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Pushback::After(delay) => Verdict::RetryAfter(delay),
            Pushback::Stop => Verdict::Pushback,
        }
    }
}
