//! The operation without a breaker, and the smallest hand-written breaker: consecutive failures, on one atomic.

use super::{Down, FAILURES, OPEN_FOR, opened, succeed, succeed_async};
use crate::case::{Job, case};
use std::future::{Future, ready};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

#[derive(Default)]
struct Breaker {
    failures: AtomicU32,
    /// In nanoseconds since the start.
    open_until: AtomicU64,
}

enum Failure {
    Rejected,
    Failed(Down),
}

impl Breaker {
    #[inline]
    fn is_open(&self) -> bool {
        self.failures.load(Relaxed) >= FAILURES && now() < self.open_until.load(Relaxed)
    }

    #[inline]
    fn report(&self, result: Result<u32, Down>) -> Result<u32, Failure> {
        if result.is_ok() {
            if self.failures.load(Relaxed) != 0 {
                self.failures.store(0, Relaxed);
            }
        } else if self.failures.fetch_add(1, Relaxed) + 1 >= FAILURES {
            self.open_until.store(now() + OPEN_FOR.as_nanos() as u64, Relaxed);
        }
        result.map_err(Failure::Failed)
    }

    #[inline]
    fn call(&self, operation: impl FnOnce() -> Result<u32, Down>) -> Result<u32, Failure> {
        if self.is_open() {
            return Err(Failure::Rejected);
        }
        self.report(operation())
    }

    #[inline]
    async fn call_async<F: Future<Output = Result<u32, Down>>>(
        &self,
        operation: impl FnOnce() -> F,
    ) -> Result<u32, Failure> {
        if self.is_open() {
            return Err(Failure::Rejected);
        }
        self.report(operation().await)
    }
}

fn now() -> u64 {
    START.elapsed().as_nanos() as u64
}

fn open() -> Breaker {
    opened(
        Breaker::default(),
        |breaker| breaker.call(|| Err(Down)),
        |error| match error {
            Failure::Rejected => true,
            Failure::Failed(Down) => false,
        },
    )
}

pub(super) fn cases(job: Job) {
    case!(job, "breaker/bare/closed", 0, |_operation| sync succeed());
    case!(job, "breaker/bare/open", 0, |_operation| sync Err::<u32, _>(Down));
    case!(job, "breaker/best/consecutive", let breaker = Breaker::default(); 0, |_operation| sync
        breaker.call(succeed));
    case!(job, "breaker/best/open", let breaker = open(); 0, |_operation| sync breaker.call(succeed));

    case!(job, "breaker-async/bare/closed", 0, |_operation| async succeed_async());
    case!(job, "breaker-async/bare/open", 0, |_operation| async ready(Err::<u32, _>(Down)));
    case!(job, "breaker-async/best/consecutive", let breaker = Breaker::default(); 0, |_operation| async
        breaker.call_async(succeed_async));
    case!(job, "breaker-async/best/open", let breaker = open(); 0, |_operation| async
        breaker.call_async(succeed_async));
}
