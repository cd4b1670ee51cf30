//! Writes metrics to the recorder.

use metrics::{Label, Unit, counter, describe_counter, describe_gauge, gauge};
use persevere_telemetry::{Kind, METRICS, Sources, Value};

/// Describes the metrics to the recorder, and returns the [`Metrics`] that collect from [`Sources::global`]. Call it
/// after the recorder is installed: before, no recorder receives the descriptions.
#[must_use = "the metrics are written by `collect`"]
pub fn register() -> Metrics {
    let metrics = Metrics::of(Sources::global());
    metrics.describe();
    metrics
}

/// Writes the numbers of its sources to the recorder of the `metrics` crate; made by [`register`]. It is cheap to copy.
#[derive(Debug, Clone, Copy)]
pub struct Metrics {
    sources: &'static Sources,
}

impl Metrics {
    /// Collects from these sources.
    #[must_use]
    pub const fn of(sources: &'static Sources) -> Metrics {
        Metrics { sources }
    }

    /// Returns the sources, to which breakers and budgets are added.
    #[must_use]
    pub const fn sources(&self) -> &'static Sources {
        self.sources
    }

    /// Describes the metrics to the current recorder.
    pub fn describe(&self) {
        for metric in METRICS {
            let unit = if metric.unit == "s" { Unit::Seconds } else { Unit::Count };
            match metric.kind {
                Kind::Counter => describe_counter!(metric.name, unit, metric.description),
                _ => describe_gauge!(metric.name, unit, metric.description),
            }
        }
    }

    /// Writes the numbers, as they are now, to the current recorder: before each scrape.
    pub fn collect(&self) {
        self.sources.collect(|sample| {
            let labels = sample.labels.iter();
            let labels: Vec<Label> = labels
                .map(|(label, value)| Label::new(*label, (*value).to_owned()))
                .collect();
            match sample.value {
                Value::Count(count) => counter!(sample.metric.name, labels).absolute(count),
                value => gauge!(sample.metric.name, labels).set(value.as_f64()),
            }
        });
    }
}
