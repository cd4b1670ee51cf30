//! What a case is, and what all cases share: the operation, the sleep that is none, the poll that suffices.

use std::cell::Cell;
use std::future::Future;
use std::hint::black_box;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// What the probe was asked to do.
#[derive(Clone, Copy)]
pub(crate) enum Job {
    List,
    Memory,
    Run(u64),
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

/// A case: `body` is given an operation that fails some times and then succeeds. Nothing of the cases that were not
/// chosen is compiled into the binary.
macro_rules! case {
    ($job:expr, $name:expr, $failures:expr, |$operation:ident| sync $body:expr) => {
        $crate::case::case!($job, $name, $failures, |$operation| $body, 0)
    };
    ($job:expr, $name:expr, $failures:expr, |$operation:ident| async $body:expr) => {
        $crate::case::case!(
            $job,
            $name,
            $failures,
            |$operation| $crate::case::complete($body),
            size_of_val(&$body)
        )
    };
    ($job:expr, $name:expr, $failures:expr, |$operation:ident| $body:expr, $size:expr) => {
        if let $crate::case::Job::List = $job {
            println!("{}", $name);
        }
        if const { $crate::case::is_chosen($name) } {
            let run = |count| {
                $crate::case::repeat(count, || {
                    let $operation = $crate::case::Operation::failing($failures);
                    $body
                })
            };
            match $job {
                $crate::case::Job::Run(count) => run(count),
                $crate::case::Job::Memory => {
                    let $operation = $crate::case::Operation::failing($failures);
                    run(1);
                    let region = stats_alloc::Region::new($crate::ALLOCATOR);
                    run(100);
                    println!("{} {}", region.change().allocations as f64 / 100.0, $size);
                    let _ = &$operation;
                }
                $crate::case::Job::List => {}
            }
        }
    };
}
pub(crate) use case;

/// The numbers that every contestant is given.
pub(crate) const BASE: Duration = Duration::from_millis(100);
pub(crate) const CAP: Duration = Duration::from_secs(5);
pub(crate) const ATTEMPTS: u32 = 5;

/// Fails as often as it is told to, then succeeds.
pub(crate) struct Operation {
    failures: Cell<u32>,
}

impl Operation {
    pub(crate) fn failing(times: u32) -> Operation {
        Operation {
            failures: Cell::new(black_box(times)),
        }
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
            std::future::ready(()).await;
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

/// Polls a future as executors do, through a pointer that says nothing of its type.
#[inline]
pub(crate) fn complete<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut future: Pin<&mut dyn Future<Output = F::Output>> = black_box(future.as_mut());
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

/// Repeats `body`, kept from being merged with the next.
#[inline]
pub(crate) fn repeat<T>(count: u64, mut body: impl FnMut() -> T) {
    for _ in 0..count {
        black_box(body());
    }
}
