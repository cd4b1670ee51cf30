//! The decision itself: count, classify, compute, cap, spread, consider the hint and the limits.

use super::{Machine, NO_HINT, Step};
use crate::backoff::{Backoff as _, Context};
use crate::budget::Class;
use crate::classify::Verdict;
use crate::error::StopReason;
use crate::policy::{Limits, PolicyParts};
use crate::random::{Draws, Random};
use crate::time::nanos;
use core::time::Duration;

/// Separates the draws of a curve, the draws of the jitter and the draws of hints.
const OF_CURVE: u64 = 1 << 32;
const OF_HINT: u64 = 1 << 33;
const OF_REJECTION: u64 = 1 << 34;
const OF_PACE: u64 = 1 << 35;

/// The wait for a gate that returns no time, in nanoseconds. It doubles with each turn, up to 64 times.
const TURN: u64 = 1_000_000;
const TURN_DOUBLINGS: u32 = 6;

impl Machine {
    /// Decides what follows an attempt: the delay, or `None` at the end of the run, whose reason the machine keeps.
    // perf: out of line and generic over the policy alone, so that a further operation costs no copy (`sites`). The
    // settings of an inlined policy are constants here, since its type names it.
    #[inline(never)]
    pub(crate) fn failed<P: PolicyParts>(&mut self, policy: &P, verdict: Verdict, now: u64) -> Option<u64> {
        if self.ended.is_some() {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        let limits = policy.limits();
        if limits.since_first_failure && self.failures == 1 {
            self.start = now;
        }
        let (hint, class) = match verdict {
            Verdict::Retry => (0, Class::Transient),
            Verdict::RetryAfter(hint) => (nanos(hint), Class::Transient),
            Verdict::RetryAs(class) => (0, class),
            Verdict::Accept | Verdict::Stop => return self.end(StopReason::Permanent, NO_HINT),
            Verdict::Pushback => return self.end(StopReason::Hint, NO_HINT),
        };
        if self.failures > limits.max_retries {
            return self.end(StopReason::Attempts, asked(hint));
        }
        let limit = policy.time(self.start);
        let elapsed = limit.map(|_| self.elapsed_nanos(now));
        let draw = u64::from(self.failures);
        // Called even when a hint replaces its delay, since only the backoff returns whether its schedule has ended.
        let curve = policy.backoff().nanos(&mut Context {
            attempt: self.failures,
            class,
            previous: (self.failures > 1).then_some(self.previous),
            elapsed,
            max_delay: limits.max_delay,
            random: &mut Random::of_draw(policy.draws(), OF_CURVE | draw),
        });
        let Some(curve) = curve else {
            return self.end(StopReason::Attempts, asked(hint));
        };
        let capped = curve.min(limits.max_delay);
        self.previous = capped;
        let computed = limits.jitter.spread(capped, limits.max_delay, policy.draws(), draw);
        let delay = if hint == 0 {
            computed
        } else {
            self.hinted(limits, hint, computed, policy.draws(), draw)?
        };
        self.wait(limits, delay, limit, elapsed, asked(hint))
    }

    /// The wait for a hint that is not zero, or `None` at the end of the run.
    #[cold]
    #[inline(never)]
    fn hinted(&mut self, limits: &Limits, hint: u64, computed: u64, draws: Draws, draw: u64) -> Option<u64> {
        match obeyed(limits, hint, || Random::of_draw(draws, OF_HINT | draw)) {
            None => self.end(StopReason::Hint, asked(hint)),
            Some(0) => Some(computed),
            Some(hint) if limits.longer_of_hint_and_delay => Some(hint.max(computed)),
            Some(hint) => Some(hint),
        }
    }

    /// Decides what follows a rejection: the delay, or `None` at the end of the run.
    #[inline(never)]
    pub(crate) fn wait_out<P: PolicyParts>(
        &mut self,
        policy: &P,
        retry_after: Option<Duration>,
        now: u64,
    ) -> Option<u64> {
        if self.ended.is_some() {
            return None;
        }
        let limits = policy.limits();
        let Some(retry_after) = retry_after.map(nanos) else {
            return self.end(StopReason::Rejected, NO_HINT);
        };
        let is_left = u32::from(self.rejections) < limits.max_retries && self.rejections < u16::MAX;
        if !limits.retry_rejected || !is_left {
            return self.end(StopReason::Rejected, asked(retry_after));
        }
        self.rejections += 1;
        let draw = OF_REJECTION | u64::from(self.rejections);
        let limit = self.limit(policy);
        let elapsed = limit.map(|_| self.elapsed_nanos(now));
        let delay = match obeyed(limits, retry_after, || Random::of_draw(policy.draws(), OF_HINT | draw)) {
            // The breaker returned no time, so the curve determines the wait, without being moved.
            Some(0) => {
                let curve = policy.backoff().nanos(&mut Context {
                    attempt: self.failures.max(1),
                    class: Class::Transient,
                    previous: (self.failures > 1).then_some(self.previous),
                    elapsed,
                    max_delay: limits.max_delay,
                    random: &mut Random::of_draw(policy.draws(), OF_CURVE | draw),
                });
                curve.map(|curve| {
                    let capped = curve.min(limits.max_delay);
                    limits.jitter.spread(capped, limits.max_delay, policy.draws(), draw)
                })
            }
            delay => delay,
        };
        let Some(delay) = delay else {
            return self.end(StopReason::Rejected, asked(retry_after));
        };
        self.wait(limits, delay, limit, elapsed, asked(retry_after))
    }

    /// Decides how long the run waits for a gate that has rejected its attempt `turns` times before, or `None` at the end
    /// of the run. The wait counts as no rejection, moves no curve and is bounded by the time of the run alone.
    #[cold]
    #[inline(never)]
    pub(crate) fn pace<P: PolicyParts>(&mut self, policy: &P, retry_after: u64, turns: u32, now: u64) -> Option<u64> {
        if self.ended.is_some() {
            return None;
        }
        let limits = policy.limits();
        let shortest = match retry_after {
            0 => TURN << turns.min(TURN_DOUBLINGS),
            retry_after => retry_after,
        };
        let draw = OF_PACE | u64::from(turns) | (u64::from(self.failures) << 36);
        let delay = spread(limits, shortest, || Random::of_draw(policy.draws(), draw));
        let limit = self.limit(policy);
        let elapsed = limit.map(|_| self.elapsed_nanos(now));
        self.wait(limits, delay, limit, elapsed, asked(retry_after))
    }

    /// Waits, unless the time of the run forbids it.
    #[inline]
    fn wait(
        &mut self,
        limits: &Limits,
        delay: u64,
        limit: Option<u64>,
        elapsed: Option<u64>,
        hint: u64,
    ) -> Option<u64> {
        if let (Some(limit), Some(elapsed)) = (limit, elapsed) {
            let left = limit.saturating_sub(elapsed).saturating_sub(delay);
            if left == 0 || left < limits.min_attempt_time {
                return self.end(StopReason::Elapsed, hint);
            }
        }
        Some(delay)
    }

    /// [`step`](Machine::step) with one bound of what could be drawn, instead of a draw.
    pub(crate) fn step_at<P: PolicyParts>(&mut self, policy: &P, now: u64, bound: Bound) -> Step {
        if let Some(reason) = self.ended {
            return Step::Stop(reason);
        }
        self.failures = self.failures.saturating_add(1);
        let limits = policy.limits();
        let limit = policy.time(self.start);
        let elapsed = limit.map(|_| self.elapsed_nanos(now));
        let range = policy.backoff().range(&mut Context {
            attempt: self.failures,
            class: Class::Transient,
            previous: (self.failures > 1).then_some(self.previous),
            elapsed,
            max_delay: limits.max_delay,
            random: &mut Random::of_draw(policy.draws(), OF_CURVE),
        });
        let delay = match range.filter(|_| self.failures <= limits.max_retries) {
            None => self.end(StopReason::Attempts, NO_HINT),
            Some(range) => {
                let capped = nanos(bound.of((*range.start(), *range.end()))).min(limits.max_delay);
                self.previous = capped;
                let delay = bound.of(limits.jitter.range(capped, limits.max_delay));
                self.wait(limits, delay, limit, elapsed, NO_HINT)
            }
        };
        self.as_step(delay)
    }
}

/// The hint as a machine that has ended keeps it.
#[inline]
fn asked(hint: u64) -> u64 {
    if hint == 0 { NO_HINT } else { hint.min(NO_HINT - 1) }
}

/// The wait for a hint that is not zero: within its bound and spread, zero if the bound leaves nothing of it. `None` if
/// it is too long.
#[inline]
fn obeyed(limits: &Limits, hint: u64, random: impl FnOnce() -> Random) -> Option<u64> {
    if hint <= limits.max_hint {
        return Some(spread(limits, hint, random));
    }
    let longest = accepted(limits, hint)?;
    let shortest = longest - limits.spread_hints.of(longest);
    Some(drawn(shortest, longest, random))
}

/// The part of a hint that the policy obeys, before it is spread. `None` if it is zero, or too long.
#[inline]
pub(crate) fn accepted(limits: &Limits, hint: u64) -> Option<u64> {
    if hint <= limits.max_hint {
        (hint > 0).then_some(hint)
    } else {
        limits.clamp_hints.then_some(limits.max_hint)
    }
}

/// A requested wait, spread upward.
#[inline]
fn spread(limits: &Limits, wait: u64, random: impl FnOnce() -> Random) -> u64 {
    drawn(wait, wait.saturating_add(limits.spread_hints.of(wait)), random)
}

#[inline]
fn drawn(shortest: u64, longest: u64, random: impl FnOnce() -> Random) -> u64 {
    if shortest == longest {
        shortest
    } else {
        random().within(shortest, longest)
    }
}

/// One bound of a range.
#[derive(Clone, Copy)]
pub(crate) enum Bound {
    Shortest,
    Longest,
}

impl Bound {
    fn of<T>(self, (shortest, longest): (T, T)) -> T {
        match self {
            Bound::Shortest => shortest,
            Bound::Longest => longest,
        }
    }
}
