//! `[limit.NAME]`: a limit that runs wait for, or that rejects their attempts.

use crate::mistake::{Mistake, MistakeKind};
use crate::table::{Table, joined};
use crate::tree::Entry;
use crate::words::{AIMD, GRADIENT2, LIMIT, PAUSE};
use persevere_limit::{AdaptiveLimit, Aimd, Bulkhead, Gradient2, InvalidLimit, Pause};
use std::time::Duration;

/// The settings of a limit; `None` means the default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LimitSettings {
    Bulkhead(u32),
    Pause {
        at_most: Option<Duration>,
        first_within: Option<Duration>,
    },
    Gradient2 {
        algorithm: Gradient2,
        window: Option<Duration>,
    },
    Aimd {
        algorithm: Aimd,
        window: Option<Duration>,
    },
}

/// Reads a limit; `None` if there is a mistake.
pub(crate) fn read(entry: &Entry, mistakes: &mut Vec<Mistake>) -> Option<LimitSettings> {
    let path = joined("limit", &entry.name);
    let before = mistakes.len();
    let mut table = Table::read(&path, "kind of limit", "[limit.billing]", &entry.tree, &LIMIT, mistakes);
    let settings = [bulkhead, pause, gradient2, aimd].map(|read| read(&mut table));
    let settings = settings.into_iter().flatten().next();
    if settings.is_none() && !LIMIT.iter().any(|(kind, _)| table.has(kind)) {
        table.incomplete("its kind, as in `bulkhead = 10` or `pause = {}`");
    }
    settings.filter(|_| mistakes.len() == before)
}

fn bulkhead(table: &mut Table<'_>) -> Option<LimitSettings> {
    let calls = table.u32("bulkhead")?;
    table.accepted("bulkhead", Bulkhead::try_new(calls), MistakeKind::InvalidLimit)?;
    Some(LimitSettings::Bulkhead(calls))
}

fn pause(table: &mut Table<'_>) -> Option<LimitSettings> {
    let mut table = table.table("pause", &PAUSE)?;
    let (at_most, first_within) = (table.duration("at_most"), table.duration("first_within"));
    if let Some(longest) = at_most {
        table.accepted("at_most", Pause::new().try_at_most(longest), MistakeKind::InvalidLimit);
    }
    if let Some(longest) = first_within {
        table.accepted(
            "first_within",
            Pause::new().try_first_within(longest),
            MistakeKind::InvalidLimit,
        );
    }
    Some(LimitSettings::Pause { at_most, first_within })
}

fn gradient2(table: &mut Table<'_>) -> Option<LimitSettings> {
    let mut table = table.table("gradient2", &GRADIENT2)?;
    let mut algorithm = Gradient2::new();
    if let Some(tolerance) = table.f64("tolerance") {
        let accepted = table.accepted(
            "tolerance",
            algorithm.try_tolerance(tolerance),
            MistakeKind::InvalidLimit,
        );
        algorithm = accepted.unwrap_or(algorithm);
    }
    // The default bounds, which the table of `Gradient2` documents.
    let accepted = bounds(&mut table, (1, 200), |lowest, highest| {
        algorithm.try_bounds(lowest, highest)
    });
    algorithm = accepted.unwrap_or(algorithm);
    let window = window(&mut table);
    Some(LimitSettings::Gradient2 { algorithm, window })
}

fn aimd(table: &mut Table<'_>) -> Option<LimitSettings> {
    let mut table = table.table("aimd", &AIMD)?;
    let mut algorithm = Aimd::new();
    if let Some(slowest) = table.duration("slowest") {
        let accepted = table.accepted("slowest", algorithm.try_slowest(slowest), MistakeKind::InvalidLimit);
        algorithm = accepted.unwrap_or(algorithm);
    }
    let accepted = bounds(&mut table, (20, 200), |lowest, highest| {
        algorithm.try_bounds(lowest, highest)
    });
    algorithm = accepted.unwrap_or(algorithm);
    let window = window(&mut table);
    Some(LimitSettings::Aimd { algorithm, window })
}

/// The bounds of an algorithm, each checked by itself first, so that the mistake is at its place.
fn bounds<T>(
    table: &mut Table<'_>,
    defaults: (u32, u32),
    set: impl Fn(u32, u32) -> Result<T, InvalidLimit>,
) -> Option<T> {
    const HIGHEST: u32 = 1_000_000;
    let (lowest, highest) = (table.u32("lowest"), table.u32("highest"));
    let last = match (lowest, highest) {
        (None, None) => return None,
        (_, Some(_)) => "highest",
        (Some(_), None) => "lowest",
    };
    if let Some(lowest) = lowest {
        table.accepted("lowest", set(lowest, HIGHEST), MistakeKind::InvalidLimit)?;
    }
    if let Some(highest) = highest {
        table.accepted("highest", set(1, highest), MistakeKind::InvalidLimit)?;
    }
    let (lowest, highest) = (lowest.unwrap_or(defaults.0), highest.unwrap_or(defaults.1));
    table.accepted(last, set(lowest, highest), MistakeKind::InvalidLimit)
}

/// How long response times are averaged.
fn window(table: &mut Table<'_>) -> Option<Duration> {
    let window = table.duration("window")?;
    let limit = AdaptiveLimit::new(Aimd::new());
    table.accepted("window", limit.try_window(window), MistakeKind::InvalidLimit)?;
    Some(window)
}
