//! The machine and the parser of durations beside their models, on any bytes.

use persevere_tests::compare::{duration, machine};
use persevere_tests::strategy::cases;
use proptest::prelude::*;

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
