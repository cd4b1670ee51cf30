//! An observer that receives few of many events.

use crate::observe::{Event, Misplaced, Observer};
use crate::sleeper::monotonic;
use crate::time::nanos;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Passes at most one event of each kind per `period` to `observer`: for logs, which an outage would flood. The kinds are
/// failures, rejections, waits and runs that gave up; all other events pass. It counts over all the runs that share it.
///
/// ```
/// use persevere::{Event, Policy, ThreadSleeper, observe};
/// use std::{sync::atomic::{AtomicU32, Ordering::Relaxed}, time::Duration};
///
/// let warnings = AtomicU32::new(0);
/// let observer = observe::at_most_every(Duration::from_secs(60), observe::from_fn(|event: &Event<'_, &str>| {
///     if let Event::Waiting { .. } = event { warnings.fetch_add(1, Relaxed); }
/// }));
/// let policy = Policy::fixed(Duration::ZERO).max_attempts(600);
/// let _ = policy.on(ThreadSleeper).observe(&observer).run_blocking(|| Err::<(), _>("down"));
/// assert_eq!(warnings.load(Relaxed), 1);
/// assert_eq!(observer.suppressed(), 598 + 599);
/// ```
#[must_use]
pub const fn at_most_every<O>(period: Duration, observer: O) -> AtMostEvery<O> {
    AtMostEvery {
        period: nanos(period),
        next: [const { AtomicU64::new(0) }; KINDS],
        suppressed: AtomicU64::new(0),
        observer,
    }
}

const KINDS: usize = 4;

/// An observer that receives few of many events; made by [`at_most_every`].
#[derive(Debug)]
pub struct AtMostEvery<O> {
    period: u64,
    /// When the next event of each kind passes, in nanoseconds.
    next: [AtomicU64; KINDS],
    suppressed: AtomicU64,
    observer: O,
}

impl<O> AtMostEvery<O> {
    /// How many events did not pass so far.
    #[must_use]
    pub fn suppressed(&self) -> u64 {
        self.suppressed.load(Ordering::Relaxed)
    }

    fn passes(&self, kind: usize) -> bool {
        let now = nanos(monotonic());
        let until = now.saturating_add(self.period);
        // Ordering: relaxed, since the time alone is decided here, and one thread alone wins the exchange.
        let due = |next: u64| (now >= next).then_some(until);
        self.next[kind]
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, due)
            .is_ok()
    }
}

impl<E, O: Observer<E>> Observer<E> for AtMostEvery<O> {
    fn on_event(&self, event: &Event<'_, E>) {
        let kind = match event {
            Event::Failed { .. } => 0,
            Event::Rejected { .. } => 1,
            Event::Waiting { .. } => 2,
            Event::GaveUp { .. } => 3,
            _ => return self.observer.on_event(event),
        };
        if self.passes(kind) {
            self.observer.on_event(event);
        } else {
            self.suppressed.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn replaces_global(&self) -> bool {
        self.observer.replaces_global()
    }

    fn on_misplaced(&self, misplaced: Misplaced) -> bool {
        self.observer.on_misplaced(misplaced)
    }
}
