//! Delays before jitter: the formulas, at every size of number.

use persevere::backoff::{Context, Exponential, Schedule};
use persevere::budget::Class;
use persevere::{Backoff, Jitter, Machine, Policy, Random, Step, StopReason, Verdict};
use persevere_tests::model::Curve;
use persevere_tests::strategy::{any_duration, cases, curve, jitter};
use proptest::prelude::*;
use std::time::Duration;

/// The number of attempts of long schedules: past all powers of two at which a representation could end.
pub(crate) const FAR: u32 = 1_100;

/// Where delays saturate.
pub(crate) const LONGEST: Duration = Duration::from_nanos(u64::MAX);

fn policy_of(curve: &Curve) -> Policy<Box<dyn persevere::Backoff + Send + Sync>> {
    Policy::new(curve.backoff()).max_attempts(FAR)
}

proptest! {
    #![proptest_config(cases(96))]

    /// B1, B4: fixed, linear, whole exponential, Fibonacci and schedule are their formulas to the nanosecond, and
    /// saturate, for attempts 1 to 1099 and any base.
    #[test]
    fn every_curve_is_its_formula_to_the_nanosecond(curve in curve(any_duration().boxed())) {
        let delays: Vec<_> = policy_of(&curve).delays().collect();
        let expected: Vec<_> = (1..FAR).map_while(|attempt| curve.delay(attempt)).collect();
        prop_assert_eq!(delays, expected);
    }

    /// B1, B4: and at any attempt that there is, the last included.
    #[test]
    fn every_curve_is_its_formula_at_any_attempt(
        curve in curve(any_duration().boxed()),
        attempt in prop_oneof![Just(u32::MAX), u32::MAX - 3..=u32::MAX, 1..=u32::MAX],
    ) {
        let mut random = Random::seeded(1);
        let delay = curve.backoff().delay(&mut Context::new(attempt, &mut random));
        prop_assert_eq!(delay.map(|delay| delay.min(LONGEST)), curve.delay(attempt));
    }

    /// B2, B3: the cap bounds the curve and changes nothing below it.
    #[test]
    fn cap_bounds_every_curve(curve in curve(any_duration().boxed()), cap in any_duration()) {
        let delays: Vec<_> = policy_of(&curve).max_delay(cap).delays().collect();
        let expected: Vec<_> = (1..FAR).map_while(|n| curve.delay(n).map(|delay| delay.min(cap))).collect();
        prop_assert_eq!(delays, expected);
    }

    /// B3, B4: with every jitter, no delay at any attempt is above the cap, and none panics.
    #[test]
    fn no_delay_is_above_the_cap_whatever_the_jitter(
        curve in curve(any_duration().boxed()),
        cap in any_duration(),
        jitter in jitter(),
        seed in any::<u64>(),
    ) {
        for delay in policy_of(&curve).max_delay(cap).jitter(jitter).seed(seed).delays() {
            prop_assert!(delay <= cap);
        }
    }

    /// B4: zero stays zero, whatever the curve and the jitter.
    #[test]
    fn zero_stays_zero(curve in curve(Just(Duration::ZERO).boxed()), jitter in jitter(), cap in any_duration()) {
        for delay in policy_of(&curve).max_delay(cap).jitter(jitter).delays() {
            prop_assert_eq!(delay, Duration::ZERO);
        }
    }

    /// B1: each decorrelated delay is at least the base and at most three times the one before, or the cap.
    #[test]
    fn decorrelated_delay_follows_from_the_one_before(
        base in 0u64..u64::MAX / 4,
        cap in any_duration(),
        seed in any::<u64>(),
    ) {
        let base = Duration::from_nanos(base);
        let policy = Policy::decorrelated(base).max_delay(cap).seed(seed).max_attempts(200);
        let mut previous = base;
        for delay in policy.delays() {
            let highest = base.max(cap.min(previous.saturating_mul(3)));
            prop_assert!(base.min(cap) <= delay && delay <= highest.min(cap), "{:?} after {:?}", delay, previous);
            // The backoff receives the previous delay in 64 bits.
            previous = delay.min(Duration::from_nanos(u64::MAX));
        }
    }

    /// B4: no base and no cap make the decorrelated curve panic or pass the cap.
    #[test]
    fn decorrelated_bears_any_base_and_cap(
        base in any_duration(), cap in any_duration(), seed in any::<u64>(), jitter in jitter(),
    ) {
        let policy = Policy::decorrelated(base).max_delay(cap).jitter(jitter).seed(seed).max_attempts(FAR);
        for delay in policy.delays() {
            prop_assert!(delay <= cap);
        }
    }

    /// B7: a run that has ended returns the same reason at every further step.
    #[test]
    fn stopped_stays_stopped(
        curve in curve(any_duration().boxed()),
        attempts in 1u32..6,
        after in prop::collection::vec(prop_oneof![
            Just(Verdict::Retry), Just(Verdict::Stop), Just(Verdict::Accept),
            any_duration().prop_map(Verdict::RetryAfter),
        ], 1..8),
        now in any_duration(),
    ) {
        let policy = Policy::new(curve.backoff()).max_attempts(attempts).max_elapsed(Duration::from_secs(1));
        let mut machine = Machine::start(Duration::ZERO);
        let reason = loop {
            if let Step::Stop(reason) = machine.step(&policy, Verdict::Retry, Duration::ZERO) {
                break reason;
            }
        };
        let failures = machine.failures();
        for verdict in after {
            prop_assert_eq!(machine.step(&policy, verdict, now), Step::Stop(reason));
            prop_assert_eq!(machine.timed_out(&policy, now), Step::Stop(reason));
            prop_assert_eq!(machine.give_up(StopReason::Budget), Step::Stop(reason));
        }
        prop_assert_eq!(machine.ended(), Some(reason));
        prop_assert_eq!(machine.failures(), failures);
    }
}

/// B3: where 64 bits of nanoseconds end within a second, the cap holds to the nanosecond as well.
#[test]
fn cap_holds_at_the_end_of_64_bits() {
    let last_second = Duration::from_secs(u64::MAX / 1_000_000_000);
    let longest = Duration::from_nanos(u64::MAX);
    for cap in [last_second, last_second + Duration::from_millis(100), longest] {
        let doubling = Exponential::new(longest / 2);
        for jitter in [Jitter::None, Jitter::Equal, Jitter::proportional(0.01)] {
            for seed in 0..100 {
                let policy = Policy::new(doubling).max_delay(cap).jitter(jitter).max_attempts(4);
                for delay in policy.seed(seed).delays() {
                    assert!(delay <= cap, "{delay:?} with {jitter:?} is above {cap:?}");
                }
            }
        }
        let below = Policy::fixed(last_second).max_delay(cap);
        assert!(
            below.delays().all(|delay| delay == last_second),
            "lengthened to {cap:?}"
        );
    }
}

/// B7: an exhausted iterator of delays stays exhausted.
#[test]
fn delays_stay_over() {
    let policy = Policy::fixed(Duration::from_secs(1));
    let mut delays = policy.delays();
    assert_eq!(delays.by_ref().count(), 2);
    assert_eq!((delays.next(), delays.next()), (None, None));
}

/// B1: without `repeat_last` a schedule makes one attempt more than it has delays, whatever the limit of attempts.
#[test]
fn schedule_stops_at_its_end() {
    let seconds = [1, 5, 30].map(Duration::from_secs);
    assert_eq!(Policy::schedule(seconds).delays().collect::<Vec<_>>(), seconds);
    assert_eq!(Policy::schedule(seconds).max_attempts(2).delays().count(), 1);
    assert_eq!(Policy::schedule([Duration::ZERO; 0]).delays().count(), 0);
    let empty = Schedule::new([Duration::ZERO; 0]).repeat_last();
    assert_eq!(Policy::new(empty).delays().count(), 0, "there is no last to repeat");
}

/// B4: a million attempts and one more.
#[test]
fn run_of_a_million_attempts_is_exact() {
    let policy = Policy::linear(Duration::from_nanos(3))
        .jitter(Jitter::None)
        .max_attempts(u32::MAX);
    assert_eq!(policy.delays().nth(1_000_000), Some(Duration::from_nanos(3_000_003)));
    let policy = Policy::exponential(Duration::from_nanos(1))
        .jitter(Jitter::None)
        .max_attempts(u32::MAX);
    assert_eq!(policy.delays().nth(1_000_000), Some(LONGEST));
}

/// A backoff receives the attempt, its previous delay, capped and without jitter, and the cap. Where the policy has a
/// limit of time, it also receives the time since the start.
#[test]
fn backoff_receives_the_state_of_the_run() {
    let seconds = Duration::from_secs;
    let told = std::cell::RefCell::new(Vec::new());
    let tell = persevere::backoff::from_fn(|context| {
        let (attempt, previous) = (context.attempt(), context.previous());
        told.borrow_mut()
            .push((attempt, previous, context.elapsed(), context.max_delay()));
        Some(seconds(u64::from(attempt) * 4))
    });
    let policy = Policy::new(&tell)
        .max_attempts(4)
        .max_delay(seconds(6))
        .jitter(Jitter::Full);
    let mut machine = Machine::start(seconds(100));
    for _ in 0..3 {
        assert!(matches!(
            machine.step(&policy, Verdict::Retry, seconds(150)),
            Step::Wait(_)
        ));
    }
    let previous = [None, Some(seconds(4)), Some(seconds(6))];
    let expected: Vec<_> = (1..)
        .zip(previous)
        .map(|(n, previous)| (n, previous, None, seconds(6)))
        .collect();
    assert_eq!(told.take(), expected);

    let limited = policy.max_elapsed(seconds(1000));
    let _ = Machine::start(seconds(100)).step(&limited, Verdict::Retry, seconds(150));
    assert_eq!(told.take(), [(1, None, Some(seconds(50)), seconds(6))]);
}

/// B7: a caller's loop that ends a run for its own reason keeps that reason.
#[test]
fn run_that_was_given_up_stays_so() {
    let policy = Policy::fixed(Duration::from_secs(1));
    let mut retry = policy.start(Duration::ZERO);
    assert_eq!(retry.give_up(StopReason::Budget), Step::Stop(StopReason::Budget));
    assert_eq!(retry.failed("no", Duration::ZERO), Step::Stop(StopReason::Budget));
    assert_eq!(retry.give_up(StopReason::Rejected), Step::Stop(StopReason::Budget));
}

/// A context made by the caller returns the values that it was given.
#[test]
fn context_returns_its_values() {
    let mut random = Random::seeded(1);
    let [previous, cap, elapsed] = [1, 2, 3].map(Duration::from_secs);
    let bare = Context::new(7, &mut random);
    assert_eq!(
        (bare.attempt(), bare.previous(), bare.max_delay(), bare.elapsed()),
        (7, None, LONGEST, None)
    );
    assert_eq!(bare.class(), Class::Transient);
    let full = bare.after(previous).capped(cap).at(elapsed).of_class(Class::Throttling);
    assert_eq!(full.class(), Class::Throttling);
    assert_eq!(
        (full.previous(), full.max_delay(), full.elapsed()),
        (Some(previous), cap, Some(elapsed))
    );
}
