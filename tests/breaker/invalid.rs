//! Numbers that no breaker may have are refused when it is built.

use persevere_breaker::{
    Builder, CircuitBreaker, ConsecutiveFailures, InvalidBreaker, LastCalls, MAX_PROBES, TimeSlices,
};
use std::panic::{UnwindSafe, catch_unwind};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// What no rate may be.
const RATES: [f64; 5] = [0.0, -0.5, 1.000_001, f64::INFINITY, f64::NEG_INFINITY];

fn builder() -> Builder {
    CircuitBreaker::consecutive_failures(1)
}

#[test]
fn failures() {
    assert_eq!(ConsecutiveFailures::try_new(0), Err(InvalidBreaker::Failures));
    for failures in [1, u32::MAX] {
        assert!(ConsecutiveFailures::try_new(failures).is_ok(), "{failures}");
    }
}

#[test]
fn rates() {
    for rate in RATES {
        assert_eq!(LastCalls::<2>::try_new(10, rate, 1), Err(InvalidBreaker::Rate(rate)));
        assert_eq!(
            TimeSlices::<4>::try_new(SECOND, rate, 1),
            Err(InvalidBreaker::Rate(rate))
        );
    }
    assert!(LastCalls::<2>::try_new(10, f64::NAN, 1).is_err());
    for rate in [f64::MIN_POSITIVE, 0.5, 1.0] {
        assert!(LastCalls::<2>::try_new(10, rate, 1).is_ok(), "{rate}");
        assert!(TimeSlices::<4>::try_new(SECOND, rate, 1).is_ok(), "{rate}");
    }
}

#[test]
fn minimums() {
    for minimum in [0, 11] {
        assert_eq!(LastCalls::<2>::try_new(10, 0.5, minimum), Err(InvalidBreaker::Minimum));
    }
    assert!(LastCalls::<2>::try_new(10, 0.5, 10).is_ok());
    assert_eq!(TimeSlices::<4>::try_new(SECOND, 0.5, 0), Err(InvalidBreaker::Minimum));
    assert!(TimeSlices::<4>::try_new(SECOND, 0.5, u32::MAX).is_ok());
}

#[test]
fn windows() {
    for size in [0, 65, u32::MAX] {
        assert_eq!(LastCalls::<2>::try_new(size, 0.5, 1), Err(InvalidBreaker::Window));
    }
    for size in [1, 64] {
        assert!(LastCalls::<2>::try_new(size, 0.5, 1).is_ok(), "{size}");
    }
    // So that twice the size fits 32 bits.
    for capacity in [LastCalls::<{ 1 << 20 }>::CAPACITY, LastCalls::<{ 1 << 21 }>::CAPACITY] {
        assert_eq!(capacity, 1 << 25);
    }
    for slice in [Duration::ZERO, Duration::from_nanos(999_999)] {
        assert_eq!(TimeSlices::<4>::try_new(slice, 0.5, 1), Err(InvalidBreaker::Window));
    }
    assert_eq!(TimeSlices::<0>::try_new(SECOND, 0.5, 1), Err(InvalidBreaker::Window));
    assert_eq!(
        TimeSlices::<65_537>::try_new(SECOND, 0.5, 1),
        Err(InvalidBreaker::Window)
    );
    for slice in [Duration::from_millis(1), Duration::MAX] {
        assert!(TimeSlices::<65_536>::try_new(slice, 0.5, 1).is_ok(), "{slice:?}");
    }
}

#[test]
fn probes() {
    let most = u8::try_from(MAX_PROBES).unwrap();
    for probes in [0, most + 1, u8::MAX] {
        assert_eq!(builder().try_max_probes(probes).unwrap_err(), InvalidBreaker::Probes);
    }
    for probes in [1, most] {
        assert!(builder().try_max_probes(probes).is_ok(), "{probes}");
    }
}

#[test]
fn successes() {
    for successes in [0, 100_001, u32::MAX] {
        let refused = builder().try_successes_to_close(successes).unwrap_err();
        assert_eq!(refused, InvalidBreaker::Successes);
    }
    for successes in [1, 100_000] {
        assert!(builder().try_successes_to_close(successes).is_ok(), "{successes}");
    }
}

/// What the panic says of a number that is refused.
fn message<T>(build: impl FnOnce() -> T + UnwindSafe) -> String {
    let payload = catch_unwind(build).err().expect("it is refused");
    (*payload.downcast_ref::<&str>().expect("a panic with a text")).to_owned()
}

/// The plain forms panic with a text that says what is allowed.
#[test]
fn plain_forms_panic() {
    let plain = [
        (message(|| ConsecutiveFailures::new(0)), "at least 1 failure"),
        (message(|| builder().max_probes(0)), "the probes must be within"),
        (message(|| builder().successes_to_close(0)), "within 1..=100000"),
        (message(|| LastCalls::<2>::new(10, 0.0, 1)), "above 0.0, at most 1.0"),
        (
            message(|| LastCalls::<2>::new(10, 0.5, 0)),
            "the minimum must be within 1..=size",
        ),
        (message(|| LastCalls::<2>::new(65, 0.5, 1)), "the window must be within"),
        (
            message(|| TimeSlices::<4>::new(SECOND, 2.0, 1)),
            "above 0.0, at most 1.0",
        ),
        (
            message(|| TimeSlices::<4>::new(SECOND, 0.5, 0)),
            "the minimum must be at least 1",
        ),
        (
            message(|| TimeSlices::<4>::new(Duration::ZERO, 0.5, 1)),
            "each must take a millisecond",
        ),
    ];
    for (said, allowed) in plain {
        assert!(said.starts_with("invalid circuit breaker: "), "{said}");
        assert!(said.contains(allowed), "{said}");
    }
}
