//! Assertions on a recorder's events. A failed assertion prints the timeline.

use crate::recorder::Recorder;
use core::fmt::Debug;

/// Compares a recorded value with the expected one; used by the macros.
#[doc(hidden)]
#[track_caller]
pub fn check<S: Debug + PartialEq<X>, X: Debug + ?Sized>(what: &str, recorder: &Recorder, recorded: S, expected: &X) {
    assert!(
        recorded == *expected,
        "{what}: not what was expected\n  expected: {expected:?}\n  recorded: {recorded:?}\ntimeline:\n{}",
        recorder.timeline()
    );
}

/// Asserts that exactly the given waits began, in this order.
///
/// ```
/// use persevere::{Jitter, Policy};
/// use persevere_testkit::{Recorder, VirtualTime, assert_waits, script};
/// use std::time::Duration;
///
/// let recorder = Recorder::new();
/// let policy = Policy::exponential(Duration::from_secs(1)).jitter(Jitter::None);
/// let run = policy.on(VirtualTime::new()).observe(&recorder);
/// run.run_blocking(script([Err("down"), Err("down"), Ok(7)])).unwrap();
/// assert_waits!(recorder, [1, 2].map(Duration::from_secs));
/// ```
///
/// # Panics
///
/// If the recorded waits differ. The message shows both and the timeline.
///
/// ```should_panic
/// use persevere_testkit::{Recorder, assert_waits};
/// use std::time::Duration;
///
/// assert_waits!(Recorder::new(), [Duration::from_secs(1)]);
/// ```
#[macro_export]
macro_rules! assert_waits {
    ($recorder:expr, $waits:expr $(,)?) => {
        match &$recorder {
            recorder => $crate::check("waits", recorder, recorder.waits(), &$waits),
        }
    };
}

/// Asserts that the given number of attempts ended, failed or successful.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{Recorder, VirtualTime, assert_attempts, script};
///
/// let recorder = Recorder::new();
/// let policy = Policy::default();
/// policy.on(VirtualTime::new()).observe(&recorder).run_blocking(script([Err("down"), Ok(7)])).unwrap();
/// assert_attempts!(recorder, 2);
/// ```
///
/// # Panics
///
/// If the number differs. The message shows the timeline.
///
/// ```should_panic
/// use persevere_testkit::{Recorder, assert_attempts};
/// assert_attempts!(Recorder::new(), 1);
/// ```
#[macro_export]
macro_rules! assert_attempts {
    ($recorder:expr, $attempts:expr $(,)?) => {
        match &$recorder {
            recorder => $crate::check("attempts", recorder, recorder.attempts(), &$attempts),
        }
    };
}

/// Asserts that the last recorded run succeeded.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{Recorder, VirtualTime, assert_succeeded, script};
///
/// let recorder = Recorder::new();
/// let policy = Policy::default();
/// policy.on(VirtualTime::new()).observe(&recorder).run_blocking(script([Err("down"), Ok(7)])).unwrap();
/// assert_succeeded!(recorder);
/// ```
///
/// # Panics
///
/// If the run gave up or has not ended. The message shows the timeline.
///
/// ```should_panic
/// use persevere_testkit::{Recorder, assert_succeeded};
/// assert_succeeded!(Recorder::new());
/// ```
#[macro_export]
macro_rules! assert_succeeded {
    ($recorder:expr $(,)?) => {
        match &$recorder {
            recorder => $crate::check(
                "outcome",
                recorder,
                recorder.outcome(),
                &::core::option::Option::Some($crate::Outcome::Succeeded),
            ),
        }
    };
}

/// Asserts that the last recorded run gave up for the given reason.
///
/// ```
/// use persevere::{Policy, StopReason};
/// use persevere_testkit::{Recorder, VirtualTime, assert_gave_up, script};
///
/// let recorder = Recorder::new();
/// let policy = Policy::default().max_attempts(1);
/// let _ = policy.on(VirtualTime::new()).observe(&recorder).run_blocking(script([Err::<(), _>("down")]));
/// assert_gave_up!(recorder, StopReason::Attempts);
/// ```
///
/// # Panics
///
/// If the run succeeded, gave up for another reason or has not ended. The message shows the timeline.
///
/// ```should_panic
/// use persevere_testkit::{Recorder, assert_gave_up};
/// assert_gave_up!(Recorder::new(), persevere::StopReason::Elapsed);
/// ```
#[macro_export]
macro_rules! assert_gave_up {
    ($recorder:expr, $reason:expr $(,)?) => {
        match &$recorder {
            recorder => $crate::check(
                "outcome",
                recorder,
                recorder.outcome(),
                &::core::option::Option::Some($crate::Outcome::GaveUp($reason)),
            ),
        }
    };
}
