//! The tests of a sleeper.

/// Makes a module for each line `name: on(arguments);`, with a test for each rule that holds for async sleepers.
///
/// A test calls the function `on` with the arguments and, as the last one, the rule: an async function of the sleeper.
#[macro_export]
macro_rules! mount {
    ($($name:ident: $on:ident($($argument:expr),+);)+) => {$(
        mod $name {
            use super::*;

            /// S1
            #[test]
            fn sleeps_at_least_as_asked() {
                $on($($argument),+, $crate::sleeps_at_least_as_asked);
            }

            /// S2
            #[test]
            fn tells_monotonic_time() {
                $on($($argument),+, $crate::tells_monotonic_time);
            }

            /// S3
            #[test]
            fn drops_without_a_trace() {
                $on($($argument),+, $crate::drops_without_a_trace);
                $on($($argument),+, $crate::drops_unpolled_without_a_trace);
            }

            /// S4
            #[test]
            fn bears_extreme_delays() {
                $on($($argument),+, $crate::bears_extreme_delays);
            }

            /// S5
            #[test]
            fn overlaps_in_one_task() {
                $on($($argument),+, $crate::overlaps_in_one_task);
            }
        }
    )+};
}
