//! Virtual time: a clock that advances only by sleeps and by the test.

mod asynchronous;
mod executor;

pub use asynchronous::{AsyncVirtualTime, VirtualSleep};

use crate::shared::Shared;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::future::{Ready, ready};
use core::task::Waker;
use core::time::Duration;
use persevere_core::{Clock, Sleeper};

/// A clock for tests, and its sleeper.
///
/// A sleep advances the clock at once by exactly its length and is recorded. Clones share the clock.
///
/// | form | a sleep | use |
/// |---|---|---|
/// | `&time`, a [`VirtualTime`] | advances the clock at once | `run_blocking`, and async runs on any executor during whose waits nothing else happens |
/// | [`time.asynchronous()`](VirtualTime::asynchronous) | waits until the clock reaches its end | async runs that time out, are cancelled, or are concurrent |
///
/// In the second form the test advances the clock, with [`advance`](VirtualTime::advance) and
/// [`advance_to_next`](VirtualTime::advance_to_next), or [`block_on`](VirtualTime::block_on) and
/// [`run_all`](VirtualTime::run_all) advance it whenever all their tasks wait. Sleeps end in the order of their
/// end times. Sleeps with equal end times end in the order in which they began, so tests are reproducible.
///
/// With the feature `std` the clock is `Send` and `Sync`.
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
    /// Whether sleeps are left out of `waits`.
    is_unrecorded: bool,
    /// The wakers of pending sleeps, by end time and order of beginning.
    timers: BTreeMap<(Duration, u64), Waker>,
    begun: u64,
}

impl State {
    /// Records a sleep that has ended.
    fn record(&mut self, delay: Duration) {
        if !self.is_unrecorded {
            self.waits.push(delay);
        }
    }
}

impl VirtualTime {
    /// Creates a clock at zero.
    #[must_use]
    pub fn new() -> VirtualTime {
        VirtualTime::default()
    }

    /// Creates a clock at `elapsed`, to test that nothing depends on a clock's origin.
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

    /// Creates a clock at zero that records no sleeps, for tests with many tasks or for a long time.
    ///
    /// Its [`waits`](VirtualTime::waits) stay empty, and its memory does not grow with them.
    ///
    /// ```
    /// use persevere::Sleeper;
    /// use persevere_testkit::VirtualTime;
    /// use std::time::Duration;
    ///
    /// let time = VirtualTime::unrecorded();
    /// for _ in 0..1000 {
    ///     time.sleep(Duration::from_secs(1));
    /// }
    /// assert_eq!((time.elapsed().as_secs(), time.waits().len()), (1000, 0));
    /// ```
    #[must_use]
    pub fn unrecorded() -> VirtualTime {
        let time = VirtualTime::new();
        time.state.with(|state| state.is_unrecorded = true);
        time
    }

    /// Returns the time of the clock, without counting as one of the [`reads`](VirtualTime::reads).
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.state.with(|state| state.now)
    }

    /// Returns the sleeps that ended, in the order of their ends, without dropped sleeps.
    ///
    /// Empty on a clock that is [`unrecorded`](VirtualTime::unrecorded). Includes timers of an `attempt_timeout` that
    /// ran out, since a sleeper cannot distinguish them from waits between attempts. A [`Recorder`](crate::Recorder)
    /// records waits only.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.state.with(|state| state.waits.clone())
    }

    /// Returns how often the clock was read by [`Sleeper::now`].
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

    /// Returns the number of sleeps that have neither ended nor been dropped. It is zero after a run has ended or was
    /// dropped.
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

    /// Advances the clock by `duration` and wakes the sleeps that end in between.
    ///
    /// A task that sleeps again does so from the new time. [`advance_to_next`](VirtualTime::advance_to_next) stops at
    /// each end.
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

    /// Advances the clock to the next end of a sleep and wakes all sleeps that end there.
    ///
    /// Returns the time advanced; `None` if no sleep is pending on this clock.
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
    #[expect(clippy::must_use_candidate, reason = "it is called for its effect")]
    pub fn advance_to_next(&self) -> Option<Duration> {
        self.wake(|state| {
            let (end, _) = *state.timers.first_key_value()?.0;
            // Invariant: every pending timer ends after `now`.
            let step = end - state.now;
            state.now = end;
            Some(step)
        })
    }

    /// Returns the async sleeper of this clock, whose sleeps wait until the clock reaches their end.
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

    /// Returns a future that takes `duration` on this clock, like an async operation.
    ///
    /// It is not recorded in [`waits`](VirtualTime::waits).
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

    /// Changes the clock by `step` and wakes, in order, the sleeps that end at the new time or before.
    fn wake<R>(&self, step: impl FnOnce(&mut State) -> R) -> R {
        let (stepped, over) = self.state.with(|state| {
            let stepped = step(state);
            let mut over = Vec::new();
            while let Some(timer) = state.timers.first_entry().filter(|timer| timer.key().0 <= state.now) {
                over.push(timer.remove());
            }
            (stepped, over)
        });
        // Wakes outside of the lock, since a waker may run code of an executor.
        over.into_iter().for_each(Waker::wake);
        stepped
    }
}

impl Clock for VirtualTime {}

impl Sleeper for VirtualTime {
    type Sleep = Ready<()>;

    fn sleep(&self, delay: Duration) -> Ready<()> {
        self.wake(|state| {
            state.now = state.now.saturating_add(delay);
            state.record(delay);
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
