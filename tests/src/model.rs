//! A slow and obvious model of a run: the promises of a policy, written a second time without the policy.

pub mod breaker;
pub mod budget;
pub mod machine;
pub mod rules;

use self::machine::Machine;
use self::rules::Rules;
use crate::script::{Call, Fault, Reply, verdict};
use persevere::backoff::{Exponential, Fibonacci, Fixed, Linear, Schedule};
use persevere::classify::{FromFn, Outcomes, from_fn};
use persevere::{Backoff, Policy, StopReason, Verdict};
use std::time::Duration;

/// A curve without chance.
#[derive(Debug, Clone, PartialEq)]
pub enum Curve {
    /// Always the same.
    Fixed(Duration),
    /// Grows by a step.
    Linear(Duration),
    /// Grows by a whole factor.
    Exponential(Duration, u32),
    /// Grows like the Fibonacci numbers.
    Fibonacci(Duration),
    /// A list, which may repeat its last.
    Schedule(Vec<Duration>, bool),
}

/// Where 64 bits of nanoseconds end, after 584 years.
pub const MOST: u128 = u64::MAX as u128;

/// The longest hint that is obeyed by default.
pub const HINT: Duration = Duration::from_secs(300);

/// The last whole second before 64 bits end, from which on the clocks of breakers and budgets are coarse.
pub const AGES: u128 = MOST / 1_000_000_000 * 1_000_000_000;

/// `nanoseconds` as a duration, saturated at 64 bits.
#[must_use]
pub fn saturated(nanoseconds: Option<u128>) -> Duration {
    let nanoseconds = nanoseconds.unwrap_or(MOST).min(MOST);
    Duration::new(
        (nanoseconds / 1_000_000_000) as u64,
        (nanoseconds % 1_000_000_000) as u32,
    )
}

/// The nanoseconds of `time`, saturated at 64 bits.
#[must_use]
pub fn nanoseconds(time: Duration) -> u128 {
    time.as_nanos().min(MOST)
}

impl Curve {
    /// The delay of the curve after the `n`th failure, by its formula, without regard to speed.
    #[must_use]
    pub fn delay(&self, n: u32) -> Option<Duration> {
        // Each product has a factor below 2^64 and a factor below 2^32, or is saturated for good.
        let repeat = |base: &Duration, factor: u32| {
            let mut product = nanoseconds(*base);
            for _ in 1..n {
                let next = (product * u128::from(factor)).min(MOST);
                if next == product {
                    break;
                }
                product = next;
            }
            Some(saturated(Some(product)))
        };
        match self {
            Curve::Fixed(base) => Some(saturated(Some(base.as_nanos()))),
            Curve::Linear(step) => Some(saturated(step.as_nanos().checked_mul(u128::from(n)))),
            Curve::Exponential(base, factor) => repeat(base, *factor),
            Curve::Fibonacci(base) => {
                let (mut current, mut next) = (nanoseconds(*base), nanoseconds(*base));
                for _ in 1..n {
                    let sum = (current + next).min(MOST);
                    if sum == current {
                        break;
                    }
                    (current, next) = (next, sum);
                }
                Some(saturated(Some(current)))
            }
            Curve::Schedule(delays, repeat) => {
                let delay = match delays.get(n as usize - 1) {
                    None if *repeat => delays.last(),
                    delay => delay,
                };
                delay.map(|delay| saturated(Some(delay.as_nanos())))
            }
        }
    }

    /// The backoff that is to follow this curve.
    #[must_use]
    pub fn backoff(&self) -> Box<dyn Backoff + Send + Sync> {
        match self.clone() {
            Curve::Fixed(base) => Box::new(Fixed::new(base)),
            Curve::Linear(step) => Box::new(Linear::new(step)),
            Curve::Exponential(base, factor) => Box::new(Exponential::new(base).factor(f64::from(factor))),
            Curve::Fibonacci(base) => Box::new(Fibonacci::new(base)),
            Curve::Schedule(delays, true) => Box::new(Schedule::new(delays).repeat_last()),
            Curve::Schedule(delays, false) => Box::new(Schedule::new(delays)),
        }
    }
}

/// A policy for scripted outcomes.
pub type ScriptedPolicy =
    Policy<Box<dyn Backoff + Send + Sync>, FromFn<fn(&Result<Reply, Fault>) -> Verdict>, Outcomes>;

/// The settings of a policy, without jitter.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How delays grow.
    pub curve: Curve,
    /// The most calls.
    pub max_attempts: u32,
    /// The cap.
    pub max_delay: Option<Duration>,
    /// The time for the whole run.
    pub max_elapsed: Option<Duration>,
    /// The time for one attempt.
    pub attempt_timeout: Option<Duration>,
    /// The longest hint that is obeyed.
    pub max_hint: Option<Duration>,
    /// Whether a longer one is shortened.
    pub clamp_hints: bool,
}

impl Plan {
    /// The policy of this plan.
    pub fn policy(&self) -> ScriptedPolicy {
        let classifier = from_fn(verdict as fn(&Result<Reply, Fault>) -> Verdict);
        self.limit(Policy::new(self.curve.backoff()).with_outcome_classifier(classifier))
    }

    /// A policy with the limits of this plan, which waits exactly for the time of a hint.
    pub fn limit<B, C, On>(&self, policy: Policy<B, C, On>) -> Policy<B, C, On> {
        let mut policy = policy.max_attempts(self.max_attempts).exact_hints();
        if let Some(cap) = self.max_delay {
            policy = policy.max_delay(cap);
        }
        if let Some(limit) = self.max_elapsed {
            policy = policy.max_elapsed(limit);
        }
        if let Some(timeout) = self.attempt_timeout {
            policy = policy.attempt_timeout(timeout);
        }
        if let Some(longest) = self.max_hint {
            policy = policy.max_hint(longest);
        }
        if self.clamp_hints {
            policy = policy.clamp_hints(true);
        }
        policy
    }

    /// The expected course of a run of `calls` under this plan. `cuts`: whether attempts can time out, which needs an
    /// async driver.
    #[must_use]
    pub fn predict(&self, calls: &[Call], cuts: bool) -> Prediction {
        let mut run = Prediction::default();
        let mut now = Duration::ZERO;
        let rules = Rules::of(self);
        let mut machine = Machine::start(&rules, now);
        loop {
            run.started.push(now);
            let attempt = run.started.len();
            let call = calls[attempt.min(calls.len()) - 1];

            let left = self
                .max_elapsed
                .map_or(Duration::MAX, |limit| limit.saturating_sub(now));
            let timeout = self.attempt_timeout.filter(|_| cuts).map(|timeout| timeout.min(left));
            let cut = timeout.is_some_and(|timeout| timeout < call.takes);
            now += if cut { timeout.unwrap_or_default() } else { call.takes };
            run.ended = now;

            let verdict = if cut { Verdict::Retry } else { call.verdict };
            if !cut {
                run.last = call.outcome(attempt).err();
            }
            if call.succeeds && !cut && verdict == Verdict::Accept {
                return run;
            }
            let answer = if cut {
                machine.timed_out(now)
            } else {
                machine.failed(verdict, now)
            };
            match answer.certain() {
                Ok(delay) => {
                    run.waits.push(delay);
                    now += delay;
                }
                Err(reason) => {
                    run.stopped = Some(reason);
                    return run;
                }
            }
        }
    }

    /// The reason for a stop at this time, with two reasons made one. When the time of the run interrupts the last
    /// attempt, both the end of the time and the end of the attempts are reasons.
    #[must_use]
    pub fn reason(&self, reason: StopReason, ended: Duration) -> StopReason {
        let out_of_time = self.max_elapsed.is_some_and(|limit| ended >= limit);
        match reason {
            StopReason::AttemptTimedOut if out_of_time => StopReason::Elapsed,
            reason => reason,
        }
    }
}

/// The expected course of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Prediction {
    /// When each call begins.
    pub started: Vec<Duration>,
    /// The waits between them.
    pub waits: Vec<Duration>,
    /// When the last attempt ends.
    pub ended: Duration,
    /// Why it stops, unless it succeeds.
    pub stopped: Option<StopReason>,
    /// The last error that an attempt returned, unless a later one returned an `Ok`.
    pub last: Option<Fault>,
}
