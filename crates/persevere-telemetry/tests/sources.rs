//! The samples that are read, with their names and labels.

use persevere::breaker::{Breakers, CircuitBreaker, SharedBreaker};
use persevere::budget::{Counted, TokenBucket, WindowedRatio};
use persevere::{Policy, Stats, StatsRegistry, ThreadSleeper};
use persevere_telemetry::{Kind, METRICS, ReadFleet, Sample, Sources, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Every sample as `metric{label=value,..}`, with its value.
fn read(sources: &Sources) -> BTreeMap<String, f64> {
    let mut series = BTreeMap::new();
    sources.collect(|sample| {
        let labels: Vec<_> = sample
            .labels
            .iter()
            .map(|(label, value)| format!("{label}={value}"))
            .collect();
        let key = format!("{}{{{}}}", sample.metric.name, labels.join(","));
        let before = series.insert(key.clone(), sample.value.as_f64());
        assert_eq!(before, None, "{key} has two values");
    });
    series
}

fn sources() -> Sources {
    Sources::new(Box::leak(Box::new(StatsRegistry::new())))
}

/// A handle that has lost its server after two requests.
struct Handle;

impl ReadFleet for Handle {
    fn is_shared(&self) -> bool {
        false
    }

    fn faults(&self) -> u64 {
        2
    }
}

/// Sources with something of each kind.
fn busy() -> Sources {
    let registry: &'static StatsRegistry = Box::leak(Box::new(StatsRegistry::new()));
    let stats = registry.stats("billing");
    let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(8);
    for failures in [0, 0, 1, 7, 9] {
        let run = policy.on(ThreadSleeper).observe(&stats);
        let _ = run.run_blocking_with(|attempt| {
            if attempt.number() > failures {
                Ok(())
            } else {
                Err("down")
            }
        });
    }
    let sources = Sources::new(registry);
    let budget = Arc::new(Counted::new(WindowedRatio::new().reserve(3)));
    let run = policy.on(ThreadSleeper).budget(&budget);
    let _ = run.run_blocking(|| Err::<(), _>("down"));
    let breaker: SharedBreaker = CircuitBreaker::consecutive_failures(2).build().shared();
    let run = policy.on(ThreadSleeper).breaker(breaker.clone());
    let _ = run.run_blocking(|| Err::<(), _>("down"));
    sources.breaker("billing", breaker).budget("billing", budget);
    sources.fleet("billing", Arc::new(Handle));
    sources
}

#[test]
fn numbers_are_those_of_the_runs() {
    let series = read(&busy());
    let expected = [
        ("runs{persevere.name=billing,persevere.outcome=success}", 2.0),
        (
            "runs{persevere.name=billing,persevere.outcome=success_after_retry}",
            2.0,
        ),
        (
            "runs{persevere.name=billing,persevere.outcome=failure,error.type=attempts}",
            1.0,
        ),
        (
            "runs{persevere.name=billing,persevere.outcome=failure,error.type=budget}",
            0.0,
        ),
        ("runs_by_retries{persevere.name=billing,persevere.retries=0}", 2.0),
        ("runs_by_retries{persevere.name=billing,persevere.retries=1}", 1.0),
        ("runs_by_retries{persevere.name=billing,persevere.retries=5+}", 2.0),
        ("unfinished_runs{persevere.name=billing}", 0.0),
        ("attempts{persevere.name=billing}", 20.0),
        ("retries{persevere.name=billing}", 15.0),
        ("retry_delay{persevere.name=billing}", 0.015),
        ("breaker.state{persevere.name=billing,persevere.state=open}", 1.0),
        ("breaker.state{persevere.name=billing,persevere.state=closed}", 0.0),
        ("breaker.transitions{persevere.name=billing}", 1.0),
        ("breaker.rejections{persevere.name=billing}", 1.0),
        ("budget.withdrawals{persevere.name=billing}", 3.0),
        ("budget.rejections{persevere.name=billing}", 1.0),
        ("budget.balance{persevere.name=billing}", 0.0),
        ("fleet.shared{persevere.name=billing}", 0.0),
        ("fleet.faults{persevere.name=billing}", 2.0),
    ];
    for (key, value) in expected {
        assert_eq!(
            series.get(&format!("persevere.{key}")),
            Some(&value),
            "{key}: {series:#?}"
        );
    }
}

#[test]
fn every_metric_is_read_with_the_labels_it_declares() {
    let mut seen = BTreeSet::new();
    busy().collect(|sample: &Sample<'_>| {
        seen.insert(sample.metric.name);
        assert_eq!(sample.labels[0], ("persevere.name", "billing"));
        for (label, _) in &sample.labels[1..] {
            assert!(sample.metric.labels.contains(label), "{sample:?}");
        }
        let kind = match sample.value {
            Value::Count(_) => Kind::Counter,
            Value::Sum(_) => Kind::Sum,
            _ => Kind::Gauge,
        };
        assert_eq!(kind, sample.metric.kind, "{sample:?}");
    });
    let names: BTreeSet<_> = METRICS.iter().map(|metric| metric.name).collect();
    assert_eq!(seen, names);
}

#[test]
fn documented_tables_are_complete() {
    for text in [include_str!("../src/lib.rs"), include_str!("../README.md")] {
        let rows = text.lines().map(|line| line.trim_start_matches("//! "));
        let rows: BTreeSet<_> = rows
            .filter(|line| line.starts_with("| `persevere.") && line.contains('{') | line.contains("`s`"))
            .collect();
        let expected: BTreeSet<_> = METRICS
            .iter()
            .map(|metric| {
                let kind = if metric.kind == Kind::Gauge { "gauge" } else { "counter" };
                let labels: Vec<_> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
                let row = format!(
                    "| `{}` | {kind}, `{}` | {} |",
                    metric.name,
                    metric.unit,
                    labels.join(", ")
                );
                row.replace("|  |", "| |")
            })
            .collect();
        assert_eq!(rows, expected.iter().map(String::as_str).collect());
    }
}

#[test]
fn breakers_by_key_are_counted_by_state() {
    let breakers: Breakers<u32> = Breakers::by_key(|_| CircuitBreaker::default().shared());
    for key in 0..5 {
        let breaker = breakers.get(&key);
        if key < 2 {
            breaker.force_open();
        }
    }
    let sources = sources();
    sources.breaker("hosts", breakers);
    let series = read(&sources);
    let state =
        |state: &str| series[&format!("persevere.breaker.state{{persevere.name=hosts,persevere.state={state}}}")];
    assert_eq!((state("closed"), state("forced open")), (3.0, 2.0));
    assert_eq!(
        series.len(),
        5,
        "a breaker that is forgotten would take its counts along"
    );
}

#[test]
fn source_replaces_another_of_its_name() {
    let sources = sources();
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1).build();
    sources.breaker("billing", &BREAKER).breaker("billing", &BREAKER);
    sources
        .budget("billing", TokenBucket::new(7))
        .budget("billing", TokenBucket::new(9));
    let series = read(&sources);
    assert_eq!(series["persevere.budget.balance{persevere.name=billing}"], 9.0);
    assert_eq!(series.len(), 5 + 2 + 1);
}

#[test]
fn statistics_with_a_name_are_read_from_their_first_use_on() {
    static USED: Stats = Stats::named("telemetry.used");
    static SAME: Stats = Stats::named("telemetry.used");
    static UNUSED: Stats = Stats::named("telemetry.unused");
    for stats in [&USED, &SAME] {
        let _ = Policy::default()
            .on(ThreadSleeper)
            .observe(stats)
            .run_blocking(|| Ok::<_, ()>(7));
    }
    let attempts = |name: &str| {
        read(Sources::global())
            .get(&format!("persevere.attempts{{persevere.name={name}}}"))
            .copied()
    };
    assert_eq!(
        (attempts("telemetry.used"), attempts("telemetry.unused")),
        (Some(2.0), None)
    );
    assert_eq!(UNUSED.snapshot().started, 0);
    assert_eq!(attempts("telemetry.unused"), Some(0.0));
}
