//! The figures beside the ceilings.

use super::ceilings::{CEILINGS, Ceiling, DIFFERENCES, Difference, MOST_OVERHEAD, PER_SLEEP};
use super::counted::{Counted, is_ours};

/// The names of all cases that a ceiling names.
pub(crate) fn named() -> impl Iterator<Item = &'static str> {
    let ratios = CEILINGS.iter().flat_map(|ceiling| [ceiling.case, ceiling.beside]);
    ratios.chain(
        DIFFERENCES
            .iter()
            .flat_map(|difference| [difference.case, difference.beside]),
    )
}

/// Prints the figures that are held to something, and returns those that have passed it, in words. A case that is named and
/// was not counted has passed.
pub(crate) fn missed(counted: &Counted) -> Vec<String> {
    let mut missed = Vec::new();
    let mut hold = |line: String, holds: bool| {
        println!("{line}");
        if !holds {
            missed.push(line);
        }
    };
    let instructions = |name: &str| counted.get(name).map_or(f64::NAN, |counts| counts.instructions);
    for Ceiling { case, beside, at_most } in &CEILINGS {
        let ratio = instructions(case) / instructions(beside);
        hold(
            format!("{case} costs {ratio:.2} x {beside}; held to at most {at_most}"),
            ratio <= *at_most,
        );
    }
    for Difference { case, beside, at_most } in &DIFFERENCES {
        let difference = instructions(case) - instructions(beside);
        hold(
            format!("{case} costs {difference:.0} instructions more than {beside}; held to at most {at_most}"),
            difference <= *at_most,
        );
    }
    let overhead = counted.overhead;
    hold(
        format!("futures are up to {overhead} bytes larger than the operation's; held to {MOST_OVERHEAD}"),
        overhead <= MOST_OVERHEAD,
    );
    for (name, counts) in counted.all().filter(|(name, _)| is_held(name)) {
        let (allocations, most) = (counts.allocations, most_allocations(name));
        if allocations > most {
            missed.push(format!("{name} allocates {allocations} times a run; held to {most}"));
        }
    }
    missed
}

/// Whether a case is of this repository.
fn is_held(name: &str) -> bool {
    name.split_once('/').is_some_and(|(_, contestant)| is_ours(contestant))
}

/// The most allocations of a case: none, but for the sleeps behind `dyn`.
fn most_allocations(name: &str) -> f64 {
    let sleeps = match name.rsplit('/').next() {
        Some("plain" | "jitter") => 3.0,
        Some("exhausted") => 4.0,
        _ => 0.0,
    };
    if name.contains("/dyn/") {
        sleeps * PER_SLEEP
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe::Counts;
    use super::*;

    /// Every case that is named, and these, each with its instructions and allocations.
    fn counted(others: &[(&str, f64, f64)]) -> Counted {
        let counts = |instructions, allocations| Counts {
            instructions,
            allocations,
            ..Counts::default()
        };
        let mut counted = Counted::default();
        for (name, instructions, allocations) in others {
            counted.add(name, counts(*instructions, *allocations));
        }
        for name in named() {
            if counted.get(name).is_none() {
                // backon's ceiling is below 1.
                counted.add(name, counts(if name.contains("backon") { 200.0 } else { 100.0 }, 0.0));
            }
        }
        counted.overhead = MOST_OVERHEAD;
        counted
    }

    #[test]
    fn what_costs_more_than_its_ceiling_is_found() {
        assert_eq!(missed(&counted(&[])), [""; 0]);
        assert_eq!(missed(&counted(&[("sync/persevere/plain", 131.0, 0.0)])).len(), 1);
        let permit = |instructions| counted(&[("breaker/persevere/permit/consecutive", instructions, 0.0)]);
        assert_eq!(missed(&permit(130.0)), [""; 0]);
        assert_eq!(missed(&permit(131.0)).len(), 1);
        let mut larger = counted(&[]);
        larger.overhead += 1;
        assert_eq!(missed(&larger).len(), 1);
    }

    #[test]
    fn what_was_not_counted_is_missed() {
        assert_eq!(missed(&Counted::default()).len(), CEILINGS.len() + DIFFERENCES.len());
    }

    #[test]
    fn an_allocation_is_missed_but_for_a_sleep_behind_dyn() {
        for (name, allocations) in [
            ("sync/persevere/plain", 1.0),
            ("async/attribute/jitter", 1.0),
            ("async/persevere/dyn/success", 1.0),
            ("async/persevere/dyn/jitter", 4.0),
        ] {
            assert_eq!(missed(&counted(&[(name, 100.0, allocations)])).len(), 1, "{name}");
        }
        assert_eq!(missed(&counted(&[("async/persevere/dyn/jitter", 100.0, 3.0)])), [""; 0]);
        assert_eq!(missed(&counted(&[("async/tokio-retry2/success", 100.0, 3.0)])), [""; 0]);
    }
}
