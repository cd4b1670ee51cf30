//! One observable instrument for each metric.

use opentelemetry::KeyValue;
use opentelemetry::metrics::Meter;
use persevere_telemetry::{Kind, METRICS, Metric, Sample, Sources, Value};

/// Registers an observable instrument for each metric of `sources`. They are read for as long as the meter's provider lives;
/// call it once for each provider.
pub fn register(meter: &Meter, sources: &'static Sources) {
    for metric in METRICS {
        match metric.kind {
            Kind::Counter => {
                let counter = meter.u64_observable_counter(metric.name).with_unit(metric.unit);
                counter
                    .with_description(metric.description)
                    .with_callback(move |instrument| {
                        read(sources, metric, |sample| {
                            if let Value::Count(count) = sample.value {
                                instrument.observe(count, &attributes(sample));
                            }
                        });
                    })
                    .build();
            }
            Kind::Sum => {
                let counter = meter.f64_observable_counter(metric.name).with_unit(metric.unit);
                counter
                    .with_description(metric.description)
                    .with_callback(move |instrument| {
                        read(sources, metric, |sample| {
                            instrument.observe(sample.value.as_f64(), &attributes(sample));
                        });
                    })
                    .build();
            }
            _ => {
                let gauge = meter.f64_observable_gauge(metric.name).with_unit(metric.unit);
                gauge
                    .with_description(metric.description)
                    .with_callback(move |instrument| {
                        read(sources, metric, |sample| {
                            instrument.observe(sample.value.as_f64(), &attributes(sample));
                        });
                    })
                    .build();
            }
        }
    }
}

/// The samples of one metric.
fn read(sources: &Sources, metric: &Metric, mut each: impl FnMut(&Sample<'_>)) {
    sources.collect(|sample| {
        if sample.metric == metric {
            each(sample);
        }
    });
}

fn attributes(sample: &Sample<'_>) -> Vec<KeyValue> {
    let labels = sample.labels.iter();
    labels
        .map(|(label, value)| KeyValue::new(*label, (*value).to_owned()))
        .collect()
}
