//! The machine beside its model: any policy, any outcomes, any times, also going back.

use super::draw::{Clock, any_duration, few_millis, maybe_duration, one_of};
use crate::model::machine::{Answer, Machine as Model};
use crate::model::rules::{Growth, Rules, Spread};
use crate::model::{Curve, Plan};
use arbitrary::{Result, Unstructured};
use persevere::{Machine, Step, StopReason, Verdict};
use std::time::Duration;

/// Reads rules and a script from the bytes, and follows the script.
///
/// # Panics
///
/// If machine and model differ.
pub fn check(bytes: &[u8]) {
    // Bytes that hold no script are skipped.
    let _ = follow(&mut Unstructured::new(bytes));
}

/// An event of a run.
#[derive(Debug, Clone, Copy)]
enum Event {
    Failed(Verdict),
    TimedOut,
    Rejected(Option<Duration>),
    GivenUp(StopReason),
}

fn follow(bytes: &mut Unstructured<'_>) -> Result<()> {
    let rules = rules(bytes)?;
    let policy = rules.policy();
    let mut clock = Clock {
        now: any_duration(bytes)?,
        end: Duration::MAX,
        backwards: bytes.arbitrary()?,
    };
    let mut model = Model::start(&rules, clock.now);
    let mut machine = Machine::start(clock.now);
    let (mut twin, mut by_hand) = (machine.clone(), policy.start(clock.now));
    let mut waits = 0;
    while !bytes.is_empty() {
        let now = clock.pass(bytes)?;
        assert_eq!(machine.elapsed(now), model.elapsed(now));
        assert_eq!(machine.timeout(&policy, now), model.timeout(now));
        let event = event(bytes)?;
        let answer: Answer = match event {
            Event::Failed(verdict) => model.failed(verdict, now),
            Event::TimedOut => model.timed_out(now),
            Event::Rejected(retry_after) => model.rejected(retry_after, now),
            Event::GivenUp(reason) => model.given_up(reason),
        };
        let take = |machine: &mut Machine| match event {
            Event::Failed(verdict) => machine.step(&policy, verdict, now),
            Event::TimedOut => machine.timed_out(&policy, now),
            Event::Rejected(retry_after) => machine.rejected(&policy, retry_after, now),
            Event::GivenUp(reason) => machine.give_up(reason),
        };
        let step = take(&mut machine);
        model.take(answer, step);
        if rules.seed.is_some() {
            assert_eq!(take(&mut twin), step, "one seed, one schedule");
            let again = match event {
                Event::Failed(verdict) => by_hand.step(verdict, now),
                Event::TimedOut => by_hand.timed_out(now),
                Event::Rejected(retry_after) => by_hand.rejected(retry_after, now),
                Event::GivenUp(reason) => by_hand.give_up(reason),
            };
            assert_eq!(again, step, "one seed, one schedule");
        }
        if let Step::Wait(delay) = step {
            waits += 1;
            // As many as attempts for failures, and as many for rejections.
            assert!(waits / 2 < rules.plan.max_attempts, "more retries than attempts");
            if bytes.ratio(15_u8, 16_u8)? {
                machine.count_wait(delay);
                model.count_wait(delay);
            }
            if !clock.backwards {
                twin = Machine::resume(twin.progress(now), now);
            }
        }
        assert_eq!(machine.failures(), model.failures());
        assert_eq!(machine.attempt(), model.failures() + 1);
        assert_eq!(machine.waited(), model.waited());
        assert_eq!(machine.ended(), model.ended());
    }
    Ok(())
}

fn rules(bytes: &mut Unstructured<'_>) -> Result<Rules> {
    let growth = match bytes.int_in_range(0..=7)? {
        0 => Growth::Exact(Curve::Fixed(base(bytes)?)),
        1 => Growth::Exact(Curve::Linear(base(bytes)?)),
        2 => Growth::Exact(Curve::Fibonacci(base(bytes)?)),
        3 => Growth::Exact(Curve::Exponential(base(bytes)?, 2)),
        4 => Growth::Exact(Curve::Exponential(base(bytes)?, bytes.int_in_range(1..=u32::MAX)?)),
        5 => {
            let mut delays = Vec::new();
            for _ in 0..bytes.int_in_range(0..=5)? {
                delays.push(base(bytes)?);
            }
            Growth::Exact(Curve::Schedule(delays, bytes.arbitrary()?))
        }
        6 => {
            let factor: f64 = bytes.arbitrary()?;
            let base = base(bytes)?;
            // Any number, made a valid factor.
            let factor = if factor.is_finite() { factor.abs().max(1.0) } else { 1.5 };
            Growth::Factor(base, factor)
        }
        _ => Growth::Decorrelated(base(bytes)?),
    };
    Ok(Rules {
        plan: Plan {
            curve: Curve::Fixed(Duration::ZERO),
            max_attempts: one_of(bytes, &[1, 2, 3, 10, 1_000, u32::MAX])?,
            max_delay: maybe_duration(bytes)?,
            max_elapsed: maybe_duration(bytes)?,
            attempt_timeout: maybe_duration(bytes)?.filter(|timeout| !timeout.is_zero()),
            max_hint: maybe_duration(bytes)?,
            clamp_hints: bytes.arbitrary()?,
        },
        growth,
        spread: match bytes.int_in_range(0..=3)? {
            0 => Spread::None,
            1 => Spread::Full,
            2 => Spread::Equal,
            _ => Spread::Proportional(f64::from(bytes.arbitrary::<u16>()?) / f64::from(u16::MAX)),
        },
        retry_rejected: bytes.arbitrary()?,
        hint_spread: one_of(bytes, &[0.0, 0.1, 0.5, 1.0])?,
        longer_of_hint_and_delay: bytes.arbitrary()?,
        since_first_failure: bytes.arbitrary()?,
        min_attempt_time: maybe_duration(bytes)?,
        seed: bytes.arbitrary()?,
        retry_timeouts: !bytes.arbitrary::<bool>()?,
    })
}

fn base(bytes: &mut Unstructured<'_>) -> Result<Duration> {
    if bytes.arbitrary()? {
        any_duration(bytes)
    } else {
        few_millis(bytes)
    }
}

fn event(bytes: &mut Unstructured<'_>) -> Result<Event> {
    const REASONS: [StopReason; 3] = [StopReason::Cancelled, StopReason::Budget, StopReason::Rejected];
    Ok(match bytes.int_in_range(0..=15)? {
        0..=7 => Event::Failed(Verdict::Retry),
        8 | 9 => Event::Failed(Verdict::RetryAfter(base(bytes)?)),
        10 => Event::Failed(one_of(bytes, &[Verdict::Stop, Verdict::Accept, Verdict::Pushback])?),
        11 | 12 => Event::TimedOut,
        13 | 14 => Event::Rejected(maybe_duration(bytes)?),
        _ => Event::GivenUp(one_of(bytes, &REASONS)?),
    })
}
