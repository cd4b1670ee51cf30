//! `backoff = { exponential = "100ms", factor = 1.5 }`.

use crate::mistake::MistakeKind;
use crate::table::Table;
use crate::words::{BACKOFF, CURVES};
use persevere_core::backoff::{Curve, Decorrelated, Exponential, Fibonacci, Fixed, Linear, Schedule};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Reads the curve that a setting holds.
pub(crate) fn read(table: &mut Table<'_>, name: &'static str) -> Option<Curve> {
    let mut table = table.table(name, &BACKOFF)?;
    if !CURVES.iter().any(|curve| table.has(curve)) {
        table.incomplete("one of `fixed`, `linear`, `exponential`, `fibonacci`, `decorrelated` and `schedule`, as in `{ exponential = \"100ms\" }`");
        return None;
    }
    table.needs("factor", &["exponential", "decorrelated"]);
    table.needs("first_fixed", &["decorrelated"]);
    table.needs("repeat_last", &["schedule"]);
    // All values are read, so that each mistake is found.
    let fixed = table.duration("fixed").map(|delay| Fixed::new(delay).into());
    let linear = table.duration("linear").map(|step| Linear::new(step).into());
    let fibonacci = table.duration("fibonacci").map(|base| Fibonacci::new(base).into());
    let exponential = exponential(&mut table).map(Curve::from);
    let decorrelated = decorrelated(&mut table).map(Curve::from);
    let schedule = schedule(&mut table).map(Curve::from);
    fixed
        .or(linear)
        .or(fibonacci)
        .or(exponential)
        .or(decorrelated)
        .or(schedule)
}

fn exponential(table: &mut Table<'_>) -> Option<Exponential> {
    let curve = Exponential::new(table.duration("exponential")?);
    if !table.has("factor") {
        return Some(curve);
    }
    let factor = table.f64("factor")?;
    table.accepted("factor", curve.try_factor(factor), MistakeKind::Policy)
}

fn decorrelated(table: &mut Table<'_>) -> Option<Decorrelated> {
    let mut curve = Decorrelated::new(table.duration("decorrelated")?);
    if table.has("factor") {
        curve = curve.factor(table.u32("factor")?);
    }
    if table.bool("first_fixed") == Some(true) {
        curve = curve.first_fixed();
    }
    Some(curve)
}

fn schedule(table: &mut Table<'_>) -> Option<Schedule<&'static [Duration]>> {
    let delays = table.durations("schedule")?;
    let schedule = Schedule::try_new(kept(delays));
    let schedule = table.accepted("schedule", schedule, MistakeKind::Policy)?;
    match table.bool("repeat_last") {
        Some(true) => Some(schedule.repeat_last()),
        _ => Some(schedule),
    }
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
