//! The decision itself: count, classify, compute, cap, spread, consider the hint and the limits.

use super::{Machine, Step};
use crate::as_policy::AsPolicy;
use crate::backoff::{Backoff as _, Context};
use crate::classify::Verdict;
use crate::error::StopReason;
use crate::jitter::Jitter;
use crate::limits::Limits;
use crate::random::Random;
use crate::span::Span;
use core::time::Duration;

/// Tells the draws of a curve from those of the jitter.
const OF_CURVE: u64 = 1 << 32;

impl Machine {
    /// [`step`](Machine::step) of a run that has not ended, with the delay as it is counted, and the time only if the policy
    /// has a limit of it. Without a delay the run has ended, and keeps the reason: handed back in its place it would share
    /// bytes with the delay, which would then be put together again from pieces.
    #[inline(always)]
    pub(crate) fn next<P: AsPolicy>(&mut self, policy: &P, verdict: Verdict, now: Option<Duration>) -> Option<Span> {
        self.advance(
            policy.limits(),
            verdict,
            now,
            |context| policy.backoff().span(context),
            spread_by_draw,
        )
    }

    /// [`step`](Machine::step) with one end of the ranges of what could be drawn, instead of a draw.
    pub(crate) fn step_within<P: AsPolicy>(&mut self, policy: &P, now: Duration, end: End) -> Step {
        let next = self.advance(
            policy.limits(),
            Verdict::Retry,
            policy.limits().max_elapsed.map(|_| now),
            |context| {
                let range = policy.backoff().range(context)?;
                Some(end.of((*range.start(), *range.end())).into())
            },
            |limits, delay, cap, _| end.of(limits.jitter.range(delay, cap)),
        );
        match next {
            Some(delay) => Step::Wait(delay.into()),
            None => Step::Stop(self.reason()),
        }
    }

    #[inline(always)]
    fn advance(
        &mut self,
        limits: &Limits,
        verdict: Verdict,
        now: Option<Duration>,
        curve: impl FnOnce(&mut Context<'_>) -> Option<Span>,
        spread: impl FnOnce(&Limits, u64, u64, u64) -> u64,
    ) -> Option<Span> {
        // Never past `u32::MAX`, since a run ends there at the latest.
        self.tried += 1;
        let hint = match verdict {
            Verdict::Retry => Duration::ZERO,
            Verdict::RetryAfter(hint) => hint,
            Verdict::Accept | Verdict::Stop => return self.end(StopReason::Permanent),
        };
        self.delay(limits, hint, now, curve, spread)
    }

    /// [`rejected`](Machine::rejected), with the delay as it is counted, and the time only if the policy has a limit of it.
    #[inline(always)]
    pub(crate) fn wait_out<P: AsPolicy>(
        &mut self,
        policy: &P,
        retry_after: Option<Duration>,
        now: Option<Duration>,
    ) -> Option<Span> {
        if self.ended.is_some() {
            return None;
        }
        let limits = policy.limits();
        let Some(hint) = retry_after.filter(|_| limits.retry_rejected && self.rejections < u16::MAX) else {
            return self.end(StopReason::Rejected);
        };
        self.tried += 1;
        self.rejections += 1;
        let curve = |context: &mut Context<'_>| policy.backoff().span(context);
        let delay = self.delay(limits, hint, now, curve, spread_by_draw);
        if delay.is_none() && self.reason() != StopReason::Elapsed {
            self.ended = Some(StopReason::Rejected);
        }
        delay
    }

    /// Ends the run: there is no delay.
    #[inline(always)]
    pub(crate) fn end(&mut self, reason: StopReason) -> Option<Span> {
        self.ended = Some(reason);
        None
    }

    /// How long to wait for another attempt, if there is to be one.
    #[inline(always)]
    fn delay(
        &mut self,
        limits: &Limits,
        hint: Duration,
        now: Option<Duration>,
        curve: impl FnOnce(&mut Context<'_>) -> Option<Span>,
        spread: impl FnOnce(&Limits, u64, u64, u64) -> u64,
    ) -> Option<Span> {
        let tried = self.tried;
        // Counted down, which tells the compiler that a curve's exponent does not wrap.
        let retries_left = limits.max_retries.checked_sub(tried - 1);
        if retries_left.filter(|left| *left > 0).is_none() {
            return self.end(StopReason::Attempts);
        }
        let elapsed = now.map(|now| self.elapsed_nanos(now));
        let draw = u64::from(tried);
        // Asked even when a hint takes the place of its answer, since only the backoff knows whether its schedule
        // has come to an end.
        let curve = curve(&mut Context {
            attempt: tried,
            previous: (tried > 1).then_some(self.previous),
            elapsed,
            max_delay: limits.max_delay,
            random: &mut Random::of_draw(limits.seed, OF_CURVE | draw),
        });
        let Some(curve) = curve else {
            return self.end(StopReason::Attempts);
        };
        match curve.capped(limits) {
            Span::Nanos(capped) => {
                self.previous = capped;
                let computed = spread(limits, capped, limits.max_nanos, draw);
                self.wait(limits, Span::Nanos(computed), hint, elapsed)
            }
            Span::Ages(capped) => {
                self.previous = u64::MAX;
                self.wait(limits, ages(limits, capped, spread, draw), hint, elapsed)
            }
        }
    }

    /// Waits for the computed delay or the hint, unless a limit forbids it.
    #[inline(always)]
    fn wait(&mut self, limits: &Limits, computed: Span, hint: Duration, elapsed: Option<u64>) -> Option<Span> {
        let bound = limits.hint_bound();
        let delay = match hint.min(bound) {
            _ if hint > bound && !limits.clamp_hints => return self.end(StopReason::Hint),
            // No hint, or a bound that leaves nothing of it.
            Duration::ZERO => computed,
            hint => hint.into(),
        };
        if let Some(elapsed) = elapsed {
            let limit = limits.max_elapsed.unwrap_or(Duration::MAX);
            if Duration::from_nanos(elapsed).saturating_add(delay.into()) >= limit {
                return self.end(StopReason::Elapsed);
            }
        }
        self.waited = self.waited.saturating_add(delay.nanos());
        Some(delay)
    }
}

/// Spreads `delay`, which is at most `cap`, by the draw of that number; both in the same unit.
#[inline(always)]
fn spread_by_draw(limits: &Limits, delay: u64, cap: u64, draw: u64) -> u64 {
    limits.jitter.spread(delay, cap, || Random::of_draw(limits.seed, draw))
}

/// A capped delay past what nanoseconds count, spread by the second.
// By value alone, so that a machine in registers can stay there.
#[cold]
fn ages(limits: &Limits, capped: Duration, spread: impl FnOnce(&Limits, u64, u64, u64) -> u64, draw: u64) -> Span {
    match limits.jitter {
        Jitter::None => Span::Ages(capped),
        _ => Duration::from_secs(spread(limits, capped.as_secs(), limits.max_delay.as_secs(), draw)).into(),
    }
}

/// One end of a range.
#[derive(Clone, Copy)]
pub(crate) enum End {
    Shortest,
    Longest,
}

impl End {
    fn of<T>(self, (shortest, longest): (T, T)) -> T {
        match self {
            End::Shortest => shortest,
            End::Longest => longest,
        }
    }
}
