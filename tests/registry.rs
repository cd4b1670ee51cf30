//! Statistics by name, and how they are written: as a line, as a table, by serde.

use persevere::observe::{Stats, StatsSnapshot};
use persevere::{Event, Observer, Policy, RegistrySnapshot, StatsRegistry};
use persevere_testkit::VirtualTime;
use persevere_tests::strategy::cases;
use proptest::prelude::*;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Makes a run that fails the given number of times, and then succeeds if there is an attempt left.
fn run(observer: impl Observer<&'static str>, failures: u32) {
    let policy = Policy::fixed(Duration::from_millis(250));
    let run = policy.on(VirtualTime::new()).observe(observer);
    let _ = run.run_blocking_with(|attempt| {
        if attempt.number() <= failures {
            Err("no")
        } else {
            Ok(())
        }
    });
}

/// Any statistics of runs, under any names.
fn registry() -> impl Strategy<Value = StatsRegistry> {
    let name = prop_oneof!["[a-z.]{0,12}", any::<String>()];
    prop::collection::vec((name, prop::collection::vec(0u32..5, 0..9)), 0..6).prop_map(|names| {
        let registry = StatsRegistry::new();
        for (name, runs) in names {
            let stats = registry.stats(&name);
            runs.into_iter().for_each(|failures| run(&stats, failures));
        }
        registry
    })
}

proptest! {
    #![proptest_config(cases(300))]

    /// Serde reads what it has written.
    #[test]
    fn serde_goes_there_and_back(registry in registry()) {
        let snapshot = registry.snapshot();
        let written = serde_json::to_string(&snapshot).unwrap();
        prop_assert_eq!(&serde_json::from_str::<RegistrySnapshot>(&written).unwrap(), &snapshot);
        for (name, stats) in snapshot.iter() {
            let written = serde_json::to_string(stats).unwrap();
            prop_assert_eq!(&serde_json::from_str::<StatsSnapshot>(&written).unwrap(), stats);
            prop_assert_eq!(snapshot.get(name), Some(stats));
        }
    }

    /// The lines of a table are a head and one per name, in order, and as long as each other.
    #[test]
    fn tables_are_aligned(registry in registry()) {
        let snapshot = registry.snapshot();
        let table = snapshot.to_string();
        let lines: Vec<&str> = table.split('\n').collect();
        prop_assert_eq!(lines.len(), 1 + snapshot.iter().count());
        prop_assert!(snapshot.iter().map(|(name, _)| name).is_sorted());
        for (line, (name, stats)) in lines[1..].iter().zip(snapshot.iter()) {
            prop_assert_eq!(line.chars().count(), lines[0].chars().count());
            prop_assert!(!line.contains(char::is_control));
            prop_assert!(name.contains(char::is_control) || line.starts_with(name));
            let numbers: Vec<&str> = line.split_whitespace().rev().collect();
            prop_assert_eq!(numbers[if stats.ended() == 0 { 2 } else { 3 }], stats.failures.to_string());
        }
    }

    /// The difference of two snapshots has the runs between them, also for a new name.
    #[test]
    fn snapshots_are_subtracted_by_name(registry in registry(), new in "[a-z]{1,3}") {
        let before = registry.snapshot();
        let earlier = before.get(&new).copied().unwrap_or_default();
        run(registry.stats(&new), 1);
        let since = registry.snapshot().since(&before);
        for (name, stats) in since.iter() {
            let runs = u64::from(name == new);
            prop_assert_eq!((stats.started, stats.attempts, stats.failures), (runs, 2 * runs, runs));
        }
        prop_assert_eq!(since.get(&new), Some(&registry.stats(&new).snapshot().since(&earlier)));
    }
}

/// A registry has one `Stats` per name, made at first use.
#[test]
fn name_has_one() {
    static OWN: StatsRegistry = StatsRegistry::new();
    let [one, again, other] = ["one", "one", "other"].map(|name| OWN.stats(name));
    assert!(Arc::ptr_eq(&one, &again) && !Arc::ptr_eq(&one, &other));
    assert!(!Arc::ptr_eq(&one, &StatsRegistry::global().stats("one")));
    assert!(Arc::ptr_eq(
        &StatsRegistry::global().stats("one"),
        &StatsRegistry::global().stats("one")
    ));
    run(&one, 0);
    drop((one, again));
    assert_eq!(
        OWN.stats("one").snapshot().started,
        1,
        "the registry keeps what nobody else does"
    );
    assert_eq!(OWN.snapshot().get("neither"), None);
    assert_eq!(OWN.snapshot().iter().count(), 2, "to look is not to make");
    assert!(format!("{OWN:?}").starts_with("StatsRegistry({\"one\": StatsSnapshot { started: 1,"));
}

/// O3: statistics with a name are in the registry from their first use on, and count together with statistics of the
/// same name.
#[test]
fn named_statistics_register_themselves() {
    static ONE: Stats = Stats::named("registry.named");
    static SAME: Stats = Stats::named("registry.named");
    static UNUSED: Stats = Stats::named("registry.unused");
    thread::scope(|scope| {
        for stats in [&ONE, &SAME, &ONE, &SAME] {
            scope.spawn(move || run(stats, 1));
        }
    });
    let snapshot = StatsRegistry::global().snapshot();
    let counted = snapshot.get("registry.named").expect("it was used");
    assert_eq!((counted.started, counted.retries), (4, 4));
    assert_eq!((&ONE.snapshot(), &SAME.snapshot()), (counted, counted));
    assert_eq!(snapshot.get("registry.unused"), None);
    assert_eq!(UNUSED.snapshot(), StatsSnapshot::default());
    assert!(StatsRegistry::global().snapshot().get("registry.unused").is_some());
}

/// Threads that use the same names get the same statistics, and lose nothing.
#[test]
fn threads_share_by_name() {
    const THREADS: u64 = 8;
    let registry = StatsRegistry::default();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for number in 0..500 {
                    run(registry.stats(&format!("name {}", number % 10)), number % 4);
                    assert!(registry.snapshot().iter().count() <= 10);
                }
            });
        }
    });
    let snapshot = registry.snapshot();
    assert_eq!(snapshot.iter().count(), 10);
    assert!(
        snapshot
            .iter()
            .all(|(_, stats)| (stats.started, stats.unfinished()) == (THREADS * 50, 0))
    );
}

/// The text of lines and tables.
#[test]
fn lines_and_tables_are_read_at_a_glance() {
    let registry = StatsRegistry::new();
    assert!(registry.snapshot().to_string().starts_with("name  started  succeeded"));
    for failures in [0, 0, 0, 1, 2, 3] {
        run(registry.stats("billing.charge"), failures);
    }
    let charge = registry.stats("billing.charge");
    let permanent = Policy::default().retry_if(|_: &&str| false);
    let _ = permanent
        .on(VirtualTime::new())
        .observe(&charge)
        .run_blocking(|| Err::<(), _>("no"));
    // The statistics receive only the first event of this run.
    let _ = Policy::default()
        .on(VirtualTime::new())
        .on_event(|event| {
            if let Event::Started { .. } = event {
                charge.on_event(event);
            }
        })
        .run_blocking(|| Ok::<_, ()>(()));
    assert_eq!(
        charge.snapshot().to_string(),
        "8 started, 5 succeeded (2 after a retry), 2 gave up (Permanent 1, Attempts 1), 1 unfinished; \
         12 attempts, 5 retries, 7 failures; waited 1.2s; 71.4 % success"
    );
    assert_eq!(
        Stats::new().snapshot().to_string(),
        "0 started, 0 succeeded (0 after a retry), 0 gave up, 0 unfinished; \
         0 attempts, 0 retries, 0 failures; waited 0.0ns"
    );
    run(registry.stats("a\tb\nc"), 0);
    let _ = registry.stats("ärger");
    assert_eq!(
        registry.snapshot().to_string(),
        "\
name            started  succeeded  after retry  gave up  unfinished  attempts  retries  failures  waited  success
a\u{fffd}b\u{fffd}c                 1          1            0        0           0         1        0         0   0.0ns  100.0 %
billing.charge        8          5            2        2           1        12        5         7    1.2s   71.4 %
ärger                 0          0            0        0           0         0        0         0   0.0ns        -"
    );
}

/// Serde writes maps of names. A missing number is zero, so that the output of an older version can be read.
#[test]
fn serde_writes_maps_of_names() {
    let registry = StatsRegistry::new();
    run(registry.stats("fetch"), 1);
    assert_eq!(
        serde_json::to_value(registry.snapshot()).unwrap(),
        serde_json::json!({"fetch": {
            "started": 1,
            "attempts": 2,
            "retries": 1,
            "failures": 1,
            "successes": 1,
            "successes_after_retry": 1,
            "by_retries": [0, 1, 0, 0, 0, 0],
            "rejections": 0,
            "paced": 0,
            "gave_up": {
                "permanent": 0, "attempts": 0, "elapsed": 0, "attempt_timed_out": 0,
                "hint": 0, "budget": 0, "rejected": 0, "cancelled": 0,
            },
            "waited": {"secs": 0, "nanos": 250_000_000},
        }})
    );
    let read: StatsSnapshot = serde_json::from_str(r#"{"started": 3, "gave_up": {"hint": 1}}"#).unwrap();
    assert_eq!((read.started, read.gave_up.hint, read.unfinished()), (3, 1, 2));
    // Numbers that no `Stats` can reach are read as they are, and nothing overflows.
    let read: StatsSnapshot = serde_json::from_str(
        r#"{"successes": 18446744073709551615, "successes_after_retry": 1, "gave_up": {"hint": 18446744073709551615}}"#,
    )
    .unwrap();
    assert_eq!(
        (read.ended(), read.unfinished(), read.success_rate()),
        (u64::MAX, 0, Some(1.0))
    );
}
