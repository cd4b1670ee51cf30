//! The machine and the parser of durations beside their models, on any bytes.

use persevere::{Machine, Policy, Step, Verdict};
use persevere_tests::compare::{duration, machine};
use persevere_tests::strategy::cases;
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

proptest! {
    #![proptest_config(cases(4_000))]

    /// The machine answers nothing that its model rules out, for any rules and any script.
    #[test]
    fn machine_agrees_with_its_model(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        machine::check(&bytes);
    }

    /// The parser accepts the same texts as the model, with the same values.
    #[test]
    fn parser_of_durations_agrees_with_its_model(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        duration::check(&bytes);
    }
}

/// A curve that has ended has no delay to replace a hint that the bound reduces to zero.
#[test]
fn rejection_without_hint_and_curve_ends_the_run() {
    machine::check(&[
        173, 42, 0, 1, 72, 32, 4, 146, 78, 238, 0, 0, 0, 0, 73, 56, 35, 0, 0, 0, 56, 74, 0, 0, 41, 0, 0, 0, 50, 119, 0,
        12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 45, 1, 1, 0,
    ]);
}

/// L9: a rejection without a time waits as the curve says, from the last delay of the curve, and moves nothing.
#[test]
fn rejection_without_a_time_waits_as_long_as_the_curve() {
    let policy = Policy::decorrelated(SECOND)
        .retry_rejected(true)
        .max_attempts(9)
        .draw_bits(u64::MAX);
    let mut machine = Machine::start(Duration::ZERO);
    let rejected = |machine: &mut Machine| machine.rejected(&policy, Some(Duration::ZERO), Duration::ZERO);
    let failed = |machine: &mut Machine| machine.step(&policy, Verdict::Retry, Duration::ZERO);
    assert_eq!(
        rejected(&mut machine),
        Step::Wait(3 * SECOND),
        "as after a first failure"
    );
    assert_eq!(failed(&mut machine), Step::Wait(3 * SECOND));
    assert_eq!(rejected(&mut machine), Step::Wait(3 * SECOND));
    assert_eq!(failed(&mut machine), Step::Wait(9 * SECOND));
    assert_eq!(rejected(&mut machine), Step::Wait(27 * SECOND));
    assert_eq!(rejected(&mut machine), Step::Wait(27 * SECOND));
    assert_eq!(
        failed(&mut machine),
        Step::Wait(27 * SECOND),
        "the rejections moved no curve"
    );
}
