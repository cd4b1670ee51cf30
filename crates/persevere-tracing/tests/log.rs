//! The `log` crate receives the same events, by tracing's feature `log`, where no subscriber is set.

use log::{LevelFilter, Log, Metadata, Record};
use persevere::tracing::Trace;
use persevere::{Policy, ThreadSleeper};
use std::sync::Mutex;
use std::time::Duration;

static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Lines;

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        let line = format!("{} {} {}", record.level(), record.target(), record.args());
        LINES.lock().unwrap().push(line);
    }

    fn flush(&self) {}
}

#[test]
fn events_reach_log_without_a_subscriber() {
    log::set_logger(&Lines).unwrap();
    log::set_max_level(LevelFilter::Debug);
    let run = Policy::fixed(Duration::from_millis(1))
        .max_attempts(2)
        .into_run(ThreadSleeper);
    let _ = run
        .observe(Trace::named("billing"))
        .run_blocking(|| Err::<(), _>("down"));
    let lines = LINES.lock().unwrap();
    assert!(
        lines[0].starts_with("DEBUG persevere billing: attempt 1 failed, again in 1.0ms: down"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("WARN persevere billing: gave up after 2 attempts: down"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2);
}
