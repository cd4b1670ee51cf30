//! The async sleeper of a virtual clock, and its future.

use super::VirtualTime;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};
use core::time::Duration;
use persevere_core::{Clock, Sleeper};

/// The async sleeper of a [`VirtualTime`], whose sleeps wait until the clock reaches their end; returned by
/// [`VirtualTime::asynchronous`].
///
/// ```
/// use persevere::{Policy, Sleeper};
/// use persevere_testkit::{AsyncVirtualTime, VirtualTime};
/// use std::time::Duration;
///
/// async fn fetch(time: &AsyncVirtualTime) -> Result<u32, &'static str> {
///     time.sleep(Duration::from_secs(3)).await;
///     Ok(7)
/// }
///
/// let time = VirtualTime::new();
/// let sleeper = time.asynchronous();
/// let policy = Policy::default().attempt_timeout(Duration::from_secs(5));
/// assert_eq!(time.block_on(policy.on(&sleeper).run(|| fetch(&sleeper))).unwrap(), 7);
/// assert_eq!(time.elapsed(), Duration::from_secs(3));
/// ```
#[derive(Debug, Clone, Default)]
pub struct AsyncVirtualTime(pub(super) VirtualTime);

impl AsyncVirtualTime {
    /// Returns the clock.
    ///
    /// ```
    /// use persevere_testkit::VirtualTime;
    /// use std::time::Duration;
    ///
    /// let sleeper = VirtualTime::new().asynchronous();
    /// sleeper.time().advance(Duration::from_secs(1));
    /// assert_eq!(sleeper.time().elapsed(), Duration::from_secs(1));
    /// ```
    #[must_use]
    pub fn time(&self) -> &VirtualTime {
        &self.0
    }
}

impl Clock for AsyncVirtualTime {}

impl Sleeper for AsyncVirtualTime {
    type Sleep = VirtualSleep;

    fn sleep(&self, delay: Duration) -> VirtualSleep {
        VirtualSleep::begin(&self.0, delay, true)
    }

    fn now(&self) -> Duration {
        self.0.now()
    }
}

/// The future of a sleep on a virtual clock. Dropping it removes its timer and waker.
///
/// It ends when the clock reaches its end time, which saturates at `Duration::MAX`.
///
/// ```
/// use persevere::Sleeper;
/// use persevere_testkit::{VirtualSleep, VirtualTime};
/// use std::time::Duration;
///
/// let time = VirtualTime::new();
/// let sleep: VirtualSleep = time.asynchronous().sleep(Duration::from_secs(5));
/// time.block_on(sleep);
/// assert_eq!((time.elapsed(), time.pending()), (Duration::from_secs(5), 0));
/// ```
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct VirtualSleep {
    time: VirtualTime,
    duration: Duration,
    /// The end time, and the order in which the sleep began.
    key: (Duration, u64),
    /// Whether the sleep is recorded when it ends.
    recorded: bool,
}

impl VirtualSleep {
    pub(super) fn begin(time: &VirtualTime, duration: Duration, recorded: bool) -> VirtualSleep {
        let key = time.state.with(|state| {
            state.begun += 1;
            (state.now.saturating_add(duration), state.begun)
        });
        VirtualSleep {
            time: time.clone(),
            duration,
            key,
            recorded,
        }
    }
}

impl Future for VirtualSleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let waker = context.waker().clone();
        // The replaced waker is dropped outside of the lock, since dropping it may run code of an executor.
        let (poll, _replaced) = this.time.state.with(|state| {
            if state.now < this.key.0 {
                return (Poll::Pending, state.timers.insert(this.key, waker));
            }
            if core::mem::take(&mut this.recorded) {
                state.record(this.duration);
            }
            (Poll::Ready(()), None)
        });
        poll
    }
}

impl Drop for VirtualSleep {
    fn drop(&mut self) {
        let _waker = self.time.state.with(|state| state.timers.remove(&self.key));
    }
}
