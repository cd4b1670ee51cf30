//! Every driver makes the same requests and reports to its breaker and its budget, as a caller's own loop does.

use crate::series::{ASYNC, BLOCKING, own_loop, series};
use persevere::StopReason;
use persevere_tests::strategy::{cases, few_millis};
use proptest::prelude::*;
use std::time::Duration;

proptest! {
    #![proptest_config(cases(1_000))]

    /// For any policy, script, breaker and budget, each run of a series has the same calls at the same times, the same
    /// end, the same transitions and the same tokens.
    #[test]
    fn every_driver_does_the_same(mut series in series()) {
        series.plan.attempt_timeout = None;
        let own = series.trace(own_loop);
        for (name, driver) in BLOCKING.into_iter().chain(ASYNC) {
            let mut trace = series.trace(driver);
            trace.events.clear();
            prop_assert_eq!(&trace, &own, "{}", name);
        }
    }

    /// With a timeout for attempts the async drivers do the same among themselves, events and all.
    #[test]
    fn every_async_driver_does_the_same(mut series in series(), timeout in few_millis()) {
        series.plan.attempt_timeout = Some(timeout.max(Duration::from_millis(1)));
        let one = series.trace(ASYNC[0].1);
        for (name, driver) in &ASYNC[1..] {
            prop_assert_eq!(&series.trace(*driver), &one, "{}", name);
        }
    }
}

/// The property above is about something: breakers trip, reject and are waited for, and budgets run out.
#[test]
fn series_meet_every_end() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut rejected, mut spent, mut late, mut waited_out) = (0, 0, 0, 0);
    for _ in 0..500 {
        let mut series = series().new_tree(&mut runner).unwrap().current();
        series.plan.attempt_timeout = None;
        let trace = series.trace(BLOCKING[0].1);
        for (result, _) in &trace.results {
            match result {
                Err((StopReason::Rejected, 0, _)) => rejected += 1,
                Err((StopReason::Rejected, _, _)) => late += 1,
                Err((StopReason::Budget, _, _)) => spent += 1,
                _ => {}
            }
        }
        let entries = trace.events.windows(2);
        waited_out += entries
            .filter(|pair| {
                use persevere_testkit::Entry::{Rejected, Waiting};
                matches!(pair, [Rejected { .. }, Waiting { .. }])
            })
            .count();
    }
    assert!(
        rejected > 50 && late > 50 && spent > 20 && waited_out > 50,
        "{rejected} {late} {spent} {waited_out}"
    );
}
