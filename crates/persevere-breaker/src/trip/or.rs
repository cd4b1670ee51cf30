//! Either of two conditions.

use super::{Sample, Window, WindowCounts};
use crate::generation::Generation;

/// Opens when either of two conditions holds; returned by [`Builder::or`](crate::Builder::or).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Or<A, B>(pub(crate) A, pub(crate) B);

impl<A: Window, B: Window> Window for Or<A, B> {
    type Counts = (A::Counts, B::Counts);
    type Saved = (A::Saved, B::Saved);
    const EMPTY: Self::Counts = (A::EMPTY, B::EMPTY);
    const TIMED: bool = A::TIMED || B::TIMED;

    #[inline]
    fn record(&self, (a, b): &Self::Counts, sample: Sample) -> bool {
        // Not `||`: both count every call.
        self.0.record(a, sample) | self.1.record(b, sample)
    }

    /// The window with more calls.
    fn read(&self, (a, b): &Self::Counts, generation: Generation, now: u64) -> WindowCounts {
        let (a, b) = (self.0.read(a, generation, now), self.1.read(b, generation, now));
        if b.calls > a.calls { b } else { a }
    }

    fn save(&self, (a, b): &Self::Counts, generation: Generation, now: u64) -> Self::Saved {
        (self.0.save(a, generation, now), self.1.save(b, generation, now))
    }

    fn restore(&self, (a, b): &Self::Counts, saved: &Self::Saved, generation: Generation, now: u64) {
        self.0.restore(a, &saved.0, generation, now);
        self.1.restore(b, &saved.1, generation, now);
    }
}
