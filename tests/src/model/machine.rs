//! A slow and obvious model of the machine: what each step may answer. What is drawn is known as a range, in whole
//! nanoseconds, and narrowed by what the machine then says.

use super::rules::Rules;
use super::{AGES, LONGEST, MOST, saturated};
use persevere::{Step, StopReason, Verdict};
use std::time::Duration;

/// From the shortest to the longest.
pub type Range = (u128, u128);

/// A delay as it is remembered: not at all if it is of ages.
fn remembered(delay: u128) -> u128 {
    if delay < AGES { delay } else { MOST }
}

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

/// What a step may answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// To wait, within this range.
    pub wait: Option<Range>,
    /// To stop for this reason.
    pub stop: Option<StopReason>,
    /// Whether the delay is what the curve said, spread by nothing.
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

    /// What is answered if nothing is left to chance.
    ///
    /// # Errors
    ///
    /// The reason to stop.
    ///
    /// # Panics
    ///
    /// If something is.
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
        let plan = &self.rules.plan;
        let left = plan.max_elapsed.map(|limit| limit.saturating_sub(self.elapsed(now)));
        [plan.attempt_timeout, left].into_iter().flatten().min()
    }

    /// What may follow an attempt with this verdict.
    pub fn failed(&mut self, verdict: Verdict, now: Duration) -> Answer {
        if let Some(reason) = self.ended {
            return Answer::stop(reason);
        }
        self.failures += 1;
        match verdict {
            Verdict::Retry => self.next(Duration::ZERO, now),
            Verdict::RetryAfter(hint) => self.next(hint, now),
            _ => Answer::stop(StopReason::Permanent),
        }
    }

    /// What may follow an attempt that was cut off.
    pub fn timed_out(&mut self, now: Duration) -> Answer {
        if let Some(reason) = self.ended {
            return Answer::stop(reason);
        }
        let out_of_time = self
            .rules
            .plan
            .max_elapsed
            .is_some_and(|limit| self.elapsed(now) >= limit);
        self.failed(Verdict::Retry, now).stop_for(|reason| match reason {
            StopReason::Attempts if out_of_time => StopReason::Elapsed,
            StopReason::Attempts => StopReason::AttemptTimedOut,
            reason => reason,
        })
    }

    /// What may follow an attempt that a breaker did not let through.
    pub fn rejected(&mut self, retry_after: Option<Duration>, now: Duration) -> Answer {
        if let Some(reason) = self.ended {
            return Answer::stop(reason);
        }
        let may_ask_again = self.rules.retry_rejected && self.rejections < 65_535;
        match retry_after.filter(|_| may_ask_again) {
            None => Answer::stop(StopReason::Rejected),
            Some(hint) => {
                self.rejections += 1;
                self.next(hint, now).stop_for(|reason| match reason {
                    StopReason::Elapsed => StopReason::Elapsed,
                    _ => StopReason::Rejected,
                })
            }
        }
    }

    /// What follows when the run is ended from outside.
    pub fn given_up(&mut self, reason: StopReason) -> Answer {
        Answer::stop(self.ended.unwrap_or(reason))
    }

    /// Takes back a wait.
    pub fn unwait(&mut self, delay: Duration) {
        self.waited = self.waited.saturating_sub(delay.as_nanos().min(MOST));
    }

    /// Goes on with what the machine answered.
    ///
    /// # Panics
    ///
    /// If that is none of what it may answer.
    pub fn take(&mut self, answer: Answer, step: Step) {
        match step {
            Step::Wait(delay) => {
                let delay = delay.as_nanos();
                let is_within = |(shortest, longest): Range| shortest <= delay && delay <= longest;
                assert!(answer.wait.is_some_and(is_within), "{step:?} is none of {answer:?}");
                self.waited = (self.waited + delay).min(MOST);
                if answer.plain {
                    self.previous = Some((remembered(delay), remembered(delay)));
                }
            }
            Step::Stop(reason) => {
                assert_eq!(answer.stop, Some(reason), "{step:?} is none of {answer:?}");
                self.ended = Some(reason);
            }
        }
    }

    fn next(&mut self, hint: Duration, now: Duration) -> Answer {
        let (rules, plan) = (self.rules, &self.rules.plan);
        let tried = self.failures + self.rejections;
        if tried >= plan.max_attempts {
            return Answer::stop(StopReason::Attempts);
        }
        let cap = plan.max_delay.map_or(LONGEST, |cap| cap.as_nanos());
        let Some(curve) = rules.growth.range(tried, self.previous, cap) else {
            return Answer::stop(StopReason::Attempts);
        };
        let capped = (curve.0.min(cap), curve.1.min(cap));
        self.previous = Some((remembered(capped.0), remembered(capped.1)));

        let bound = plan.max_hint.map_or(cap, |bound| bound.as_nanos());
        let hint = hint.as_nanos();
        if hint > bound && !plan.clamp_hints {
            return Answer::stop(StopReason::Hint);
        }
        let obeyed = hint.min(bound);
        let (mut shortest, mut longest) = (obeyed, obeyed);
        if obeyed == 0 {
            shortest = rules.spread.range(capped.0, cap).0;
            longest = rules.spread.range(capped.1, cap).1;
        }
        let mut answer = Answer {
            wait: None,
            stop: None,
            plain: obeyed == 0 && rules.spread.is_none(),
        };
        // A wait that ends at the limit is not begun.
        let limit = plan.max_elapsed.map_or(u128::MAX, |limit| limit.as_nanos());
        let ends_at = |delay: u128| (self.elapsed(now).as_nanos() + delay).min(LONGEST);
        if ends_at(longest) >= limit {
            answer.stop = Some(StopReason::Elapsed);
            longest = limit.saturating_sub(self.elapsed(now).as_nanos() + 1);
        }
        if ends_at(shortest) < limit {
            answer.wait = Some((shortest, longest));
        }
        answer
    }
}
