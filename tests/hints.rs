//! Hints: waits that a failed operation or its server requests.

use persevere::backoff::Fixed;
use persevere::classify::ByError;
use persevere::{Jitter, Policy, StopReason, Verdict};
use persevere_testkit::VirtualTime;
use persevere_tests::script::{Call, scripted};
use persevere_tests::strategy::{any_duration, cases, human_duration, jitter};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// The wait of a run that fails once with this hint, or the reason why it stops.
fn wait_for(policy: Policy<Fixed, ByError>, hint: Duration) -> Result<Duration, StopReason> {
    let time = VirtualTime::new();
    let script = scripted(&time, [Call::fails(Verdict::RetryAfter(hint)), Call::succeeds()]);
    match policy.on(&time).run_blocking(|| script.call()) {
        Ok(_) => Ok(time.waits()[0]),
        Err(error) => {
            assert_eq!((error.attempts(), time.waits()), (1, vec![]));
            Err(error.reason())
        }
    }
}

/// The longest hint that is obeyed by default.
const BOUND: Duration = Duration::from_secs(300);

/// Waits exactly for the time of a hint.
fn policy(delay: Duration) -> Policy<Fixed, ByError> {
    Policy::fixed(delay).exact_hints().classify(ByError)
}

/// Any hint that is obeyed by default.
fn hint() -> impl Strategy<Value = Duration> {
    prop_oneof![
        Just(Duration::from_nanos(1)),
        Just(BOUND),
        any_duration().prop_map(|hint| hint.clamp(Duration::from_nanos(1), BOUND)),
    ]
}

proptest! {
    #![proptest_config(cases(512))]

    /// H1: a hint within the bound is waited for as it is, without jitter, whatever the curve.
    #[test]
    fn hint_replaces_the_delay_without_jitter(
        hint in human_duration(), delay in any_duration(), jitter in jitter(), slack in any_duration(),
    ) {
        prop_assume!(!hint.is_zero());
        let policy = policy(delay).jitter(jitter).max_hint(hint.saturating_add(slack));
        prop_assert_eq!(wait_for(policy, hint), Ok(hint));
    }

    /// H1: the bound is five minutes by default, whatever the cap.
    #[test]
    fn five_minutes_bound_hints_by_default(hint in human_duration(), cap in any_duration()) {
        prop_assume!(!hint.is_zero());
        let expected = if hint <= BOUND { Ok(hint) } else { Err(StopReason::Hint) };
        prop_assert_eq!(wait_for(policy(SECOND).max_delay(cap), hint), expected);
    }

    /// H1: a hint spreads upward by at most the ratio, a tenth by default, so that no wait is shorter than its hint.
    #[test]
    fn hint_is_spread_upward(
        hint in hint(), ratio in prop_oneof![Just(0.1), Just(0.0), Just(1.0), 0.0..=1.0f64], seed in any::<u64>(),
    ) {
        let by_default = Policy::fixed(SECOND).seed(seed).classify(ByError);
        for (policy, ratio) in [(by_default, 0.1), (by_default.spread_hints(ratio), ratio)] {
            let wait = wait_for(policy, hint).unwrap();
            prop_assert!(hint <= wait && wait <= hint + hint.mul_f64(ratio) + Duration::from_nanos(1), "{:?}", wait);
        }
    }

    /// H1: a clamped hint spreads downward from the bound, so that no wait is longer than the bound.
    #[test]
    fn clamped_hint_is_spread_downward(bound in hint(), excess in hint(), seed in any::<u64>()) {
        let policy = Policy::fixed(SECOND).max_hint(bound).clamp_hints(true).seed(seed).classify(ByError);
        let wait = wait_for(policy, bound + excess).unwrap();
        prop_assert!(bound - bound / 10 <= wait && wait <= bound, "{:?}", wait);
    }

    /// H1: above the bound the run stops, or the hint is clamped to it if that is set.
    #[test]
    fn above_the_bound_a_hint_stops_or_is_clamped(
        excess in human_duration(), bound in human_duration(), cap in any_duration(), jitter in jitter(),
    ) {
        let [excess, bound] = [excess, bound].map(|duration| duration.max(Duration::from_nanos(1)));
        let hint = bound + excess;
        let policy = policy(SECOND).max_delay(cap).max_hint(bound).jitter(jitter);
        prop_assert_eq!(wait_for(policy, hint), Err(StopReason::Hint));
        prop_assert_eq!(wait_for(policy.clamp_hints(true), hint), Ok(bound));
    }

    /// H1: a policy that waits the longer of hint and delay waits neither less than its hint nor less than its delay.
    #[test]
    fn longer_of_hint_and_delay_is_waited(hint in hint(), delay in human_duration()) {
        let policy = policy(delay).longer_of_hint_and_delay(true);
        prop_assert_eq!(wait_for(policy, hint), Ok(hint.max(delay)));
    }

    /// H1: a bound that leaves nothing of a hint leaves the computed delay, so that the run does not become a hot loop.
    #[test]
    fn bound_of_zero_leaves_the_computed_delay(hint in human_duration(), delay in human_duration()) {
        prop_assert_eq!(wait_for(policy(delay).max_hint(Duration::ZERO).clamp_hints(true), hint), Ok(delay));
    }

    /// H2: a hint of zero means the computed delay.
    #[test]
    fn hint_of_zero_means_the_computed_delay(delay in human_duration(), bound in any_duration()) {
        prop_assert_eq!(wait_for(policy(delay).max_hint(bound), Duration::ZERO), Ok(delay));
    }

    /// L2, H1: a hint that ends at or past the limit of time stops the run at once.
    #[test]
    fn hint_past_the_limit_of_time_stops(hint in hint(), limit in human_duration()) {
        let expected = if hint < limit { Ok(hint) } else { Err(StopReason::Elapsed) };
        prop_assert_eq!(wait_for(policy(SECOND).max_elapsed(limit), hint), expected);
    }
}

/// H1: the curve goes on beneath the hints: after a hint, the next delay is the delay of its attempt.
#[test]
fn curve_goes_on_beneath_hints() {
    let time = VirtualTime::new();
    let script = scripted(
        &time,
        [
            Call::fails(Verdict::Retry),
            Call::fails(Verdict::RetryAfter(SECOND * 9)),
            Call::fails(Verdict::Retry),
            Call::succeeds(),
        ],
    );
    let policy = Policy::linear(SECOND)
        .exact_hints()
        .jitter(Jitter::None)
        .max_attempts(9)
        .classify(ByError);
    policy.on(&time).run_blocking(|| script.call()).unwrap();
    assert_eq!(time.waits(), [SECOND, SECOND * 9, SECOND * 3]);
}

/// H2: "do not retry" is a stop, whatever is left.
#[test]
fn stop_is_a_stop() {
    let time = VirtualTime::new();
    let script = scripted(
        &time,
        [Call::fails(Verdict::RetryAfter(SECOND)), Call::fails(Verdict::Stop)],
    );
    let error = policy(SECOND)
        .max_attempts(9)
        .on(&time)
        .run_blocking(|| script.call())
        .unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), time.waits()),
        (StopReason::Permanent, 2, vec![SECOND])
    );
}

/// H1: with the longest bound any hint is obeyed; attempts and time still bind.
#[test]
fn longest_bound_obeys_any_hint() {
    let year = SECOND * 31_536_000;
    let policy = |delay| policy(delay).max_hint(Duration::MAX);
    assert_eq!(wait_for(policy(SECOND), year), Ok(year));
    assert_eq!(
        wait_for(policy(SECOND).max_elapsed(year), year),
        Err(StopReason::Elapsed)
    );
    assert_eq!(
        wait_for(policy(SECOND).max_attempts(1), year),
        Err(StopReason::Attempts)
    );
}
