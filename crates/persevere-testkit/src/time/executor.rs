//! The executor of virtual time: tasks on one thread, and a clock that advances when all of them wait.

use super::VirtualTime;
use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::task::Wake;
use alloc::vec::Vec;
use core::future::Future;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
        let mut futures: Vec<_> = futures.into_iter().map(|future| Some(Box::pin(future))).collect();
        let mut outputs: Vec<_> = futures.iter().map(|_| None).collect();
        let woken = Arc::new(Woken::all(futures.len()));
        let wakers: Vec<_> = (0..futures.len()).map(|task| woken.waker(task)).collect();
        let mut turns: VecDeque<usize> = (0..futures.len()).collect();
        let (mut newest_first, mut left) = (Vec::new(), futures.len());
        while left > 0 {
            woken.take(&mut newest_first, &mut turns);
            let Some(task) = turns.pop_front() else {
                if self.advance_to_next().is_some() {
                    continue;
                }
                panic!(
                    "{left} of {} tasks wait forever: none was woken, and no sleep is pending on this clock (timers \
                     and sockets of other runtimes do not advance it)",
                    futures.len()
                );
            };
            woken.begin(task);
            let Some(future) = &mut futures[task] else { continue };
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&wakers[task])) {
                outputs[task] = Some(output);
                futures[task] = None;
                left -= 1;
            }
        }
        outputs.into_iter().flatten().collect()
    }
}

/// A stack of the tasks that were woken since the executor last looked. Its places are allocated at the start, so that
/// waking takes neither a lock nor memory.
struct Woken {
    /// The task that was woken last; `NONE` if there is none.
    last: AtomicUsize,
    tasks: Box<[Links]>,
}

/// The place of a task.
struct Links {
    /// Whether the task has a turn coming, so that waking it again does nothing.
    is_awake: AtomicBool,
    /// The task that was woken before; `NONE` if there is none.
    before: AtomicUsize,
}

const NONE: usize = usize::MAX;

impl Woken {
    /// The given number of tasks, each of which has a turn coming.
    fn all(count: usize) -> Woken {
        let links = || Links {
            is_awake: AtomicBool::new(true),
            before: AtomicUsize::new(NONE),
        };
        Woken {
            last: AtomicUsize::new(NONE),
            tasks: (0..count).map(|_| links()).collect(),
        }
    }

    fn waker(self: &Arc<Self>, task: usize) -> Waker {
        let woken = Arc::clone(self);
        Waker::from(Arc::new(Awake { task, woken }))
    }

    /// Wakes a task, unless it has a turn coming.
    fn wake(&self, task: usize) {
        let links = &self.tasks[task];
        // Ordering: pairs with `begin`, so that the poll sees what was written before the task was woken.
        if links.is_awake.swap(true, Ordering::AcqRel) {
            return;
        }
        let mut last = self.last.load(Ordering::Relaxed);
        loop {
            links.before.store(last, Ordering::Relaxed);
            // Ordering: pairs with `take`, which reads `before`.
            match self
                .last
                .compare_exchange_weak(last, task, Ordering::Release, Ordering::Relaxed)
            {
                Ok(_) => return,
                Err(now) => last = now,
            }
        }
    }

    /// Moves all tasks to the end of `turns`, in the order in which they were woken. `newest_first` is empty before and
    /// after.
    fn take(&self, newest_first: &mut Vec<usize>, turns: &mut VecDeque<usize>) {
        // Ordering: pairs with `wake`.
        let mut task = self.last.swap(NONE, Ordering::Acquire);
        while task != NONE {
            newest_first.push(task);
            task = self.tasks[task].before.load(Ordering::Relaxed);
        }
        turns.extend(newest_first.drain(..).rev());
    }

    /// Marks a task as about to be polled: it can be woken again.
    fn begin(&self, task: usize) {
        self.tasks[task].is_awake.swap(false, Ordering::AcqRel);
    }
}

/// The waker of a task.
struct Awake {
    task: usize,
    woken: Arc<Woken>,
}

impl Wake for Awake {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.wake(self.task);
    }
}
