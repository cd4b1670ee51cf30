//! The settings of a quota, in the units of the script.

/// In how many slices each member reports at least twice, unless that is shorter than two seconds.
const EPOCH: u64 = 8;

/// The settings of a quota.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) key: String,
    pub(crate) quota: u32,
    pub(crate) batch: u32,
    pub(crate) processes: u32,
    /// The length of a slice, in microseconds.
    pub(crate) slice: u64,
    /// How many slices count: a period, and two in which permits may still be used.
    pub(crate) counting: u32,
    /// The life of the key, in milliseconds.
    pub(crate) life: u64,
    /// After how long the server counts as slow, in nanoseconds.
    pub(crate) slow: u64,
}

impl Settings {
    /// The length of a slice, in nanoseconds.
    pub(crate) fn width(&self) -> u64 {
        self.slice * 1_000
    }

    /// In how many slices each member reports at least twice.
    pub(crate) fn epoch(&self) -> u64 {
        EPOCH.max(2_000_000 / self.slice)
    }

    /// After how long a process without demand reports that it is there, in nanoseconds.
    pub(crate) fn heartbeat(&self) -> u64 {
        self.epoch() / 2 * self.width()
    }
}
