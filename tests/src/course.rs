//! The courses that a run can take: to its end on either driver, or cancelled, dropped, unwound on its way.

use crate::model::Plan;
use crate::script::{Fault, Script};
use persevere::{CancelToken, Observer, Sleeper};
use persevere_testkit::{Polled, VirtualTime};
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// How a run is made, and how it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Course {
    /// To its end, on this thread.
    Blocking,
    /// To its end, as a future.
    Async,
    /// To its end, as a future of an operation that borrows.
    AsyncMut,
    /// This call cancels its token.
    Cancelled(usize),
    /// Its token is cancelled in the wait after this attempt.
    CancelledInWait(u32),
    /// It is dropped after the given number of polls, if it is not over.
    Dropped(usize),
    /// This call panics.
    Panics(usize),
}

/// The courses that end as the policy determines.
pub fn whole() -> impl Strategy<Value = Course> {
    prop_oneof![Just(Course::Blocking), Just(Course::Async), Just(Course::AsyncMut)]
}

/// Any course.
pub fn any_course() -> impl Strategy<Value = Course> {
    prop_oneof![
        whole(),
        (1usize..5).prop_map(Course::Cancelled),
        (1u32..5).prop_map(Course::CancelledInWait),
        (0usize..20).prop_map(Course::Dropped),
        (1usize..5).prop_map(Course::Panics),
    ]
}

impl Course {
    /// Makes a run of `script` with the policy of `plan`, observed by `observer`.
    pub fn run(self, plan: &Plan, script: &Script, time: &VirtualTime, observer: impl Observer<Fault>) {
        let policy = plan.policy();
        let asynchronous = time.asynchronous();
        match self {
            Course::Blocking => {
                let _ = policy.on(time).observe(observer).run_blocking(|| script.call());
            }
            Course::Async => {
                let _ = time.block_on(policy.on(asynchronous).observe(observer).run(|| script.call_async()));
            }
            Course::AsyncMut => {
                let call = async || script.call_async().await;
                let _ = time.block_on(policy.on(asynchronous).observe(observer).run_mut(call));
            }
            Course::Cancelled(number) => {
                let token = CancelToken::new();
                let run = policy.on(asynchronous.cancelled_by(&token)).observe(observer).run(|| {
                    let call = script.call_async();
                    if script.started().len() == number {
                        token.cancel();
                    }
                    call
                });
                let _ = time.block_on(run);
            }
            Course::CancelledInWait(number) => {
                let token = CancelToken::new();
                let run = policy.on(asynchronous.cancelled_by(&token)).observe(observer);
                let run = run.on_retry(|attempt, _: Option<&Fault>, _| {
                    if attempt == number {
                        token.cancel();
                    }
                });
                let _ = time.block_on(run.run(|| script.call_async()));
            }
            Course::Dropped(polls) => {
                let mut run = Polled::new(policy.on(asynchronous).observe(observer).run(|| script.call_async()));
                for _ in 0..polls {
                    if run.poll().is_ready() {
                        break;
                    }
                    if !run.is_woken() {
                        time.advance_to_next();
                    }
                }
            }
            Course::Panics(number) => {
                let call = || {
                    let outcome = script.call();
                    if script.started().len() == number {
                        // Does not print a message for each panic.
                        resume_unwind(Box::new("on purpose"));
                    }
                    outcome
                };
                let run = || policy.on(time).observe(observer).run_blocking(call);
                let _ = catch_unwind(AssertUnwindSafe(run));
            }
        }
    }
}
