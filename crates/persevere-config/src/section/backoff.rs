//! `backoff = { exponential = "100ms", factor = 1.5 }`.

use crate::mistake::MistakeKind;
use crate::table::Table;
use crate::words::{BACKOFF, CURVES};
use persevere_core::Policy;
use persevere_core::backoff::{Curve, Decorrelated, Schedule};
use persevere_core::classify::AnyError;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Reads the curve that a setting holds, as the policy that the constructor of the curve makes.
pub(crate) fn read(table: &mut Table<'_>, name: &'static str) -> Option<Policy<Curve>> {
    let mut table = table.table(name, &BACKOFF)?;
    if !CURVES.iter().any(|curve| table.has(curve)) {
        table.incomplete(
            "one of `fixed`, `linear`, `exponential`, `fibonacci`, `decorrelated` and `schedule`, as in `{ exponential = \"100ms\" }`",
        );
        return None;
    }
    table.needs("factor", &["exponential", "decorrelated"]);
    table.needs("first_fixed", &["decorrelated"]);
    table.needs("repeat_last", &["schedule"]);
    // All values are read, so that each mistake is found.
    let fixed = table.duration("fixed").map(|delay| of(Policy::fixed(delay)));
    let linear = table.duration("linear").map(|step| of(Policy::linear(step)));
    let fibonacci = table.duration("fibonacci").map(|base| of(Policy::fibonacci(base)));
    let exponential = exponential(&mut table);
    let decorrelated = decorrelated(&mut table);
    let schedule = schedule(&mut table);
    fixed
        .or(linear)
        .or(fibonacci)
        .or(exponential)
        .or(decorrelated)
        .or(schedule)
}

/// The policy, with its curve as a [`Curve`].
pub(crate) fn of<B: Into<Curve> + Copy>(policy: Policy<B>) -> Policy<Curve> {
    Policy::from_parts((*policy.backoff()).into(), AnyError, *policy.limits())
}

fn exponential(table: &mut Table<'_>) -> Option<Policy<Curve>> {
    let policy = Policy::exponential(table.duration("exponential")?);
    if !table.has("factor") {
        return Some(of(policy));
    }
    let factor = table.f64("factor")?;
    table
        .accepted("factor", policy.try_factor(factor), MistakeKind::InvalidPolicy)
        .map(of)
}

fn decorrelated(table: &mut Table<'_>) -> Option<Policy<Curve>> {
    let mut curve = Decorrelated::new(table.duration("decorrelated")?);
    if table.has("factor") {
        curve = curve.factor(table.u32("factor")?);
    }
    if table.bool("first_fixed") == Some(true) {
        curve = curve.first_fixed();
    }
    Some(of(Policy::new(curve)))
}

fn schedule(table: &mut Table<'_>) -> Option<Policy<Curve>> {
    let delays = kept(table.durations("schedule")?);
    let schedule = table.accepted("schedule", Schedule::try_new(delays), MistakeKind::InvalidPolicy)?;
    Some(match table.bool("repeat_last") {
        Some(true) => of(Policy::new(schedule.repeat_last())),
        _ => of(Policy::schedule(delays)),
    })
}

/// Keeps a list for as long as the program runs, so that a policy can be `Copy`. Equal lists are kept once.
fn kept(delays: Vec<Duration>) -> &'static [Duration] {
    static KEPT: Mutex<BTreeSet<&'static [Duration]>> = Mutex::new(BTreeSet::new());
    let mut all = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.get(delays.as_slice()) {
        return known;
    }
    let delays: &'static [Duration] = delays.leak();
    all.insert(delays);
    delays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_schedules_are_kept_once() {
        let delays = || vec![Duration::from_millis(17), Duration::from_millis(19)];
        assert!(std::ptr::eq(kept(delays()), kept(delays())));
        assert_eq!(kept(delays()), delays());
    }
}
