//! When a breaker opens: [`ConsecutiveFailures`], [`LastCalls`], [`TimeSlices`], or either of two by
//! [`Builder::or`](crate::Builder::or).
//!
//! | condition | opens when | memory | a healthy call |
//! |---|---|---|---|
//! | [`ConsecutiveFailures`] | the given number of consecutive calls have failed | 8 bytes | only reads |
//! | [`LastCalls`] | the given share of the last N calls have failed, if there were enough | 8 bytes per 32 calls | writes a word |
//! | [`TimeSlices`] | the given share of the calls of the last period have failed, if there were enough | 8 bytes per slice | writes a word |
//!
//! A call older than the window is evicted, whatever came before. After ten thousand successes a window of ten opens on
//! the failures of the last ten. A breaker that closes starts with an empty window.
//!
//! Concurrent reports are each counted exactly once, in unspecified order.

mod consecutive;
mod last_calls;
mod or;
mod rate;
mod time_slices;

pub use consecutive::ConsecutiveFailures;
pub use last_calls::{LastCalls, SavedCalls};
pub use or::Or;
pub use time_slices::{SavedSlices, TimeSlices};

pub(crate) use sealed::{Sample, Window};

/// The calls that count at a moment; returned by [`CircuitBreaker::window`](crate::CircuitBreaker::window).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct WindowCounts {
    /// The calls in the window. For [`ConsecutiveFailures`], the consecutive failures.
    pub calls: u32,
    /// How many of them failed, slow calls included.
    pub failures: u32,
}

/// A condition on which a breaker opens. Sealed: see [the module](self) for the implementations.
pub trait Trip: sealed::Window {}

impl<T: sealed::Window> Trip for T {}

pub(crate) mod sealed {
    use super::WindowCounts;
    use crate::generation::Generation;
    use core::fmt::Debug;

    /// The report of one call.
    #[derive(Debug, Clone, Copy)]
    pub struct Sample {
        pub(crate) generation: Generation,
        pub(crate) failed: bool,
        pub(crate) now: u64,
    }

    /// The part of a condition that only this crate may use.
    pub trait Window: Copy {
        /// The counts, shared between threads.
        type Counts: Debug;
        /// The counts as a plain value.
        type Saved: Copy + Debug + PartialEq + Default + 'static;
        /// Empty counts. A constant, so that a `const fn` can create them.
        const EMPTY: Self::Counts;
        /// Whether the condition depends on the time of a success. The time of a failure is always passed.
        const TIMED: bool;

        /// Counts a call, and returns whether the breaker opens.
        fn record(&self, counts: &Self::Counts, sample: Sample) -> bool;

        /// Returns how many calls of this generation count, and how many failed.
        fn read(&self, counts: &Self::Counts, generation: Generation, now: u64) -> WindowCounts;

        /// Returns the counts of this generation.
        fn save(&self, counts: &Self::Counts, generation: Generation, now: u64) -> Self::Saved;

        /// Sets the counts of this generation, before it has any report.
        fn restore(&self, counts: &Self::Counts, saved: &Self::Saved, generation: Generation, now: u64);
    }
}
