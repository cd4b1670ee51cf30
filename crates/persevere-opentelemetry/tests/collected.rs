//! The series that a reader of OpenTelemetry collects.

use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use persevere::breaker::CircuitBreaker;
use persevere::budget::{Counted, WindowedRatio};
use persevere::{Policy, StatsRegistry, ThreadSleeper};
use persevere_opentelemetry::{Sources, register};
use std::collections::BTreeMap;
use std::time::Duration;

/// `kind unit {labels}` of each series, with its value.
type Series = BTreeMap<String, f64>;

fn collected(provider: &SdkMeterProvider, exporter: &InMemoryMetricExporter) -> Series {
    exporter.reset();
    provider.force_flush().unwrap();
    let mut series = Series::new();
    for resource in exporter.get_finished_metrics().unwrap() {
        for metric in resource.scope_metrics().flat_map(|scope| scope.metrics()) {
            let mut put = |kind: &str, labels: Vec<String>, value: f64| {
                let key = format!("{} {kind} {} {}", metric.name(), metric.unit(), labels.join(","));
                series.insert(key.trim_end().to_owned(), value);
            };
            match metric.data() {
                AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                    assert!(sum.is_monotonic());
                    sum.data_points()
                        .for_each(|point| put("counter", labels(point.attributes()), point.value() as f64));
                }
                AggregatedMetrics::F64(MetricData::Sum(sum)) => {
                    assert!(sum.is_monotonic());
                    sum.data_points()
                        .for_each(|point| put("counter", labels(point.attributes()), point.value()));
                }
                AggregatedMetrics::F64(MetricData::Gauge(gauge)) => gauge
                    .data_points()
                    .for_each(|point| put("gauge", labels(point.attributes()), point.value())),
                other => panic!("{}: {other:?}", metric.name()),
            }
        }
    }
    series
}

fn labels<'a>(attributes: impl Iterator<Item = &'a opentelemetry::KeyValue>) -> Vec<String> {
    let labels = attributes.filter(|label| label.key.as_str() != "persevere.name");
    let mut labels: Vec<_> = labels.map(|label| format!("{}={}", label.key, label.value)).collect();
    labels.sort();
    labels
}

#[test]
fn reader_collects_the_numbers_as_they_are() {
    let registry: &'static StatsRegistry = Box::leak(Box::new(StatsRegistry::new()));
    let sources: &'static Sources = Box::leak(Box::new(Sources::new(registry)));
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter.clone())
        .build();
    register(&provider.meter("persevere"), sources);

    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(3).build();
    static BUDGET: Counted<WindowedRatio> = Counted::new(WindowedRatio::new().reserve(7));
    sources.breaker("billing", &BREAKER).budget("billing", &BUDGET);
    let stats = registry.stats("billing");
    let policy = Policy::fixed(Duration::from_millis(2)).max_attempts(3);
    let run = || {
        let run = policy
            .on(ThreadSleeper)
            .observe(&stats)
            .breaker(&BREAKER)
            .budget(&BUDGET);
        let _ = run.run_blocking(|| Err::<(), _>("down"));
    };

    run();
    let first = collected(&provider, &exporter);
    let expected = [
        (
            "persevere.runs counter {run} error.type=attempts,persevere.outcome=failure",
            1.0,
        ),
        ("persevere.runs counter {run} persevere.outcome=success", 0.0),
        ("persevere.runs_by_retries counter {run} persevere.retries=2", 1.0),
        ("persevere.attempts counter {attempt}", 3.0),
        ("persevere.retry_delay counter s", 0.004),
        ("persevere.unfinished_runs gauge {run}", 0.0),
        ("persevere.breaker.state gauge {breaker} persevere.state=open", 1.0),
        ("persevere.breaker.transitions counter {transition}", 1.0),
        ("persevere.budget.withdrawals counter {retry}", 2.0),
        ("persevere.budget.balance gauge {retry}", 5.0),
    ];
    for (key, value) in expected {
        assert_eq!(first.get(key), Some(&value), "{key}: {first:#?}");
    }

    run();
    let second = collected(&provider, &exporter);
    assert_eq!(second["persevere.breaker.rejections counter {call}"], 1.0);
    let names: std::collections::BTreeSet<_> = second.keys().map(|key| key.split(' ').next().unwrap()).collect();
    assert_eq!(names.len(), 13, "all metrics are registered: {names:?}");
}
