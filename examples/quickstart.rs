//! One `static` policy, unchanged, on a thread and four async runtimes, against a server that misbehaves.
//!
//! Prints what happened in each run and exits with failure if any is not as promised.

use persevere::backoff::Exponential;
use persevere::classify::{ByError, OnError};
use persevere::{AsyncStdSleeper, FuturesTimerSleeper, Policy, SmolSleeper, StopReason, ThreadSleeper, TokioSleeper};
use persevere_examples::{Call, Outcome, Reply, Report, Runner, Scenario, Server, fetch, table};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

static TRANSIENT: Policy<Exponential, OnError<ByError>> = Policy::exponential(Duration::from_millis(20))
    .max_delay(Duration::from_millis(200))
    .max_hint(Duration::from_secs(2))
    .max_attempts(4)
    .attempt_timeout(Duration::from_millis(500))
    .classify(ByError);

fn on_thread(call: &Call) -> Outcome {
    TRANSIENT
        .on(ThreadSleeper)
        .deadline(call.deadline)
        .observe(call)
        .run_blocking_with(|attempt| fetch::on_thread(call.server, &call.path, attempt.timeout()))
}

fn on_tokio(call: &Call) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(
        TRANSIENT
            .on(TokioSleeper)
            .deadline(call.deadline)
            .observe(call)
            .run(|| fetch::on_tokio(call.server, &call.path)),
    )
}

fn on_async_std(call: &Call) -> Outcome {
    async_std::task::block_on(
        TRANSIENT
            .on(AsyncStdSleeper)
            .deadline(call.deadline)
            .observe(call)
            .run(|| fetch::on_async_std(call.server, &call.path)),
    )
}

fn on_smol(call: &Call) -> Outcome {
    smol::block_on(
        TRANSIENT
            .on(SmolSleeper)
            .deadline(call.deadline)
            .observe(call)
            .run(|| fetch::on_smol(call.server, &call.path)),
    )
}

/// On an executor that does nothing but poll: the timer needs no help from it.
fn on_futures_timer(call: &Call) -> Outcome {
    smol::future::block_on(
        TRANSIENT
            .on(FuturesTimerSleeper)
            .deadline(call.deadline)
            .observe(call)
            .run(|| fetch::on_smol(call.server, &call.path)),
    )
}

const SLEEPERS: [(&str, Runner); 5] = [
    ("thread", on_thread),
    ("tokio", on_tokio),
    ("async-std", on_async_std),
    ("smol", on_smol),
    ("futures-timer", on_futures_timer),
];

const PAGE: Reply = Reply::Page("page");
const RESET: Reply = Reply::Reset;
const LATE: Reply = Reply::Late(Duration::from_secs(5), "too late");
const HOUR: u64 = 3600;

/// What the server does, and how long each wait between two attempts may be, in milliseconds.
const SCENARIOS: [Scenario; 9] = [
    // At once.
    Scenario::succeeds("steady", &[PAGE], &[]),
    // Two resets and a page cut short. The waits grow from 20 ms; full jitter takes any part of each.
    Scenario::succeeds(
        "flaky",
        &[RESET, Reply::Cut("page", 2), RESET, PAGE],
        &[(0, 20), (0, 40), (0, 80)],
    ),
    // `Retry-After: 1` is obeyed to the letter. The 429 brings no hint, so the policy computes the second wait.
    Scenario::succeeds(
        "busy",
        &[Reply::StatusAfter(503, 1), Reply::Status(429), PAGE],
        &[(1000, 1000), (0, 40)],
    ),
    // No reply: the attempt is cut off by its timeout, and the next one succeeds.
    Scenario::succeeds("slow", &[LATE, PAGE], &[(0, 20)]),
    // As many attempts as the policy allows, and no wait after the last.
    Scenario::fails(
        "down",
        &[Reply::Status(503)],
        &[(0, 20), (0, 40), (0, 80)],
        StopReason::Attempts,
    ),
    // Trying again does not help against a 404.
    Scenario::fails("missing", &[Reply::Status(404)], &[], StopReason::Permanent),
    // The first attempt is cut off after 500 ms, the second by the deadline.
    Scenario::fails("stuck", &[LATE], &[(0, 20)], StopReason::Elapsed).deadline(Duration::from_millis(800)),
    // Waiting as long as the hint asks would end past the deadline, so it is not begun.
    Scenario::fails("late-hint", &[Reply::StatusAfter(503, 2)], &[], StopReason::Elapsed)
        .deadline(Duration::from_secs(1)),
    // The hint is longer than `max_hint`.
    Scenario::fails("long-hint", &[Reply::StatusAfter(503, HOUR)], &[], StopReason::Hint),
];

fn main() -> ExitCode {
    let server = Server::start(SCENARIOS.iter().map(Scenario::script)).expect("a free port on loopback");
    let start = Instant::now();
    let mut reports: Vec<Report> = thread::scope(|scope| {
        let run_all = |(name, on)| SCENARIOS.map(|scenario| scenario.run(&server, name, on));
        let sleepers = SLEEPERS.map(|sleeper| scope.spawn(move || run_all(sleeper)));
        sleepers
            .into_iter()
            .flat_map(|sleeper| sleeper.join().expect("a sleeper's thread"))
            .collect()
    });
    let order = |report: &Report| SCENARIOS.iter().position(|scenario| scenario.name() == report.scenario);
    reports.sort_by_key(order);

    let rows: Vec<_> = reports.iter().map(Report::row).collect();
    print!("{}", table::aligned(Report::HEAD, &rows));
    println!("\n{} runs side by side in {:.1?}.", rows.len(), start.elapsed());
    let broken: Vec<_> = reports.iter().filter(|report| !report.broken.is_empty()).collect();
    for report in &broken {
        eprintln!(
            "{} on {}: {}",
            report.scenario,
            report.sleeper,
            report.broken.join("; ")
        );
    }
    if broken.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
