//! A hedge with its histogram.

use crate::section::hedge::HedgeSettings;
use persevere_hedge::{AnyDelay, Hedge, Latency};
use std::sync::Arc;

/// A hedge with the histogram that its quantile is taken from.
#[derive(Clone)]
pub(crate) struct ConfiguredHedge {
    settings: HedgeSettings,
    pub(crate) latency: Arc<Latency>,
}

impl ConfiguredHedge {
    /// Builds a hedge. It keeps the samples of the hedge before if the settings of their histograms are equal.
    pub(crate) fn build(settings: HedgeSettings, before: Option<ConfiguredHedge>) -> ConfiguredHedge {
        let latency = match settings {
            HedgeSettings::At { latency, .. } => match before {
                Some(ConfiguredHedge {
                    settings: HedgeSettings::At { latency: other, .. },
                    latency: kept,
                }) if other == latency => kept,
                _ => Arc::new(latency.build()),
            },
            HedgeSettings::After(_) => Arc::default(),
        };
        ConfiguredHedge { settings, latency }
    }

    pub(crate) fn hedge(&self) -> Hedge<AnyDelay<Arc<Latency>>> {
        match self.settings {
            HedgeSettings::After(delay) => Hedge::after(delay).into(),
            HedgeSettings::At { quantile, floor, .. } => {
                let hedge = Hedge::at(Arc::clone(&self.latency), quantile);
                match floor {
                    Some(floor) => hedge.floor(floor).into(),
                    None => hedge.into(),
                }
            }
        }
    }
}
