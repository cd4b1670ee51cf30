//! A slow and obvious model of the machine: the possible answers of each step. A draw is known as a range, in whole
//! nanoseconds, and narrowed by the answer of the machine.

use super::rules::Rules;
use super::{HINT, MOST, nanoseconds, saturated};
use persevere::{Step, StopReason, Verdict};
use std::time::Duration;

/// From the shortest to the longest.
pub type Range = (u128, u128);

/// A run of a policy as far as it has gone.
#[derive(Debug, Clone)]
pub struct Machine<'r> {
    rules: &'r Rules,
    start: Duration,
    failures: u32,
    rejections: u32,
    waited: u128,
    previous: Option<Range>,
    ended: Option<StopReason>,
}

/// The possible answers of a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// To wait, within this range.
    pub wait: Option<Range>,
    /// To stop for this reason.
    pub stop: Option<StopReason>,
    /// Whether the delay is the delay of the curve after a failure, without jitter.
    plain: bool,
}

impl Answer {
    fn stop(reason: StopReason) -> Answer {
        Answer {
            wait: None,
            stop: Some(reason),
            plain: false,
        }
    }

    fn stop_for(self, change: impl FnOnce(StopReason) -> StopReason) -> Answer {
        Answer {
            stop: self.stop.map(change),
            ..self
        }
    }

    /// The answer if nothing is left to chance.
    ///
    /// # Errors
    ///
    /// The reason to stop.
    ///
    /// # Panics
    ///
    /// If something is left to chance.
    pub fn certain(self) -> Result<Duration, StopReason> {
        match (self.wait, self.stop) {
            (Some((shortest, longest)), None) if shortest == longest => Ok(saturated(Some(longest))),
            (None, Some(reason)) => Err(reason),
            _ => panic!("{self:?} is left to chance"),
        }
    }
}

impl<'r> Machine<'r> {
    /// A run under these rules that starts `now`.
    #[must_use]
    pub fn start(rules: &'r Rules, now: Duration) -> Machine<'r> {
        Machine {
            rules,
            start: now,
            failures: 0,
            rejections: 0,
            waited: 0,
            previous: None,
            ended: None,
        }
    }

    /// How many attempts have failed.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// How long was waited.
    #[must_use]
    pub fn waited(&self) -> Duration {
        saturated(Some(self.waited))
    }

    /// Why the run has stopped.
    #[must_use]
    pub fn ended(&self) -> Option<StopReason> {
        self.ended
    }

    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self, now: Duration) -> Duration {
        let [now, start] = [now, self.start].map(|time| time.as_nanos().min(MOST));
        saturated(Some(now.saturating_sub(start)))
    }

    /// How long an attempt that begins `now` may take.
    #[must_use]
    pub fn timeout(&self, now: Duration) -> Option<Duration> {
        let left = self
            .limit()
            .map(|limit| saturated(Some(limit)).saturating_sub(self.elapsed(now)));
        let timeout = self.rules.plan.attempt_timeout.map(nanoseconds);
        [timeout.map(|timeout| saturated(Some(timeout))), left]
            .into_iter()
            .flatten()
            .min()
    }

    /// The time of the run, if it is limited by now.
    fn limit(&self) -> Option<u128> {
        let counts = !self.rules.since_first_failure || self.failures > 0;
        self.rules.plan.max_elapsed.filter(|_| counts).map(nanoseconds)
    }

    /// The possible answers after an attempt with this verdict.
    pub fn failed(&mut self, verdict: Verdict, now: Duration) -> Answer {
        if let Some(reason) = self.ended {
            return Answer::stop(reason);
        }
        self.failures += 1;
        if self.rules.since_first_failure && self.failures == 1 {
            self.start = now;
        }
        let hint = match verdict {
            Verdict::Retry => 0,
            Verdict::RetryAfter(hint) => nanoseconds(hint),
            Verdict::Pushback => return Answer::stop(StopReason::Hint),
            _ => return Answer::stop(StopReason::Permanent),
        };
        if self.failures == self.rules.plan.max_attempts {
            return Answer::stop(StopReason::Attempts);
        }
        let Some(curve) = self.curve() else {
            return Answer::stop(StopReason::Attempts);
        };
        self.previous = Some(curve);
        let computed = self.spread(curve);
        let Some((mut delay, is_hint)) = self.obeyed(hint, computed) else {
            return Answer::stop(StopReason::Hint);
        };
        if is_hint && self.rules.longer_of_hint_and_delay {
            delay = (delay.0.max(computed.0), delay.1.max(computed.1));
        }
        Answer {
            plain: !is_hint && self.rules.spread.is_none(),
            ..self.wait(delay, now)
        }
    }

    /// The possible answers after an attempt that timed out.
    pub fn timed_out(&mut self, now: Duration) -> Answer {
        if let Some(reason) = self.ended {
            return Answer::stop(reason);
        }
        let verdict = if self.rules.retry_timeouts {
            Verdict::Retry
        } else {
            Verdict::Stop
        };
        let answer = self.failed(verdict, now);
        let is_over = self
            .limit()
            .is_some_and(|limit| nanoseconds(self.elapsed(now)) >= limit);
        answer.stop_for(|reason| match reason {
            StopReason::Attempts | StopReason::Permanent if is_over => StopReason::Elapsed,
            StopReason::Attempts | StopReason::Permanent => StopReason::AttemptTimedOut,
            reason => reason,
        })
    }

    /// The possible answers if a breaker rejects the attempt: a wait, which is no failure and moves no curve.
    pub fn rejected(&mut self, retry_after: Option<Duration>, now: Duration) -> Answer {
        if let Some(reason) = self.ended {
            return Answer::stop(reason);
        }
        let most = self.rules.plan.max_attempts.saturating_sub(1).min(65_535);
        let may_ask_again = self.rules.retry_rejected && self.rejections < most;
        let Some(hint) = retry_after.filter(|_| may_ask_again).map(nanoseconds) else {
            return Answer::stop(StopReason::Rejected);
        };
        self.rejections += 1;
        // Without a hint it is the delay of the last failure once more, or the first before any.
        let curve = self.curve();
        let computed = curve.map_or((0, 0), |curve| self.spread(curve));
        match (curve, self.obeyed(hint, computed)) {
            // A curve that has ended has no delay for a hint that is zero after clamping.
            (_, None) | (None, Some((_, false))) => Answer::stop(StopReason::Rejected),
            (None, Some((delay @ (0, _), true))) => {
                let answer = self.wait(delay, now);
                let stop = answer.stop.or(Some(StopReason::Rejected));
                Answer { stop, ..answer }
            }
            (_, Some((delay, _))) => self.wait(delay, now),
        }
    }

    /// The answer when the run is ended from outside.
    pub fn given_up(&mut self, reason: StopReason) -> Answer {
        Answer::stop(self.ended.unwrap_or(reason))
    }

    /// Counts a wait that was made.
    pub fn count_wait(&mut self, delay: Duration) {
        self.waited = (self.waited + nanoseconds(delay)).min(MOST);
    }

    /// Continues with the answer of the machine.
    ///
    /// # Panics
    ///
    /// If that is not a possible answer.
    pub fn take(&mut self, answer: Answer, step: Step) {
        match step {
            Step::Wait(delay) => {
                let delay = delay.as_nanos();
                let is_within = |(shortest, longest): Range| shortest <= delay && delay <= longest;
                assert!(answer.wait.is_some_and(is_within), "{step:?} is none of {answer:?}");
                if answer.plain {
                    self.previous = Some((delay, delay));
                }
            }
            Step::Stop(reason) => {
                assert_eq!(answer.stop, Some(reason), "{step:?} is none of {answer:?}");
                self.ended = Some(reason);
            }
        }
    }

    /// The possible delays of the curve after the last failure, capped.
    fn curve(&self) -> Option<Range> {
        let cap = self.cap();
        let previous = self.previous.filter(|_| self.failures > 1);
        let (shortest, longest) = self.rules.growth.range(self.failures.max(1), previous, cap)?;
        Some((shortest.min(cap), longest.min(cap)))
    }

    fn cap(&self) -> u128 {
        self.rules.plan.max_delay.map_or(MOST, nanoseconds)
    }

    /// The possible delays after jitter, for a delay in this range.
    fn spread(&self, (shortest, longest): Range) -> Range {
        let (spread, cap) = (self.rules.spread, self.cap());
        (spread.range(shortest, cap).0, spread.range(longest, cap).1)
    }

    /// The possible waits for a hint, and whether the wait surely depends on the hint; `None` if the hint is too long.
    /// The computed delay replaces a hint of zero.
    fn obeyed(&self, hint: u128, computed: Range) -> Option<(Range, bool)> {
        let (plan, ratio) = (&self.rules.plan, self.rules.hint_spread);
        let bound = nanoseconds(plan.max_hint.unwrap_or(HINT));
        let reach = |hint: u128| match ratio {
            0.0 => 0,
            // Of 53 bits each.
            ratio => (hint as f64 * ratio) as u128 + (hint >> 48) + 1,
        };
        let (shortest, longest) = if hint <= bound {
            (hint, (hint + reach(hint)).min(MOST))
        } else if plan.clamp_hints {
            (bound.saturating_sub(reach(bound)), bound)
        } else {
            return None;
        };
        if hint == 0 || longest == 0 {
            Some((computed, false))
        } else if shortest == 0 {
            // A draw of zero leaves nothing of the hint.
            Some(((computed.0.min(1), computed.1.max(longest)), true))
        } else {
            Some(((shortest, longest), true))
        }
    }

    /// A wait of this range, unless too little time is left after it.
    fn wait(&self, (shortest, longest): Range, now: Duration) -> Answer {
        let mut answer = Answer {
            wait: Some((shortest, longest)),
            stop: None,
            plain: false,
        };
        if let Some(limit) = self.limit() {
            // A wait that ends at the limit is not begun.
            let least = self.rules.min_attempt_time.map_or(1, |least| nanoseconds(least).max(1));
            let most = limit.checked_sub(nanoseconds(self.elapsed(now)) + least);
            if most.is_none_or(|most| longest > most) {
                answer.stop = Some(StopReason::Elapsed);
            }
            answer.wait = most
                .filter(|most| shortest <= *most)
                .map(|most| (shortest, longest.min(most)));
        }
        answer
    }
}
