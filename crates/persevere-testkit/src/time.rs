//! Virtual time: a clock that stands still until something sleeps.

mod asynchronous;
mod executor;

pub use asynchronous::{AsyncVirtualTime, VirtualSleep};

use crate::shared::Shared;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::future::{Ready, ready};
use core::task::Waker;
use core::time::Duration;
use persevere_core::Sleeper;

/// A clock for tests, and the sleeper on it: a sleep moves the clock at once, by exactly its length, and is recorded.
/// Clones share the clock.
///
/// | form | a sleep | for |
/// |---|---|---|
/// | `&time`, a [`VirtualTime`] | moves the clock at once | `run_blocking`, and async runs on any executor that need nothing to happen during a wait |
/// | [`time.asynchronous()`](VirtualTime::asynchronous) | waits until the clock gets there | async runs that are cut off, cancelled, or go on beside others |
///
/// The clock of the second form is moved by hand, with [`advance`](VirtualTime::advance) and
/// [`advance_to_next`](VirtualTime::advance_to_next), or by [`block_on`](VirtualTime::block_on) and
/// [`run_all`](VirtualTime::run_all) whenever all their tasks wait. Sleeps end in the order of their ends, those that
/// end together in the order in which they were begun: a test does the same every time.
///
/// With the feature `std` it is `Send` and `Sync`.
///
/// ```
/// use persevere::Policy;
/// use persevere_testkit::{VirtualTime, script};
/// use std::time::Duration;
///
/// let time = VirtualTime::new();
/// let policy = Policy::exponential(Duration::from_secs(1)).jitter(persevere::Jitter::None).max_attempts(4);
/// let value = policy.on(&time).run_blocking(script([Err("down"), Err("down"), Ok(7)]));
/// assert_eq!(value.unwrap(), 7);
/// assert_eq!(time.waits(), [1, 2].map(Duration::from_secs));
/// assert_eq!(time.elapsed(), Duration::from_secs(3));
/// ```
#[derive(Debug, Clone, Default)]
pub struct VirtualTime {
    state: Shared<State>,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    reads: usize,
    waits: Vec<Duration>,
    /// Who waits, by the end of the sleep and the order in which it was begun.
    timers: BTreeMap<(Duration, u64), Waker>,
    begun: u64,
}

impl VirtualTime {
    /// A clock at zero.
    #[must_use]
    pub fn new() -> VirtualTime {
        VirtualTime::default()
    }

    /// A clock that has been running for `elapsed`: nothing may depend on where a clock begins.
    ///
    /// ```
    /// use persevere_testkit::VirtualTime;
    /// use std::time::Duration;
    ///
    /// assert_eq!(VirtualTime::starting_at(Duration::from_secs(9)).elapsed(), Duration::from_secs(9));
    /// ```
    #[must_use]
    pub fn starting_at(elapsed: Duration) -> VirtualTime {
        let time = VirtualTime::new();
        time.advance(elapsed);
        time
    }

    /// How long the clock has been running. Unlike the sleeper's `now` it does not count among the
    /// [`reads`](VirtualTime::reads).
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.state.with(|state| state.now)
    }

    /// The sleeps that came to their end, in that order. A sleep that was dropped before is not among them.
    ///
    /// A sleeper cannot tell a wait between attempts from the timer of an `attempt_timeout`: one that ran out is here as
    /// well. A [`Recorder`](crate::Recorder) tells them apart.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.state.with(|state| state.waits.clone())
    }

    /// How often the sleeper was asked for the time.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{VirtualTime, script};
    ///
    /// let time = VirtualTime::new();
    /// Policy::default().on(&time).run_blocking(script([Ok::<_, ()>(7)])).unwrap();
    /// assert_eq!(time.reads(), 0, "a policy without a limit of time reads no clock");
    /// ```
    #[must_use]
    pub fn reads(&self) -> usize {
        self.state.with(|state| state.reads)
    }

    /// How many sleeps are waited for, neither over nor dropped. After a run that is over or was dropped: none.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Polled, VirtualTime, script_async};
    ///
    /// let (time, policy) = (VirtualTime::new(), Policy::default());
    /// let mut run = Polled::new(policy.on(time.asynchronous()).run(script_async([Err("down"), Ok(7)])));
    /// assert!(run.poll().is_pending());
    /// assert_eq!(time.pending(), 1);
    /// drop(run);
    /// assert_eq!(time.pending(), 0);
    /// ```
    #[must_use]
    pub fn pending(&self) -> usize {
        self.state.with(|state| state.timers.len())
    }

    /// Moves the clock by `duration`, as an operation does that takes so long, and wakes the sleeps that end within.
    ///
    /// Whoever sleeps again does so from the new time on. To meet each end in between exactly, go by
    /// [`advance_to_next`](VirtualTime::advance_to_next).
    ///
    /// ```
    /// use persevere::Sleeper;
    /// use persevere_testkit::{Polled, VirtualTime};
    /// use std::time::Duration;
    ///
    /// let time = VirtualTime::new();
    /// let mut sleep = Polled::new(time.asynchronous().sleep(Duration::from_secs(5)));
    /// assert!(sleep.poll().is_pending());
    /// time.advance(Duration::from_secs(4));
    /// assert!(!sleep.is_woken());
    /// time.advance(Duration::from_secs(1));
    /// assert!(sleep.is_woken() && sleep.poll().is_ready());
    /// ```
    pub fn advance(&self, duration: Duration) {
        self.wake(|state| state.now = state.now.saturating_add(duration));
    }

    /// Moves the clock to where the next sleep ends, and wakes all that end there. Says how far that was; `None` if
    /// nobody waits for this clock.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{Polled, VirtualTime, script_async};
    /// use std::{task::Poll, time::Duration};
    ///
    /// let (time, policy) = (VirtualTime::new(), Policy::fixed(Duration::from_secs(60)));
    /// let mut run = Polled::new(policy.on(time.asynchronous()).run(script_async([Err("down"), Ok(7)])));
    /// assert!(run.poll().is_pending());
    /// assert_eq!(time.advance_to_next(), Some(Duration::from_secs(60)));
    /// assert_eq!(run.poll(), Poll::Ready(Ok(7)));
    /// assert_eq!(time.advance_to_next(), None);
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "it is called for the step, not for how far that was"
    )]
    pub fn advance_to_next(&self) -> Option<Duration> {
        self.wake(|state| {
            let (end, _) = *state.timers.first_key_value()?.0;
            // Whoever sleeps to the past is not among the timers.
            let step = end - state.now;
            state.now = end;
            Some(step)
        })
    }

    /// The sleeper on this clock whose sleeps wait until the clock gets to their end.
    ///
    /// ```
    /// use persevere::{Policy, StopReason};
    /// use persevere_testkit::VirtualTime;
    /// use std::time::Duration;
    ///
    /// let time = VirtualTime::new();
    /// let policy = Policy::fixed(Duration::from_secs(1)).attempt_timeout(Duration::from_secs(10)).max_attempts(2);
    /// let run = policy.on(time.asynchronous()).run(std::future::pending::<Result<(), ()>>);
    /// assert_eq!(time.block_on(run).unwrap_err().reason(), StopReason::AttemptTimedOut);
    /// assert_eq!(time.elapsed(), Duration::from_secs(10 + 1 + 10));
    /// ```
    #[must_use]
    pub fn asynchronous(&self) -> AsyncVirtualTime {
        AsyncVirtualTime(self.clone())
    }

    /// A future that takes `duration` on this clock, as an async operation does. It is not recorded among the
    /// [`waits`](VirtualTime::waits).
    ///
    /// ```
    /// use persevere_testkit::VirtualTime;
    /// use std::time::Duration;
    ///
    /// let time = VirtualTime::new();
    /// time.block_on(time.pass(Duration::from_secs(3600)));
    /// assert_eq!((time.elapsed(), time.waits()), (Duration::from_secs(3600), vec![]));
    /// ```
    pub fn pass(&self, duration: Duration) -> VirtualSleep {
        VirtualSleep::begin(self, duration, false)
    }

    /// Moves the clock and wakes whoever sleeps to the new time or to one before it, in order.
    fn wake<R>(&self, step: impl FnOnce(&mut State) -> R) -> R {
        let (stepped, over) = self.state.with(|state| {
            let stepped = step(state);
            let later = state.timers.split_off(&(state.now, u64::MAX));
            (stepped, core::mem::replace(&mut state.timers, later))
        });
        // Not under the lock: a waker may run code of an executor.
        over.into_values().for_each(Waker::wake);
        stepped
    }
}

impl Sleeper for VirtualTime {
    type Sleep = Ready<()>;

    fn sleep(&self, delay: Duration) -> Ready<()> {
        self.wake(|state| {
            state.now = state.now.saturating_add(delay);
            state.waits.push(delay);
        });
        ready(())
    }

    fn now(&self) -> Duration {
        self.state.with(|state| {
            state.reads += 1;
            state.now
        })
    }
}
