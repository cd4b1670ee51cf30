//! Counting what is alive, to show that a dropped run leaves nothing behind.

use persevere::{Clock, Sleeper};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// How many guards are alive, and how many there have been. Clones count together.
#[derive(Debug, Clone, Default)]
pub struct Live(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    now: AtomicUsize,
    ever: AtomicUsize,
}

impl Live {
    /// Creates a count without guards.
    #[must_use]
    pub fn new() -> Live {
        Live::default()
    }

    /// Counts one more, until the guard is dropped.
    #[must_use]
    pub fn guard(&self) -> Guard {
        self.0.now.fetch_add(1, Ordering::SeqCst);
        self.0.ever.fetch_add(1, Ordering::SeqCst);
        Guard(self.clone())
    }

    /// How many guards are alive.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.now.load(Ordering::SeqCst)
    }

    /// How many guards there have been.
    #[must_use]
    pub fn ever(&self) -> usize {
        self.0.ever.load(Ordering::SeqCst)
    }
}

/// Counts as alive until it is dropped.
#[derive(Debug)]
pub struct Guard(Live);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A sleeper whose sleeps count as alive.
#[derive(Debug, Clone)]
pub struct Counted<S> {
    sleeper: S,
    live: Live,
}

impl<S> Counted<S> {
    /// Sleeps by `sleeper`, counted in `live`.
    pub fn new(sleeper: S, live: &Live) -> Counted<S> {
        Counted {
            sleeper,
            live: live.clone(),
        }
    }
}

impl<S: Sleeper> Sleeper for Counted<S> {
    type Sleep = CountedSleep<S::Sleep>;

    fn sleep(&self, delay: Duration) -> CountedSleep<S::Sleep> {
        CountedSleep {
            sleep: Box::pin(self.sleeper.sleep(delay)),
            _guard: self.live.guard(),
        }
    }

    fn now(&self) -> Duration {
        self.sleeper.now()
    }

    fn is_cancelled(&self) -> bool {
        self.sleeper.is_cancelled()
    }
}

impl<S: Clock> Clock for Counted<S> {}

/// The sleep of a [`Counted`] sleeper.
#[derive(Debug)]
pub struct CountedSleep<F> {
    sleep: Pin<Box<F>>,
    _guard: Guard,
}

impl<F: Future<Output = ()>> Future for CountedSleep<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.sleep.as_mut().poll(context)
    }
}
