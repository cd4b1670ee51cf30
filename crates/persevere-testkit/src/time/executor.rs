//! The executor of virtual time: tasks on one thread, and a clock that advances when all of them wait.

use super::VirtualTime;
use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicUsize, Ordering};
use core::task::{Context, Poll, Waker};

impl VirtualTime {
    /// Runs `future` to its end on this thread. Whenever it waits, the clock advances to the next end of a sleep.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{VirtualTime, script_async};
    /// use std::time::Duration;
    ///
    /// let (time, policy) = (VirtualTime::new(), Policy::fixed(Duration::from_secs(3600)));
    /// let run = policy.on(time.asynchronous()).run(script_async([Err("down"), Ok(7)]));
    /// assert_eq!(time.block_on(run).unwrap(), 7);
    /// assert_eq!(time.elapsed(), Duration::from_secs(3600));
    /// ```
    ///
    /// # Panics
    ///
    /// If the future waits forever: no sleep is pending on this clock, and the future was not woken. Timers and sockets
    /// of other runtimes do not advance this clock.
    ///
    /// ```should_panic
    /// persevere_testkit::VirtualTime::new().block_on(std::future::pending::<()>());
    /// ```
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut outputs = self.run_all([future]);
        outputs.pop().expect("one future has one output")
    }

    /// Runs `futures` concurrently on this thread and returns their outputs in the same order.
    ///
    /// Each future is a task. Whenever all tasks wait, the clock advances to the next end of a sleep. Tasks begin in the
    /// order of `futures` and then take turns in the order in which they were woken. Box futures of different types as
    /// `Pin<Box<dyn Future<Output = T>>>`.
    ///
    /// ```
    /// use persevere::Policy;
    /// use persevere_testkit::{VirtualTime, script_async};
    /// use std::time::Duration;
    ///
    /// let time = VirtualTime::new();
    /// let fetch = async |delay| {
    ///     let policy = Policy::fixed(Duration::from_secs(delay));
    ///     policy.on(time.asynchronous()).run(script_async([Err("down"), Ok(())])).await.unwrap();
    ///     time.elapsed().as_secs()
    /// };
    /// assert_eq!(time.run_all([fetch(5), fetch(2), fetch(3)]), [5, 2, 3]);
    /// assert_eq!(time.waits(), [2, 3, 5].map(Duration::from_secs));
    /// ```
    ///
    /// # Panics
    ///
    /// If all remaining tasks wait forever: see [`block_on`](VirtualTime::block_on).
    pub fn run_all<F: Future>(&self, futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
        let turns = Arc::new(AtomicUsize::new(0));
        let mut tasks: Vec<_> = futures.into_iter().map(|future| Task::new(future, &turns)).collect();
        loop {
            // Finds the task that has been awake for the longest time.
            let next = tasks
                .iter_mut()
                .filter(|task| task.turn() > 0)
                .min_by_key(|task| task.turn());
            if let Some(task) = next {
                task.poll();
            } else if tasks.iter().all(|task| task.output.is_some()) {
                return tasks.into_iter().filter_map(|task| task.output).collect();
            } else if self.advance_to_next().is_none() {
                let left = tasks.iter().filter(|task| task.output.is_none()).count();
                panic!(
                    "{left} of {} tasks wait forever: none was woken, and no sleep is pending on this clock (timers \
                     and sockets of other runtimes do not advance it)",
                    tasks.len()
                );
            }
        }
    }
}

/// A future and its output.
struct Task<F: Future> {
    future: Option<Pin<Box<F>>>,
    output: Option<F::Output>,
    awake: Arc<Awake>,
    waker: Waker,
}

impl<F: Future> Task<F> {
    fn new(future: F, turns: &Arc<AtomicUsize>) -> Task<F> {
        let awake = Arc::new(Awake {
            turn: AtomicUsize::new(0),
            turns: Arc::clone(turns),
        });
        let waker = Waker::from(Arc::clone(&awake));
        waker.wake_by_ref();
        Task {
            future: Some(Box::pin(future)),
            output: None,
            awake,
            waker,
        }
    }

    /// The turn in which the task was woken; 0 if it was not woken or has ended.
    fn turn(&self) -> usize {
        if self.future.is_some() {
            self.awake.turn.load(Ordering::Acquire)
        } else {
            0
        }
    }

    fn poll(&mut self) {
        self.awake.turn.store(0, Ordering::Release);
        let Some(future) = &mut self.future else { return };
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&self.waker)) {
            self.output = Some(output);
            self.future = None;
        }
    }
}

/// Whether a task is to be polled, and in which order.
struct Awake {
    turn: AtomicUsize,
    /// The number of turns given to all tasks.
    turns: Arc<AtomicUsize>,
}

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let turn = self.turns.fetch_add(1, Ordering::Relaxed) + 1;
        // A task that is already awake keeps its turn.
        let _ = self.turn.compare_exchange(0, turn, Ordering::AcqRel, Ordering::Relaxed);
    }
}
