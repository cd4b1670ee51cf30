//! The conditions on which a breaker opens, with every call that they count.

use super::clock;
use std::collections::VecDeque;
use std::time::Duration;

/// The time within which failures are consecutive.
const HOUR: Duration = Duration::from_secs(60 * 60);

/// A condition with every call that it counts.
#[derive(Debug, Clone)]
pub enum Condition {
    /// A number of consecutive failures.
    Consecutive {
        /// The number.
        failures: u32,
        /// How many there were.
        count: u32,
        /// When the last was.
        last: Duration,
    },
    /// A failure rate over the last calls.
    LastCalls {
        /// The number of calls.
        size: usize,
        /// The rate.
        percent: usize,
        /// The fewest calls for which a rate is computed.
        minimum: usize,
        /// Whether each call has failed.
        calls: VecDeque<bool>,
    },
    /// A failure rate over the last slices.
    Slices {
        /// The length of a slice.
        slice: Duration,
        /// The number of slices.
        slices: i128,
        /// The rate.
        percent: usize,
        /// The fewest calls for which a rate is computed.
        minimum: usize,
        /// The slice of each call, and whether it has failed.
        calls: Vec<(i128, bool)>,
    },
}

impl Condition {
    /// The given number of consecutive failures.
    #[must_use]
    pub fn consecutive(failures: u32) -> Condition {
        Condition::Consecutive {
            failures,
            count: 0,
            last: Duration::ZERO,
        }
    }

    /// This failure rate over the last calls.
    #[must_use]
    pub fn last_calls(size: usize, percent: usize, minimum: usize) -> Condition {
        Condition::LastCalls {
            size,
            percent,
            minimum,
            calls: VecDeque::new(),
        }
    }

    /// This failure rate over the last slices.
    #[must_use]
    pub fn slices(slices: usize, slice: Duration, percent: usize, minimum: usize) -> Condition {
        Condition::Slices {
            slice,
            slices: slices as i128,
            percent,
            minimum,
            calls: Vec::new(),
        }
    }

    /// Moves the counted calls from one time to another.
    pub(super) fn moved(&mut self, saved: Duration, now: Duration) {
        match self {
            Condition::Consecutive { count, last, .. } => {
                if clock(saved).saturating_sub(*last) > HOUR {
                    *count = 0;
                }
                *last = clock(now);
            }
            Condition::LastCalls { .. } => {}
            Condition::Slices {
                slice, slices, calls, ..
            } => {
                let [saved, now] = [saved, now].map(|time| number(time, *slice));
                calls.retain(|(other, _)| saved - other < *slices);
                calls.iter_mut().for_each(|(other, _)| *other += now - saved);
            }
        }
    }

    pub(super) fn clear(&mut self) {
        match self {
            Condition::Consecutive { count, .. } => *count = 0,
            Condition::LastCalls { calls, .. } => calls.clear(),
            Condition::Slices { calls, .. } => calls.clear(),
        }
    }

    pub(super) fn record(&mut self, failed: bool, now: Duration) -> bool {
        match self {
            Condition::Consecutive { failures, count, last } => {
                let is_old = clock(now).saturating_sub(*last) > HOUR;
                *count = match (failed, is_old) {
                    (false, _) => 0,
                    (true, true) => 1,
                    (true, false) => *count + 1,
                };
                if failed {
                    *last = clock(now);
                }
                count >= failures
            }
            Condition::LastCalls {
                size,
                percent,
                minimum,
                calls,
            } => {
                calls.push_back(failed);
                if calls.len() > *size {
                    calls.pop_front();
                }
                let failures = calls.iter().filter(|failed| **failed).count();
                calls.len() >= *minimum && failures > 0 && failures * 100 >= *percent * calls.len()
            }
            Condition::Slices {
                slice,
                slices,
                percent,
                minimum,
                calls,
            } => {
                let number = number(now, *slice);
                calls.push((number, failed));
                calls.retain(|(other, _)| number - other < *slices);
                let failures = calls.iter().filter(|(_, failed)| *failed).count();
                calls.len() >= *minimum && failures > 0 && failures * 100 >= *percent * calls.len()
            }
        }
    }
}

/// The number of the slice at this time.
fn number(time: Duration, slice: Duration) -> i128 {
    (clock(time).as_nanos() / slice.as_nanos()) as i128
}
