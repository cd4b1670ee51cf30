//! What a breaker has seen in its life.

use crate::breaker::CircuitBreaker;
use crate::trip::Trip;
use crate::word::{Ordering, Word};

/// What a breaker has seen in its life, across all its states; made by [`CircuitBreaker::stats`]. Calls that succeed are
/// not counted, since a healthy breaker is to write nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Calls that were not let through.
    pub rejected: u64,
    /// Permits that were dropped without a report, other than by a panic.
    pub abandoned: u64,
    /// Reports that came after the breaker had gone on, or after the lease of a probe, and so changed nothing.
    pub late: u64,
    /// Probes whose place was taken by another after their lease.
    pub reclaimed: u64,
}

#[derive(Debug)]
pub(crate) struct Counters {
    rejected: Word,
    abandoned: Word,
    late: Word,
    reclaimed: Word,
}

impl Counters {
    pub(crate) const fn new() -> Counters {
        Counters {
            rejected: Word::new(0),
            abandoned: Word::new(0),
            late: Word::new(0),
            reclaimed: Word::new(0),
        }
    }

    pub(crate) fn rejected(&self) {
        self.rejected.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn abandoned(&self) {
        self.abandoned.fetch_add(1, Ordering::Relaxed);
    }

    #[cold]
    pub(crate) fn late(&self) {
        self.late.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn reclaimed(&self) {
        self.reclaimed.fetch_add(1, Ordering::Relaxed);
    }
}

impl<T: Trip, B, C> CircuitBreaker<T, B, C> {
    /// What the breaker has seen so far.
    ///
    /// ```
    /// use persevere_breaker::CircuitBreaker;
    /// use std::time::Duration;
    ///
    /// let breaker = CircuitBreaker::default();
    /// drop(breaker.try_acquire(Duration::ZERO));
    /// assert_eq!(breaker.stats().abandoned, 1);
    /// ```
    #[must_use]
    pub fn stats(&self) -> Stats {
        let read = |word: &Word| word.load(Ordering::Relaxed);
        Stats {
            rejected: read(&self.counters.rejected),
            abandoned: read(&self.counters.abandoned),
            late: read(&self.counters.late),
            reclaimed: read(&self.counters.reclaimed),
        }
    }
}
