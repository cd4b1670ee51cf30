//! The events that are logged, with their levels and fields.

use persevere::breaker::CircuitBreaker;
use persevere::observe::Misplaced;
use persevere::tracing::{Kind, Trace};
use persevere::{Attempt, CancelToken, Observer, Policy, ThreadSleeper, TokioSleeper, Verdict, backoff::Fixed};
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const NOT: Duration = Duration::ZERO;

/// Keeps each event as a line: its level, message and fields.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "persevere"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string(), String::new());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0 + &line.1);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Line(String, String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            "message" => self.0 += &format!(" {value:?}"),
            name => self.1 += &format!(" {name}={value:?}"),
        }
    }
}

/// The lines that `run` logs.
fn logged(run: impl FnOnce()) -> Vec<String> {
    let log = Log::default();
    tracing::subscriber::with_default(log.clone(), run);
    let lines = log.0.lock().unwrap();
    lines.clone()
}

fn refused() -> io::Error {
    io::ErrorKind::ConnectionRefused.into()
}

fn policy() -> Policy<Fixed> {
    Policy::fixed(Duration::from_millis(1)).max_attempts(3)
}

#[test]
fn run_that_gives_up_logs_each_retry_and_one_warning() {
    let lines = logged(|| {
        let run = policy().into_run(ThreadSleeper).observe(Trace::named("billing"));
        let _ = run.run_blocking(|| Err::<(), _>(refused()));
    });
    let retry = |attempt| {
        format!(
            "DEBUG billing: attempt {attempt} failed, again in 1.0ms: connection refused persevere.name=\"billing\" \
             persevere.attempt={attempt} persevere.delay=0.001 persevere.failure=\"error\" error=connection refused"
        )
    };
    let gave_up = "WARN billing: gave up after 3 attempts: connection refused persevere.name=\"billing\" \
                   persevere.attempt=3 persevere.waited=0.002 persevere.reason=\"attempts\" \
                   persevere.failure=\"error\" error=connection refused";
    assert_eq!(lines, [retry(1), retry(2), gave_up.to_owned()]);
}

#[tokio::test]
async fn async_run_logs_as_a_blocking_run() {
    let fail_once = |attempt: u32| if attempt == 1 { Err(refused()) } else { Ok(()) };
    let blocking = logged(|| {
        let run = policy().into_run(ThreadSleeper).observe(Trace::new());
        run.run_blocking_with(|attempt| fail_once(attempt.number())).unwrap();
    });
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let run = policy().into_run(TokioSleeper).observe(Trace::new());
    run.run_with(async |attempt: Attempt| fail_once(attempt.number()))
        .await
        .unwrap();
    drop(guard);
    assert_eq!(*log.0.lock().unwrap(), blocking);
    let recovered = "DEBUG succeeded after 2 attempts persevere.attempt=2 persevere.waited=0.001";
    assert_eq!((blocking.len(), blocking[1].as_str()), (2, recovered));
}

#[test]
fn success_at_once_logs_nothing() {
    let lines = logged(|| {
        let run = policy().into_run(ThreadSleeper).observe(Trace::named("billing"));
        run.run_blocking(|| Ok::<_, io::Error>(())).unwrap();
    });
    assert_eq!(lines, [""; 0]);
}

#[test]
fn each_kind_has_the_level_that_was_set() {
    let trace = Trace::new()
        .level(Kind::Attempt, Level::TRACE)
        .level(Kind::Retry, Level::INFO)
        .level(Kind::Recovered, Level::WARN)
        .level(Kind::Succeeded, Level::ERROR)
        .off(Kind::GaveUp);
    let lines = logged(|| {
        for failures in [0, 1, 9] {
            let run = policy().into_run(ThreadSleeper).observe(&trace);
            let _ = run.run_blocking_with(|attempt| {
                if attempt.number() > failures {
                    Ok(())
                } else {
                    Err(refused())
                }
            });
        }
    });
    let levels: Vec<_> = lines.iter().map(|line| line.split(' ').next().unwrap()).collect();
    let expected = "TRACE ERROR TRACE INFO TRACE WARN TRACE INFO TRACE INFO TRACE";
    assert_eq!(levels.join(" "), expected);
}

#[test]
fn error_not_worth_a_retry_and_cancelled_run_are_no_warnings() {
    let token = CancelToken::new();
    token.cancel();
    let lines = logged(|| {
        let run = policy()
            .retry_if(|_: &io::Error| false)
            .into_run(ThreadSleeper)
            .observe(Trace::new());
        let _ = run.run_blocking(|| Err::<(), _>(refused()));
        let run = policy()
            .into_run(ThreadSleeper.cancelled_by(&token))
            .observe(Trace::new());
        let _ = run.run_blocking(|| Err::<(), _>(refused()));
    });
    assert!(
        lines[0].starts_with("DEBUG not retryable after 1 attempt: connection refused"),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with("DEBUG cancelled after 0 attempts persevere.attempt=0"),
        "{lines:?}"
    );
    assert_eq!(lines.len(), 2);
}

#[tokio::test]
async fn failure_without_an_error_is_named() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let slow = policy().attempt_timeout(Duration::from_millis(1)).max_attempts(1);
    let run = slow.into_run(TokioSleeper).observe(Trace::new());
    let _ = run.run(std::future::pending::<Result<(), io::Error>>).await;
    let poll = policy()
        .max_attempts(1)
        .classify_outcome_with(|_: &Result<u16, io::Error>| Verdict::Retry);
    let _ = poll
        .into_run(TokioSleeper)
        .observe(Trace::new())
        .run(async || Ok(202))
        .await;
    drop(guard);
    let lines = log.0.lock().unwrap();
    assert!(
        lines[0].starts_with("WARN the last attempt timed out after 1 attempt persevere.attempt=1"),
        "{lines:?}"
    );
    assert!(lines[0].ends_with("persevere.failure=\"timed_out\""), "{lines:?}");
    assert!(
        lines[1].starts_with("WARN gave up after 1 attempt: the result was not accepted persevere"),
        "{lines:?}"
    );
}

#[test]
fn errors_are_printed_by_debug_or_not_at_all() {
    struct Secret;
    let last = |lines: Vec<String>| lines.last().cloned().unwrap();
    let debug = last(logged(|| {
        let run = policy().into_run(ThreadSleeper).observe(Trace::new().by_debug());
        let _ = run.run_blocking(|| Err::<(), _>(Some("down")));
    }));
    assert!(debug.ends_with("error=Some(\"down\")"), "{debug}");
    let kind = last(logged(|| {
        let run = policy().into_run(ThreadSleeper).observe(Trace::new().by_kind());
        let _ = run.run_blocking(|| Err::<(), _>(Secret));
    }));
    assert!(
        kind.starts_with("WARN gave up after 3 attempts persevere.attempt=3"),
        "{kind}"
    );
    assert!(kind.ends_with("persevere.failure=\"error\""), "{kind}");
}

#[test]
fn breaker_logs_its_transitions() {
    static TRACE: Trace = Trace::named("billing");
    static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(1)
        .open_for(Duration::from_secs(1))
        .on_transition(&|it| TRACE.transition(it))
        .build();
    let lines = logged(|| {
        BREAKER.try_acquire(NOT).unwrap().failed(NOT);
        let later = Duration::from_secs(1);
        BREAKER.try_acquire(later).unwrap().succeeded(later);
        BREAKER.reset();
        BREAKER.force_open();
        BREAKER.force_close();
    });
    let line = |level, text, state| {
        format!("{level} billing: circuit breaker {text} persevere.name=\"billing\" persevere.state=\"{state}\"")
    };
    let expected = [
        line("WARN", "opened", "open"),
        line("INFO", "is half-open", "half-open"),
        line("INFO", "closed", "closed"),
        line("INFO", "was reset", "closed"),
        line("WARN", "forced open", "forced open"),
        line("INFO", "forced closed", "forced closed"),
    ];
    assert_eq!(lines, expected);
}

#[test]
fn rejection_is_logged_once() {
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    breaker.force_open();
    let lines = logged(|| {
        let run = policy().into_run(ThreadSleeper).breaker(&breaker).observe(Trace::new());
        let _ = run.run_blocking(|| Err::<(), _>(refused()));
    });
    assert_eq!(lines.len(), 1);
    assert!(
        lines[0].contains("persevere.reason=\"rejected\" persevere.failure=\"rejected\""),
        "{lines:?}"
    );
}

#[test]
fn outage_logs_one_of_each_kind_per_period() {
    let trace = Trace::named("billing").at_most_every(Duration::from_secs(3600));
    let lines = logged(|| {
        for _ in 0..20 {
            let run = Policy::fixed(NOT).into_run(ThreadSleeper).observe(&trace);
            let _ = run.run_blocking(|| Err::<(), _>(refused()));
        }
    });
    assert_eq!(lines.len(), 2, "one retry and one end: {lines:?}");
}

#[test]
fn table_of_fields_is_complete() {
    let documented = include_str!("../src/lib.rs");
    let mut sources = [include_str!("../src/trace.rs"), include_str!("../src/transition.rs")].concat();
    sources.retain(|letter| letter != ' ');
    let mut fields: Vec<_> = sources
        .match_indices("persevere.")
        .filter_map(|(at, _)| sources[at..].split_once('=').map(|(field, _)| field))
        .filter(|field| field.chars().all(|letter| letter == '.' || letter.is_ascii_lowercase()))
        .collect();
    fields.sort_unstable();
    fields.dedup();
    assert_eq!(fields.len(), 7);
    for field in fields {
        assert!(documented.contains(&format!("//! | `{field}` |")), "{field}");
    }
}

#[test]
fn misplaced_parts_are_a_warning() {
    let mut is_reported = false;
    let lines = logged(|| is_reported = Observer::<u8>::on_misplaced(&Trace::named("billing"), Misplaced::Nested));
    assert!(is_reported);
    assert!(
        lines[0].starts_with("WARN billing: a run that retries began within"),
        "{lines:?}"
    );
    assert!(lines[0].ends_with("persevere.name=\"billing\""), "{lines:?}");
}
