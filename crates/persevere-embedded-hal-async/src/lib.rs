//! Retries of [`persevere`](https://docs.rs/persevere) that wait by an async delay of embedded-hal: [`run_delaying`].
//!
//! An async [`DelayNs`] borrows itself for the time of its wait, and its future has no name. So no `Sleeper` can be
//! made of it. A program on embassy has the sleeper of `persevere-embassy`, with a clock.

#![no_std]
#![forbid(unsafe_code)]

mod slept;

use core::time::Duration;
use embedded_hal_async::delay::DelayNs;
use persevere_core::policy::Judges;
use persevere_core::run::Steps;
use persevere_core::{Attempt, RetryError, Run, Step};
use slept::SleptTime;

/// Runs `operation` by `policy`, and waits by `delay`.
///
/// The time of a run is the sum of its waits, since a delay has no clock. `max_elapsed` counts waits alone, and no
/// attempt times out, as on a `DelaySleeper`. The policy is passed by value or by reference.
///
/// The future is dropped to cancel the run.
///
/// # Errors
///
/// [`RetryError`] if the policy gives up.
///
/// # Examples
///
/// ```
/// use core::time::Duration;
/// use persevere_core::Policy;
/// use persevere_embedded_hal_async::run_delaying;
/// # struct Delay(u64);
/// # impl embedded_hal_async::delay::DelayNs for Delay { async fn delay_ns(&mut self, ns: u32) { self.0 += u64::from(ns); } }
/// # fn block_on<T>(future: impl Future<Output = T>) -> T {
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     match std::pin::pin!(future).poll(&mut context) { std::task::Poll::Ready(output) => output, _ => unreachable!() }
/// # }
///
/// let mut delay = Delay(0);
/// let policy = Policy::fixed(Duration::from_micros(50)).max_attempts(3);
/// let degrees = block_on(run_delaying(policy, &mut delay, async |attempt| {
///     if attempt.number() < 3 { Err("busy") } else { Ok(21) }
/// }));
/// assert_eq!(degrees.unwrap(), 21);
/// ```
pub async fn run_delaying<P, D, T, E>(
    policy: P,
    delay: &mut D,
    mut operation: impl AsyncFnMut(Attempt) -> Result<T, E>,
) -> Result<T, RetryError<E>>
where
    P: Judges<T, E>,
    D: DelayNs,
{
    let mut steps: Steps<P, SleptTime, (), (), E> = Run::new(policy, SleptTime::default()).steps();
    loop {
        let step = match steps.begin() {
            Ok(attempt) => {
                let outcome = operation(attempt).await;
                match (steps.settle(&outcome), outcome) {
                    (None, Ok(value)) => return Ok(value),
                    (Some(Step::Wait(wait)), _) => Step::Wait(wait),
                    (None | Some(Step::Stop(_)), outcome) => return Err(steps.into_error(outcome.err())),
                }
            }
            Err(step) => step,
        };
        match step {
            Step::Wait(wait) => {
                delay_for(delay, wait).await;
                steps.sleeper().count(wait);
            }
            Step::Stop(_) => return Err(steps.into_error(None)),
        }
    }
}

/// Waits whole milliseconds in as few calls as `u32` allows, then the rest in nanoseconds.
async fn delay_for(delay: &mut impl DelayNs, wait: Duration) {
    let mut milliseconds = wait.as_millis();
    while milliseconds > 0 {
        let part = u32::try_from(milliseconds).unwrap_or(u32::MAX);
        delay.delay_ms(part).await;
        milliseconds -= u128::from(part);
    }
    let rest = wait.subsec_nanos() % 1_000_000;
    if rest > 0 {
        delay.delay_ns(rest).await;
    }
}

/// Compiles the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
