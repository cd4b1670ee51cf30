//! Invalid settings are rejected when a breaker is built.

use persevere_breaker::{
    Builder, CircuitBreaker, ConsecutiveFailures, InvalidBreaker, LastCalls, MAX_PROBES, TimeSlices,
};
use std::panic::{UnwindSafe, catch_unwind};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

/// Two words, for 64 calls.
type Calls = LastCalls<2>;

fn builder() -> Builder {
    CircuitBreaker::consecutive_failures(1)
}

#[test]
fn failures_of_zero_are_invalid() {
    assert_eq!(ConsecutiveFailures::try_new(0), Err(InvalidBreaker::Failures));
    for failures in [1, u32::MAX] {
        assert!(ConsecutiveFailures::try_new(failures).is_ok(), "{failures}");
    }
}

#[test]
fn rate_outside_of_zero_to_one_is_invalid() {
    let (calls, slices) = (LastCalls::of(10), TimeSlices::over(SECOND));
    for rate in [0.0, -0.5, 1.000_001, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(calls.try_rate(rate), Err(InvalidBreaker::Rate(rate)));
        assert_eq!(slices.try_rate(rate), Err(InvalidBreaker::Rate(rate)));
    }
    assert!(calls.try_rate(f64::NAN).is_err() && slices.try_rate(f64::NAN).is_err());
    for rate in [f64::MIN_POSITIVE, 0.5, 1.0] {
        assert!(calls.try_rate(rate).is_ok() && slices.try_rate(rate).is_ok(), "{rate}");
    }
}

#[test]
fn minimum_of_zero_or_above_window_is_invalid() {
    for minimum in [0, 11] {
        let invalid = LastCalls::of(10).try_minimum(minimum);
        assert_eq!(invalid, Err(InvalidBreaker::Minimum));
    }
    assert!(LastCalls::of(10).try_minimum(10).is_ok());
    let slices = TimeSlices::over(SECOND);
    assert_eq!(slices.try_minimum(0), Err(InvalidBreaker::Minimum));
    assert!(slices.try_minimum(u32::MAX).is_ok());
}

/// A minimum of 20 calls does not fit a window of 19.
#[test]
fn default_minimum_is_at_most_the_window() {
    for (size, minimum) in [(1, 1), (19, 19), (20, 20), (128, 20)] {
        assert_eq!(LastCalls::of(size), LastCalls::of(size).minimum(minimum));
    }
    assert_eq!(TimeSlices::over(SECOND), TimeSlices::over(SECOND).minimum(20));
}

#[test]
fn window_that_is_empty_or_does_not_fit_is_invalid() {
    for size in [0, 65, u32::MAX] {
        assert_eq!(Calls::try_with_words(size), Err(InvalidBreaker::Window));
    }
    for size in [1, 64] {
        assert!(Calls::try_with_words(size).is_ok(), "{size}");
    }
    assert!(LastCalls::try_of(128).is_ok());
    assert_eq!(LastCalls::try_of(129), Err(InvalidBreaker::Window));
    // Twice the size fits 32 bits.
    for capacity in [LastCalls::<{ 1 << 20 }>::CAPACITY, LastCalls::<{ 1 << 21 }>::CAPACITY] {
        assert_eq!(capacity, 1 << 25);
    }
}

#[test]
fn slices_that_are_missing_or_too_short_are_invalid() {
    for period in [Duration::ZERO, 10 * MILLISECOND - Duration::from_nanos(1)] {
        assert_eq!(TimeSlices::try_over(period), Err(InvalidBreaker::Window));
    }
    assert!(TimeSlices::try_over(10 * MILLISECOND).is_ok());
    let none = TimeSlices::<0>::try_with_slices(SECOND);
    assert_eq!(none.err(), Some(InvalidBreaker::Window));
    let too_many = TimeSlices::<65_537>::try_with_slices(Duration::MAX);
    assert_eq!(too_many.err(), Some(InvalidBreaker::Window));
    for period in [65_536 * MILLISECOND, Duration::MAX] {
        assert!(TimeSlices::<65_536>::try_with_slices(period).is_ok(), "{period:?}");
    }
}

#[test]
fn probes_outside_of_one_to_max_are_invalid() {
    for probes in [0, MAX_PROBES + 1, u32::MAX] {
        assert_eq!(builder().try_max_probes(probes).unwrap_err(), InvalidBreaker::Probes);
    }
    for probes in [1, MAX_PROBES] {
        assert!(builder().try_max_probes(probes).is_ok(), "{probes}");
    }
}

#[test]
fn successes_out_of_range_are_invalid() {
    for successes in [0, 1_001, u32::MAX] {
        let invalid = builder().try_successes_to_close(successes).unwrap_err();
        assert_eq!(invalid, InvalidBreaker::Successes);
    }
    for successes in [1, 1_000] {
        assert!(builder().try_successes_to_close(successes).is_ok(), "{successes}");
    }
}

#[test]
fn failures_to_reopen_out_of_range_are_invalid() {
    for failures in [0, 101, u32::MAX] {
        let invalid = builder().try_failures_to_reopen(failures).unwrap_err();
        assert_eq!(invalid, InvalidBreaker::ProbeFailures);
    }
    for failures in [1, 100] {
        assert!(builder().try_failures_to_reopen(failures).is_ok(), "{failures}");
    }
}

/// K15: a breaker that is never open, probes without a lease, calls that are all slow.
#[test]
fn times_of_zero_are_invalid() {
    let least = Duration::from_nanos(1);
    let invalid = |result: Result<Builder, InvalidBreaker>| result.err();
    let zero = Duration::ZERO;
    assert_eq!(invalid(builder().try_open_for(zero)), Some(InvalidBreaker::OpenTime));
    assert_eq!(
        invalid(builder().try_max_open_for(zero)),
        Some(InvalidBreaker::OpenTime)
    );
    assert_eq!(invalid(builder().try_probe_lease(zero)), Some(InvalidBreaker::Lease));
    assert_eq!(invalid(builder().try_slow_after(zero)), Some(InvalidBreaker::SlowAfter));
    let within = ConsecutiveFailures::new(1).try_within(zero);
    assert_eq!(within, Err(InvalidBreaker::Within));
    assert!(builder().try_open_for(least).is_ok() && builder().try_max_open_for(least).is_ok());
    assert!(builder().try_probe_lease(least).is_ok() && builder().try_slow_after(least).is_ok());
}

/// The message of the panic.
fn message<T>(build: impl FnOnce() -> T + UnwindSafe) -> String {
    let payload = catch_unwind(build).err().expect("it panics");
    (*payload.downcast_ref::<&str>().expect("a panic with a text")).to_owned()
}

#[test]
fn plain_form_panics_with_the_allowed_range() {
    let plain = [
        (message(|| ConsecutiveFailures::new(0)), "failures must be at least 1"),
        (message(|| builder().max_probes(0)), "max_probes must be within 1..=8"),
        (message(|| builder().successes_to_close(0)), "within 1..=1000"),
        (message(|| builder().failures_to_reopen(0)), "within 1..=100"),
        (
            message(|| builder().open_for(Duration::ZERO)),
            "open time must be above zero",
        ),
        (
            message(|| builder().max_open_for(Duration::ZERO)),
            "open time must be above zero",
        ),
        (
            message(|| builder().probe_lease(Duration::ZERO)),
            "probe_lease must be above zero",
        ),
        (
            message(|| builder().slow_after(Duration::ZERO)),
            "slow_after must be above zero",
        ),
        (
            message(|| builder().within(Duration::ZERO)),
            "within must be above zero",
        ),
        (message(|| LastCalls::of(10).rate(0.0)), "above 0.0 and at most 1.0"),
        (
            message(|| CircuitBreaker::failure_rate(0.0)),
            "above 0.0 and at most 1.0",
        ),
        (
            message(|| LastCalls::of(10).minimum(0)),
            "at most the calls of the window",
        ),
        (message(|| LastCalls::of(129)), "at most 32 per word"),
        (
            message(|| TimeSlices::over(SECOND).rate(2.0)),
            "above 0.0 and at most 1.0",
        ),
        (message(|| TimeSlices::over(SECOND).minimum(0)), "must be at least 1"),
        (message(|| TimeSlices::over(Duration::ZERO)), "slices of at least 1 ms"),
    ];
    for (said, allowed) in plain {
        assert!(said.starts_with("invalid circuit breaker: "), "{said}");
        assert!(said.contains(allowed), "{said}");
    }
}

/// The names of the numbers, in a `let` without a type.
#[test]
fn windows_infer_their_size() {
    let by_calls = CircuitBreaker::tripped_by(LastCalls::of(100).rate(0.5).minimum(20)).build();
    let by_time = CircuitBreaker::tripped_by(TimeSlices::over(SECOND).rate(0.5).minimum(20)).build();
    let named = CircuitBreaker::failure_rate(0.5)
        .over_calls(100)
        .minimum_calls(20)
        .build();
    for now in [Duration::ZERO, SECOND] {
        assert_eq!(by_calls.state(now), by_time.state(now));
        assert_eq!(named.state(now), by_time.state(now));
    }
}
