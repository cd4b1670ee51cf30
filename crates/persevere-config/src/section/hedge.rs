//! `[hedge.NAME]`: when a second call is made.

use crate::mistake::{Mistake, MistakeKind};
use crate::table::{Table, joined};
use crate::tree::Entry;
use crate::words::HEDGE;
use persevere_hedge::{Latency, Quantile};
use std::time::Duration;

/// The settings of a hedge; `None` means the default.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum HedgeSettings {
    After(Duration),
    At {
        quantile: Quantile,
        floor: Option<Duration>,
        latency: LatencySettings,
    },
}

/// The settings of the histogram that a quantile is taken from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct LatencySettings {
    window: Option<Duration>,
    minimum_samples: Option<u32>,
}

/// Reads a hedge; `None` if there is a mistake.
pub(crate) fn read(entry: &Entry, mistakes: &mut Vec<Mistake>) -> Option<HedgeSettings> {
    let path = joined("hedge", &entry.name);
    let before = mistakes.len();
    let mut table = Table::read(&path, "setting", "[hedge.search]", &entry.tree, &HEDGE, mistakes);
    let table = &mut table;
    for name in ["floor", "window", "minimum_samples"] {
        table.needs(name, &["at"]);
    }
    if !table.has("at") && !table.has("after") {
        table.incomplete("`at = 0.95` or `after = \"20ms\"`");
    }
    let (share, after) = (table.f64("at"), table.duration("after"));
    let (floor, window) = (table.duration("floor"), table.duration("window"));
    if let Some(length) = window {
        table.accepted("window", Latency::new().try_window(length), MistakeKind::InvalidHedge);
    }
    let minimum_samples = table.u32("minimum_samples");
    let quantile = share.and_then(|share| table.accepted("at", Quantile::try_new(share), MistakeKind::InvalidHedge));
    let at = quantile.map(|quantile| HedgeSettings::At {
        quantile,
        floor,
        latency: LatencySettings {
            window,
            minimum_samples,
        },
    });
    at.or(after.map(HedgeSettings::After))
        .filter(|_| mistakes.len() == before)
}

impl LatencySettings {
    /// Invariant: the settings were accepted when they were read.
    pub(crate) fn build(self) -> Latency {
        let mut latency = Latency::new();
        if let Some(length) = self.window {
            latency = latency.window(length);
        }
        if let Some(samples) = self.minimum_samples {
            latency = latency.minimum_samples(samples);
        }
        latency
    }
}
