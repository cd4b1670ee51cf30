//! The rules of a policy, chance included.

use super::machine::Range;
use super::{Curve, MOST, Plan, nanoseconds};
use persevere::backoff::{Decorrelated, Exponential};
use persevere::{Backoff, Jitter, Policy};
use std::time::Duration;

/// All settings of a policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    /// The limits. The curve is in `growth`.
    pub plan: Plan,
    /// How delays grow.
    pub growth: Growth,
    /// How they are spread.
    pub spread: Spread,
    /// Whether a run waits for a breaker that rejects it.
    pub retry_rejected: bool,
    /// The share of a hint by which its wait may be longer.
    pub hint_spread: f64,
    /// Whether a wait is the longer of the hint and the computed delay.
    pub longer_of_hint_and_delay: bool,
    /// Whether the time of the run counts from the first failure.
    pub since_first_failure: bool,
    /// The least time that must be left for an attempt.
    pub min_attempt_time: Option<Duration>,
    /// The seed of the draws; `None` for draws that do not repeat.
    pub seed: Option<u64>,
    /// Whether an attempt that times out is followed by another.
    pub retry_timeouts: bool,
}

impl Rules {
    /// The rules of a plan, with nothing left to chance.
    #[must_use]
    pub fn of(plan: &Plan) -> Rules {
        Rules {
            plan: plan.clone(),
            growth: Growth::Exact(plan.curve.clone()),
            spread: Spread::None,
            retry_rejected: false,
            hint_spread: 0.0,
            longer_of_hint_and_delay: false,
            since_first_failure: false,
            min_attempt_time: None,
            seed: None,
            retry_timeouts: true,
        }
    }

    /// The policy under these rules.
    pub fn policy(&self) -> Policy<Box<dyn Backoff + Send + Sync>> {
        let mut policy = self
            .plan
            .limit(Policy::new(self.growth.backoff()))
            .jitter(self.spread.jitter())
            .spread_hints(self.hint_spread)
            .longer_of_hint_and_delay(self.longer_of_hint_and_delay)
            .retry_rejected(self.retry_rejected)
            .retry_timeouts(self.retry_timeouts);
        if self.since_first_failure {
            policy = policy.since_first_failure();
        }
        if let Some(least) = self.min_attempt_time {
            policy = policy.min_attempt_time(least);
        }
        if let Some(seed) = self.seed {
            policy = policy.seed(seed);
        }
        policy
    }
}

/// How delays grow: by a formula that is exact, or not quite, or by chance.
#[derive(Debug, Clone, PartialEq)]
pub enum Growth {
    /// To the nanosecond.
    Exact(Curve),
    /// By a factor that is no whole number.
    Factor(Duration, f64),
    /// By chance, from the delay before.
    Decorrelated(Duration),
}

impl Growth {
    /// The bounds of the `n`th delay, in nanoseconds; `None` if there is no such delay.
    #[must_use]
    pub fn range(&self, n: u32, previous: Option<Range>, cap: u128) -> Option<Range> {
        match self {
            Growth::Exact(curve) => curve.delay(n).map(|delay| (delay.as_nanos(), delay.as_nanos())),
            Growth::Factor(base, _) if base.is_zero() => Some((0, 0)),
            Growth::Factor(base, factor) => {
                let ideal = (nanoseconds(*base) as f64 * factor.powf(f64::from(n - 1))).min(MOST as f64);
                // This power is in double precision: of 2^32 multiplications each is off by one part in 2^53 at most.
                let off = ideal / (1 << 20) as f64 + 2.0;
                Some(((ideal - off) as u128, MOST.min((ideal + off) as u128)))
            }
            Growth::Decorrelated(base) => {
                let base = nanoseconds(*base);
                let longest = previous.map_or(base, |(_, longest)| longest);
                Some((base, base.max(cap.min(longest * 3))))
            }
        }
    }

    fn backoff(&self) -> Box<dyn Backoff + Send + Sync> {
        match self {
            Growth::Exact(curve) => curve.backoff(),
            Growth::Factor(base, factor) => Box::new(Exponential::new(*base).factor(*factor)),
            Growth::Decorrelated(base) => Box::new(Decorrelated::new(*base)),
        }
    }
}

/// How delays are spread.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Spread {
    /// Not at all.
    None,
    /// From nothing to the whole.
    Full,
    /// From a half to the whole.
    Equal,
    /// Around the whole by this share of it.
    Proportional(f64),
}

impl Spread {
    pub(super) fn is_none(self) -> bool {
        self == Spread::None
    }

    /// The bounds of a delay after spreading.
    #[must_use]
    pub fn range(self, delay: u128, cap: u128) -> Range {
        match self {
            Spread::None => (delay, delay),
            Spread::Full => (0, delay),
            Spread::Equal => (delay - delay / 2, delay),
            Spread::Proportional(ratio) => {
                let off = (delay >> 48) + 1;
                let reach = (delay as f64 * ratio) as u128;
                (delay.saturating_sub(reach + off), cap.min(delay + reach + off))
            }
        }
    }

    fn jitter(self) -> Jitter {
        match self {
            Spread::None => Jitter::None,
            Spread::Full => Jitter::Full,
            Spread::Equal => Jitter::Equal,
            Spread::Proportional(ratio) => Jitter::proportional(ratio),
        }
    }
}
