//! Virtual time: a clock that sleeping moves at once, with a blocking and an async sleeper on it.

use persevere::Sleeper;
use std::collections::BTreeSet;
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// A blocking sleeper whose clock is moved by its sleeps alone, and which records them. Clones share the clock.
#[derive(Debug, Clone, Default)]
pub struct VirtualTime {
    shared: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    now: Duration,
    reads: usize,
    waits: Vec<Duration>,
    /// The timers that someone waits for, by the time at which they end.
    pending: BTreeSet<(Duration, u64)>,
    timers: u64,
}

impl VirtualTime {
    /// A clock at zero.
    #[must_use]
    pub fn new() -> VirtualTime {
        VirtualTime::default()
    }

    /// A clock that has been running for `now`.
    #[must_use]
    pub fn starting_at(now: Duration) -> VirtualTime {
        let time = VirtualTime::new();
        time.advance(now);
        time
    }

    /// Moves the clock, as an operation does that takes `by`.
    pub fn advance(&self, by: Duration) {
        let mut state = self.state();
        state.now = state.now.saturating_add(by);
    }

    /// The time, without counting as a read of the clock.
    #[must_use]
    pub fn peek(&self) -> Duration {
        self.state().now
    }

    /// How often the sleeper was asked for the time.
    #[must_use]
    pub fn reads(&self) -> usize {
        self.state().reads
    }

    /// The sleeps that came to their end, in order.
    #[must_use]
    pub fn waits(&self) -> Vec<Duration> {
        self.state().waits.clone()
    }

    /// How many timers are waited for and neither over nor dropped.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.state().pending.len()
    }

    /// The async sleeper on this clock.
    #[must_use]
    pub fn asynchronous(&self) -> AsyncVirtualTime {
        AsyncVirtualTime(self.clone())
    }

    /// A future that takes `duration`, as an async operation does. It is not recorded as a sleep.
    pub fn pass(&self, duration: Duration) -> VirtualSleep {
        self.timer(duration, false)
    }

    fn timer(&self, duration: Duration, recorded: bool) -> VirtualSleep {
        let mut state = self.state();
        state.timers += 1;
        VirtualSleep {
            time: self.clone(),
            duration,
            key: (state.now.saturating_add(duration), state.timers),
            recorded,
            over: false,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Sleeper for VirtualTime {
    type Sleep = Ready<()>;

    fn sleep(&self, delay: Duration) -> Ready<()> {
        let mut state = self.state();
        state.now = state.now.saturating_add(delay);
        state.waits.push(delay);
        ready(())
    }

    fn now(&self) -> Duration {
        let mut state = self.state();
        state.reads += 1;
        state.now
    }
}

/// The async sleeper of a [`VirtualTime`].
#[derive(Debug, Clone, Default)]
pub struct AsyncVirtualTime(VirtualTime);

impl Sleeper for AsyncVirtualTime {
    type Sleep = VirtualSleep;

    fn sleep(&self, delay: Duration) -> VirtualSleep {
        self.0.timer(delay, true)
    }

    fn now(&self) -> Duration {
        self.0.now()
    }
}

/// A timer on virtual time, for any executor.
///
/// It asks to be polled again, and when it is, and no timer that is waited for ends earlier, it moves the clock to
/// its own end. So of two timers that one task races, the shorter wins, as on a real clock, and of two that end
/// together the one that is polled first.
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct VirtualSleep {
    time: VirtualTime,
    duration: Duration,
    key: (Duration, u64),
    recorded: bool,
    over: bool,
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let mut state = this.time.state();
        let first_poll = !this.over && state.pending.insert(this.key);
        let earliest = state.pending.first().is_none_or(|(end, _)| *end == this.key.0);
        if this.key.0 <= state.now || (earliest && !first_poll) {
            if !this.over && this.recorded {
                state.waits.push(this.duration);
            }
            this.over = true;
            state.now = state.now.max(this.key.0);
            state.pending.remove(&this.key);
            return Poll::Ready(());
        }
        drop(state);
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        self.time.state().pending.remove(&self.key);
    }
}
