//! `tower::retry`: the caller writes the policy. The backoff is tower's, sleeps on tokio, and adds up to a whole delay
//! as jitter.

use crate::case::{ATTEMPTS, BASE, CAP, Job, failures, sizes};
use std::future::Future;
use tower::retry::backoff::{Backoff, ExponentialBackoff, ExponentialBackoffMaker, MakeBackoff};
use tower::retry::{Policy, Retry};
use tower::util::rng::HasherRng;
use tower::{Service, service_fn};

#[derive(Clone)]
struct Attempts {
    backoff: ExponentialBackoff,
    left: u32,
}

impl Policy<(), u32, u32> for Attempts {
    type Future = <ExponentialBackoff as Backoff>::Future;

    #[inline]
    fn retry(&mut self, (): &mut (), result: &mut Result<u32, u32>) -> Option<Self::Future> {
        if result.is_ok() {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        Some(self.backoff.next_backoff())
    }

    #[inline]
    fn clone_request(&mut self, (): &()) -> Option<()> {
        Some(())
    }
}

/// Made once; each request has its clone.
fn attempts(jitter: f64) -> Attempts {
    let maker = ExponentialBackoffMaker::new(BASE, CAP, jitter, HasherRng::default());
    let mut maker = maker.expect("numbers that tower takes");
    Attempts {
        backoff: maker.make_backoff(),
        left: ATTEMPTS - 1,
    }
}

#[inline]
fn run<F: Future<Output = Result<u32, u32>>>(
    operation: impl Fn() -> F + Clone,
    policy: &Attempts,
) -> impl Future<Output = Result<u32, u32>> {
    Retry::new(policy.clone(), service_fn(move |()| operation())).call(())
}

pub(crate) fn cases(job: Job) {
    let (plain, jittered) = (&attempts(0.0), &attempts(1.0));
    sizes!(job, "tower", |call| run(call, jittered));
    failures!(job, "tower", paused, |call| plain run(call, plain), jitter run(call, jittered));
}
