//! The readable form of a recorder's events.

use crate::entry::Entry;
use alloc::format;
use alloc::string::String;
use alloc::vec::{IntoIter, Vec};
use core::fmt;
use core::time::Duration;

/// The events of a [`Recorder`](crate::Recorder) with their times, printed as one line each; returned by
/// [`Recorder::timeline`](crate::Recorder::timeline).
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{Recorder, VirtualTime, script};
/// use std::time::Duration;
///
/// let recorder = Recorder::new();
/// let policy = Policy::fixed(Duration::from_millis(100));
/// let run = policy.on(VirtualTime::new()).observe(&recorder);
/// run.run_blocking(script([Err("down"), Ok(7)])).unwrap();
///
/// assert_eq!(recorder.timeline().to_string(), "
///   0ns    started
///   0ns    attempt 1 failed with \"down\": Retry
///   0ns    waits 100ms
///   100ms  succeeded on attempt 2, waited 100ms
/// ".trim_start_matches('\n'));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeline(Vec<Moment>);

/// An event and its time.
///
/// ```
/// use persevere_testkit::{Entry, Moment};
/// use std::time::Duration;
///
/// let moment = Moment { at: Duration::from_secs(3), entry: Entry::Started };
/// assert_eq!(moment.to_string(), "3s  started");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// The time of the event: on the recorder's clock, or the sum of the waits if the recorder has no clock.
    pub at: Duration,
    /// The event.
    pub entry: Entry,
}

impl Moment {
    /// The time after the event, as far as the event determines it.
    pub(crate) fn after(&self) -> Duration {
        match self.entry {
            Entry::Waiting { delay, .. } | Entry::Paced { delay, .. } => self.at.saturating_add(delay),
            _ => self.at,
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}  {}", self.at, self.entry)
    }
}

impl Timeline {
    pub(crate) fn new(moments: Vec<Moment>) -> Timeline {
        Timeline(moments)
    }

    /// Returns the moments in order.
    ///
    /// ```
    /// use persevere_testkit::Recorder;
    /// assert!(Recorder::new().timeline().moments().is_empty());
    /// ```
    #[must_use]
    pub fn moments(&self) -> &[Moment] {
        &self.0
    }
}

impl IntoIterator for Timeline {
    type Item = Moment;
    type IntoIter = IntoIter<Moment>;

    fn into_iter(self) -> IntoIter<Moment> {
        self.0.into_iter()
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let times: Vec<String> = self.0.iter().map(|moment| format!("{:?}", moment.at)).collect();
        let width = times.iter().map(String::len).max().unwrap_or(0);
        for (time, moment) in times.iter().zip(&self.0) {
            writeln!(f, "  {time:<width$}  {}", moment.entry)?;
        }
        if times.is_empty() {
            writeln!(f, "  nothing")?;
        }
        Ok(())
    }
}
