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

    /// The parser reads what the model reads.
    #[test]
    fn parser_of_durations_agrees_with_its_model(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
        duration::check(&bytes);
    }
}
