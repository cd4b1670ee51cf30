//! The form of a case, and the parts that all cases share: the operation, the sleep that takes no time, a minimal
//! executor.

use std::cell::Cell;
use std::future::{Future, Ready, ready};
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// The task of the probe.
#[derive(Clone, Copy)]
pub(crate) enum Job {
    List,
    Memory,
    Run(u64),
}

impl Job {
    /// How often to run, and how often to fail in each run.
    pub(crate) fn rounds(self, failures: u32) -> Vec<(u64, u32)> {
        // A run that is to be exhausted finds more failures than it may survive, so that one attempt too many is seen.
        let more = if failures < ATTEMPTS { failures } else { failures + 1 };
        match self {
            Job::List => vec![],
            Job::Memory => vec![(1, more), (100, failures)],
            Job::Run(count) => vec![(count, failures)],
        }
    }
}

/// Whether `name` is the case that this binary was built for.
pub(crate) const fn is_chosen(name: &str) -> bool {
    let chosen = match option_env!("PROBE_CASE") {
        Some(chosen) => chosen.as_bytes(),
        None => return false,
    };
    let name = name.as_bytes();
    let mut index = 0;
    while index < name.len() && index < chosen.len() && name[index] == chosen[index] {
        index += 1;
    }
    index == name.len() && index == chosen.len()
}

/// A case: its body gets an operation that fails some times and then succeeds. With `let`, it also gets a reference to
/// a value that is made once for all runs. Only the chosen case is compiled into the binary.
macro_rules! case {
    ($job:expr, $name:expr, $(let $state:ident = $setup:expr;)? $failures:expr, |$operation:ident| $way:ident $body:expr) => {
        if let $crate::case::Job::List = $job {
            println!("{}", $name);
        }
        if const { $crate::case::is_chosen($name) } {
            $(
                #[allow(unused_mut, reason = "a few change what is made once")]
                let mut owned = $setup;
                let $state = std::hint::black_box(&mut owned);
            )?
            let $operation = $crate::case::Operation::default();
            let mut allocations = 0.0;
            for (count, failures) in $job.rounds($failures) {
                let region = stats_alloc::Region::new($crate::ALLOCATOR);
                $crate::case::repeat(count, || {
                    $operation.fail(failures);
                    $crate::case::outcome!($way $body)
                });
                allocations = region.change().allocations as f64 / count as f64;
                $operation.check(failures - $failures);
            }
            if let $crate::case::Job::Memory = $job {
                println!("{allocations} {}", $crate::case::size!($way $body));
            }
        }
    };
}
pub(crate) use case;

/// The result of a body: `sync` at once, `async` when it is polled, `paused` on tokio with its time paused.
macro_rules! outcome {
    (sync $body:expr) => {
        $crate::take::take($body)
    };
    (async $body:expr) => {
        $crate::case::complete($body, $crate::take::take)
    };
    (paused $body:expr) => {
        $crate::take::take($crate::paused::complete($body))
    };
}
pub(crate) use outcome;

/// The bytes of the future that a body makes.
macro_rules! size {
    (sync $body:expr) => {
        0
    };
    ($way:ident $body:expr) => {
        size_of_val(&$body)
    };
}
pub(crate) use size;

/// The async cases in which nothing fails, for operations whose futures are of several sizes.
macro_rules! sizes {
    ($job:expr, $name:literal, |$call:ident| $run:expr) => {
        $crate::case::sizes!($job, $name, "success", 0, |$call| $run);
        $crate::case::sizes!($job, $name, "medium", 256, |$call| $run);
        $crate::case::sizes!($job, $name, "large", 2048, |$call| $run);
    };
    ($job:expr, $name:literal, $case:literal, $size:literal, |$call:ident| $run:expr) => {
        $crate::case::case!($job, concat!("async/", $name, "/", $case), 0, |operation| async {
            let $call = || operation.call_async::<$size>();
            $run
        });
    };
}
pub(crate) use sizes;

/// The cases in which something fails: without jitter, with it, and until there are no attempts left. On tokio also the
/// cases of [`sizes`], for the sizes of futures that contain its timer.
macro_rules! failures {
    ($job:expr, $name:expr, paused, |$call:ident| plain $plain:expr, jitter $jitter:expr) => {
        $crate::case::failures!($job, concat!($name, "/medium"), 0, 256, |$call| $plain);
        $crate::case::failures!($job, concat!($name, "/large"), 0, 2048, |$call| $plain);
        $crate::case::failures!($job, concat!($name, "/plain"), 3, paused, |$call| $plain);
        $crate::case::failures!($job, concat!($name, "/jitter"), 3, paused, |$call| $jitter);
        $crate::case::failures!($job, concat!($name, "/exhausted"), 5, paused, |$call| $jitter);
    };
    ($job:expr, $name:expr, $way:ident, |$call:ident| plain $plain:expr, jitter $jitter:expr) => {
        $crate::case::failures!($job, concat!($name, "/plain"), 3, $way, |$call| $plain);
        $crate::case::failures!($job, concat!($name, "/jitter"), 3, $way, |$call| $jitter);
        $crate::case::failures!($job, concat!($name, "/exhausted"), 5, $way, |$call| $jitter);
    };
    ($job:expr, $name:expr, $failures:literal, $size:literal, |$call:ident| $run:expr) => {
        $crate::case::case!($job, concat!("paused/", $name), $failures, |operation| paused {
            let $call = || operation.call_async::<$size>();
            $run
        });
    };
    ($job:expr, $name:expr, $failures:literal, sync, |$call:ident| $run:expr) => {
        $crate::case::case!($job, concat!("sync/", $name), $failures, |operation| sync {
            let $call = || operation.call();
            $run
        });
    };
    ($job:expr, $name:expr, $failures:literal, $way:ident, |$call:ident| $run:expr) => {
        $crate::case::case!($job, concat!(stringify!($way), "/", $name), $failures, |operation| $way {
            let $call = || operation.call_async::<0>();
            $run
        });
    };
}
pub(crate) use failures;

/// The numbers that every contestant is given.
pub(crate) const BASE: Duration = Duration::from_millis(100);
pub(crate) const CAP: Duration = Duration::from_secs(5);
pub(crate) const ATTEMPTS: u32 = 5;

/// Fails the given number of times, then succeeds.
#[derive(Default)]
pub(crate) struct Operation {
    failures: Cell<u32>,
}

impl Operation {
    #[inline]
    pub(crate) fn fail(&self, times: u32) {
        self.failures.set(black_box(times));
    }

    /// Panics if the contestant has made another number of attempts: it could not be compared.
    pub(crate) fn check(&self, left: u32) {
        assert_eq!(self.failures.get(), left, "not as many attempts as the others");
    }

    #[inline(never)]
    pub(crate) fn call(&self) -> Result<u32, u32> {
        match self.failures.get() {
            0 => Ok(black_box(7)),
            left => {
                self.failures.set(left - 1);
                Err(black_box(left))
            }
        }
    }

    /// The same with a future that is ready at once and carries `N` bytes.
    #[inline]
    pub(crate) async fn call_async<const N: usize>(&self) -> Result<u32, u32> {
        let payload = [0u8; N];
        let result = self.call();
        if N > 0 {
            ready(()).await;
            black_box(&payload);
        }
        result
    }
}

/// Takes a delay, and no time.
#[inline]
pub(crate) fn no_sleep(delay: Duration) {
    black_box(delay);
}

/// The same for a task: a sleep that is ready at the first poll.
#[inline]
pub(crate) fn no_sleep_async(delay: Duration) -> Ready<()> {
    no_sleep(delay);
    ready(())
}

/// Takes a delay and returns zero, for peers that always sleep on the thread: a sleep of zero makes no system call.
#[cfg(feature = "peers")]
#[inline]
pub(crate) fn none_of(delay: Duration) -> Duration {
    no_sleep(delay);
    Duration::ZERO
}

/// Polls a future as executors do, through a pointer that hides its type, and returns its output.
#[inline]
pub(crate) fn complete<F: Future, R>(future: F, then: impl FnOnce(F::Output) -> R) -> R {
    let mut future = pin!(future);
    let mut future: Pin<&mut dyn Future<Output = F::Output>> = black_box(future.as_mut());
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return then(output);
        }
    }
}

/// Repeats `body`. It is not inlined, so that two calls are not merged.
#[inline(never)]
pub(crate) fn repeat(count: u64, mut body: impl FnMut()) {
    for _ in 0..count {
        body();
    }
}
