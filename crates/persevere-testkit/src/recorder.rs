//! An observer that records events.

use crate::entry::Entry;
use crate::shared::Shared;
use crate::time::VirtualTime;
use crate::timeline::{Moment, Timeline};
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;
use persevere_core::{Event, Observer, StopReason};

/// An observer that records events, for any error type that implements `Debug`.
///
/// Clones share one record.
///
/// The assertions [`assert_waits!`](crate::assert_waits), [`assert_attempts!`](crate::assert_attempts),
/// [`assert_succeeded!`](crate::assert_succeeded) and [`assert_gave_up!`](crate::assert_gave_up) print its
/// [`timeline`](Recorder::timeline) when they fail. Use one recorder for each concurrent run, since an event does not
/// name its run.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{Recorder, VirtualTime, assert_attempts, assert_succeeded, assert_waits, script};
/// use std::time::Duration;
///
/// let recorder = Recorder::new();
/// let policy = Policy::fixed(Duration::from_millis(100));
/// let run = policy.on(VirtualTime::new()).observe(&recorder);
/// run.run_blocking(script([Err("down"), Ok(7)])).unwrap();
///
/// assert_attempts!(recorder, 2);
/// assert_waits!(recorder, [Duration::from_millis(100)]);
/// assert_succeeded!(recorder);
/// ```
#[derive(Debug, Clone, Default)]
pub struct Recorder {
    moments: Shared<Vec<Moment>>,
    time: Option<VirtualTime>,
}

impl Recorder {
    /// Creates an empty record, whose times are the sums of the waits.
    #[must_use]
    pub fn new() -> Recorder {
        Recorder::default()
    }

    /// Creates an empty record, whose times are read from `time` and so include attempts.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Call, Recorder, Script, VirtualTime};
    /// use std::time::Duration;
    ///
    /// let time = VirtualTime::new();
    /// let recorder = Recorder::on(&time);
    /// let fetch = Script::new([Call::<_, ()>::ok(7).taking(Duration::from_secs(2))]).on(&time);
    /// Policy::default().on(&time).observe(&recorder).run_blocking(|| fetch.call()).unwrap();
    /// assert_eq!(recorder.timeline().moments()[1].at, Duration::from_secs(2));
    /// ```
    #[must_use]
    pub fn on(time: &VirtualTime) -> Recorder {
        Recorder {
            moments: Shared::default(),
            time: Some(time.clone()),
        }
    }

    /// Returns the events so far with their times: see [`Timeline`].
    #[must_use]
    pub fn timeline(&self) -> Timeline {
        Timeline::new(self.moments.with(|moments| moments.clone()))
    }

    /// Returns the events so far: see [`Entry`].
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.timeline().into_iter().map(|moment| moment.entry).collect()
    }

    /// Returns the waits between attempts that began, in order, without timers of attempts.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Recorder, VirtualTime, script};
    /// use std::time::Duration;
    ///
    /// let (time, recorder) = (VirtualTime::new(), Recorder::new());
    /// let policy = Policy::fixed(Duration::from_secs(1)).max_attempts(4);
    /// let _ = policy.on(&time).observe(&recorder).run_blocking(script([Err::<(), _>("down"); 4]));
    /// assert_eq!(recorder.waits(), time.waits());
    /// assert_eq!(recorder.waits().iter().sum::<Duration>(), Duration::from_secs(3));
    /// ```
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        let delay = |entry| match entry {
            Entry::Waiting { delay, .. } => Some(delay),
            _ => None,
        };
        self.entries().into_iter().filter_map(delay).collect()
    }

    /// Returns the number of attempts of all runs that ended, failed or successful.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Recorder, VirtualTime, script};
    ///
    /// let (recorder, policy) = (Recorder::new(), Policy::default());
    /// for _ in 0..10 {
    ///     let run = policy.on(VirtualTime::new()).observe(&recorder);
    ///     run.run_blocking(script([Err("down"), Ok(7)])).unwrap();
    /// }
    /// assert_eq!(recorder.attempts(), 20);
    /// ```
    #[must_use]
    pub fn attempts(&self) -> u32 {
        let ended = |entry: &Entry| matches!(entry, Entry::Failed { .. } | Entry::Succeeded { .. });
        self.entries().iter().filter(|entry| ended(entry)).count() as u32
    }

    /// Returns how the last recorded run ended; `None` if it has not ended or was dropped.
    ///
    /// ```
    /// use persevere::{Policy, StopReason};
    /// use persevere_testkit::{Outcome, Recorder, VirtualTime, script};
    ///
    /// let recorder = Recorder::new();
    /// assert_eq!(recorder.outcome(), None);
    /// let policy = Policy::default().retry_if(|error: &&str| *error != "gone");
    /// let _ = policy.on(VirtualTime::new()).observe(&recorder).run_blocking(script([Err::<(), _>("gone")]));
    /// assert_eq!(recorder.outcome(), Some(Outcome::GaveUp(StopReason::Permanent)));
    /// ```
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        match self.entries().last()? {
            Entry::Succeeded { .. } => Some(Outcome::Succeeded),
            Entry::GaveUp { reason, .. } => Some(Outcome::GaveUp(*reason)),
            _ => None,
        }
    }
}

impl<E: fmt::Debug> Observer<E> for Recorder {
    fn on_event(&self, event: &Event<'_, E>) {
        // Left out, since the next event implies it.
        if let Event::AttemptStarted { .. } = event {
            return;
        }
        let entry = Entry::from(event);
        let now = self.time.as_ref().map(VirtualTime::elapsed);
        self.moments.with(|moments| {
            let at = now.unwrap_or_else(|| moments.last().map_or(Duration::ZERO, Moment::after));
            moments.push(Moment { at, entry });
        });
    }
}

/// How a run ended; see [`Recorder::outcome`].
///
/// ```
/// use persevere::StopReason;
/// use persevere_testkit::Outcome;
///
/// assert_ne!(Outcome::Succeeded, Outcome::GaveUp(StopReason::Attempts));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The run returned an accepted value.
    Succeeded,
    /// The run gave up for this reason.
    GaveUp(StopReason),
}
