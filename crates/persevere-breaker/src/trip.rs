//! When a breaker opens: [`ConsecutiveFailures`], [`LastCalls`], [`TimeSlices`], and either of two by
//! [`Builder::or`](crate::Builder::or).
//!
//! | policy | opens when | memory | a healthy call |
//! |---|---|---|---|
//! | [`ConsecutiveFailures`] | so many calls in a row have failed | 8 bytes | only reads |
//! | [`LastCalls`] | of the last N calls, at least a minimum, this share has failed | 8 bytes for 32 calls | writes a word |
//! | [`TimeSlices`] | of the calls in the last N slices of time, at least a minimum, this share has failed | 8 bytes for a slice | writes a word |
//!
//! What is older than the window is gone, whatever came before: after ten thousand successes a window of ten opens on
//! the failures of the last ten. A breaker that closes begins with an empty window.
//!
//! Reports that race are counted each exactly once; which of them is the older is theirs to settle.

mod consecutive;
mod last_calls;
mod or;
mod rate;
mod time_slices;

pub use consecutive::ConsecutiveFailures;
pub use last_calls::{LastCalls, SavedCalls};
pub use or::Or;
pub use rate::Rate;
pub use time_slices::{SavedSlices, TimeSlices};

pub(crate) use sealed::{Sample, Window};

/// A condition on which a breaker opens. Sealed: see [this module](self) for those that there are.
pub trait Trip: sealed::Window {}

impl<T: sealed::Window> Trip for T {}

pub(crate) mod sealed {
    use crate::generation::Generation;
    use core::fmt::Debug;

    /// The report of one call.
    #[derive(Debug, Clone, Copy)]
    pub struct Sample {
        pub(crate) generation: Generation,
        pub(crate) failed: bool,
        pub(crate) now: u64,
    }

    /// What only this crate may do with a condition.
    pub trait Window: Copy {
        /// What is counted, shared between threads.
        type Counts: Debug;
        /// The same as a plain value.
        type Saved: Copy + Debug + PartialEq + Default;
        /// Nothing counted. A constant, since only so a `const fn` can make one.
        const EMPTY: Self::Counts;
        /// Whether the condition looks at the time of a report.
        const TIMED: bool;

        /// Counts a call, and says whether the breaker is to open.
        fn record(&self, counts: &Self::Counts, sample: Sample) -> bool;

        /// What is counted in this generation.
        fn save(&self, counts: &Self::Counts, generation: Generation, now: u64) -> Self::Saved;

        /// Takes over what was saved, before there are other reports in this generation.
        fn restore(&self, counts: &Self::Counts, saved: &Self::Saved, generation: Generation, now: u64);
    }
}
