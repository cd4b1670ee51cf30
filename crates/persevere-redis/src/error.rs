//! Settings of a fleet that are invalid.

use redis::RedisError;

/// An invalid setting of a [`Fleet`](crate::Fleet), or of what it shares. It is found when it is set, before anything is
/// connected.
///
/// ```
/// use persevere_redis::{Fleet, InvalidFleet};
/// use std::time::Duration;
///
/// assert!(matches!(Fleet::open("http://cache", "shop"), Err(InvalidFleet::Url(_))));
/// assert!(matches!(Fleet::open("redis://cache", ""), Err(InvalidFleet::Prefix(_))));
/// let fleet = Fleet::open("redis://cache", "shop")?;
/// let quota = fleet.quota("openai", 0, Duration::from_secs(60)).build();
/// assert!(matches!(quota, Err(InvalidFleet::Quota(0))));
/// # Ok::<(), InvalidFleet>(())
/// ```
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidFleet {
    /// The URL of the server is invalid, or needs a feature of the crate redis, such as TLS.
    #[error("invalid URL of a Redis server: {0}")]
    Url(#[source] RedisError),
    /// The prefix of the keys is empty, longer than 100 bytes, or has other characters than letters, digits and `-_.:/`.
    #[error("invalid prefix: must be 1 to 100 letters, digits or `-_.:/`, not {0:?}")]
    Prefix(String),
    /// The name is empty, longer than 100 bytes, or has other characters than letters, digits and `-_.:/`.
    #[error("invalid name: must be 1 to 100 letters, digits or `-_.:/`, not {0:?}")]
    Name(String),
    /// The time after which the server counts as slow is shorter than 1 ms or longer than 10 s.
    #[error("invalid fleet: slow_after must be within 1 ms and 10 s")]
    SlowAfter,
    /// The quota is 0, or above 2^31 - 1.
    #[error("invalid quota: must be within 1 and 2147483647, not {0}")]
    Quota(u64),
    /// The period of a quota is shorter than a second, or longer than 31 days.
    #[error("invalid quota: the period must be within 1 s and 31 days")]
    Period,
    /// The batch is 0, or above the quota.
    #[error("invalid quota: a batch must be within 1 and the quota, not {0}")]
    Batch(u32),
    /// The number of processes is 0.
    #[error("invalid fleet: the number of processes must be at least 1")]
    Processes,
    /// The quorum is below two processes, or its share is not within 0 and 1.
    #[error("invalid quorum: must be at least 2 processes, and a share above 0 and at most 1")]
    Quorum,
    /// The time for which evidence opens a breaker is zero, or longer than a day.
    #[error("invalid evidence: open_for must be within 1 ms and a day")]
    OpenFor,
}
