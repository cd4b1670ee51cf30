//! Operations that fail at random, by a seed.

use persevere_testkit::{Flaky, VirtualTime};
use persevere_tests::strategy::cases;
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(200))]

    /// The share of failed calls is the rate, within the bounds of chance, and the same calls fail every time.
    #[test]
    fn rate_is_kept(rate in 0.0..=1.0f64, seed in any::<u64>()) {
        let (one, other) = (Flaky::new(rate, seed), Flaky::new(rate, seed));
        for _ in 0..4_000 {
            prop_assert_eq!(one.fails(), other.fails());
        }
        prop_assert_eq!(one.calls(), 4_000);
        // Six standard deviations: once in a billion seeds.
        let bound = 6.0 * (rate * (1.0 - rate) * 4_000.0).sqrt() + 1.0;
        prop_assert!((f64::from(one.failures()) - rate * 4_000.0).abs() <= bound, "{} at {}", one.failures(), rate);
    }

    /// No call fails at rate 0, and all do at 1.
    #[test]
    fn extremes_are_certain(seed in any::<u64>()) {
        let (never, always) = (Flaky::new(0.0, seed), Flaky::new(1.0, seed));
        prop_assert!((0..1_000).all(|_| !never.fails() && always.fails()));
    }

    /// Numbers that are not a rate are rejected.
    #[test]
    fn other_numbers_are_refused(rate in any::<f64>()) {
        let is_rate = (0.0..=1.0).contains(&rate);
        prop_assert_eq!(Flaky::try_new(rate, 1).is_ok(), is_rate);
    }
}

#[test]
fn odd_numbers_are_refused() {
    for rate in [f64::NAN, f64::INFINITY, -f64::INFINITY, -1e-300, 1.0 + f64::EPSILON] {
        let error = Flaky::try_new(rate, 1).unwrap_err();
        assert_eq!(error.rate().to_bits(), rate.to_bits());
        assert!(error.to_string().ends_with(&format!(", not {rate}")), "{error}");
    }
}

#[test]
#[should_panic = "a failure rate must be within 0.0..=1.0"]
fn wrong_rate_panics() {
    let _ = Flaky::new(2.0, 1);
}

/// With another seed other calls fail, and consecutive calls are not alike.
#[test]
fn seeds_differ() {
    let failed = |seed| {
        let flaky = Flaky::new(0.5, seed);
        (0..256).map(|_| flaky.fails()).collect::<Vec<_>>()
    };
    let agree = |one: &[bool], other: &[bool]| one.iter().zip(other).filter(|(one, other)| one == other).count();
    let first = failed(0);
    for seed in 1..50 {
        assert!((70..186).contains(&agree(&first, &failed(seed))), "seed {seed}");
    }
    assert!((70..186).contains(&agree(&first, &first[1..])));
}

/// The operation is called unless the call fails, and its own failures are not counted.
#[test]
fn operation_goes_through() {
    let (never, always) = (Flaky::new(0.0, 1), Flaky::new(1.0, 1));
    assert_eq!(never.call(|| Err::<(), _>("own"), || "other"), Err("own"));
    assert_eq!(
        always.call(|| -> Result<(), _> { panic!("it is called") }, || "other"),
        Err("other")
    );
    let time = VirtualTime::new();
    assert_eq!(time.block_on(never.call_async(async || Ok::<_, ()>(1), || ())), Ok(1));
    assert_eq!(
        time.block_on(always.call_async(async || Ok(1), || "other")),
        Err("other")
    );
    assert_eq!((never.failures(), always.failures()), (0, 2));
}
