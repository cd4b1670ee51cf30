//! One `static` policy, unchanged, on a thread and four async runtimes, against a server that misbehaves.
//!
//! Prints the result of each run. Exits with failure if any run breaks a promise.

use persevere::backoff::Exponential;
use persevere::classify::ByError;
use persevere::{AsyncStdSleeper, FuturesTimerSleeper, Policy, SmolSleeper, StopReason, ThreadSleeper, TokioSleeper};
use persevere_examples::{Call, Outcome, Reply, Report, Runner, Scenario, Server, fetch, table};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

static TRANSIENT: Policy<Exponential, ByError> = Policy::exponential(Duration::from_millis(20))
    .max_delay(Duration::from_millis(200))
    .max_hint(Duration::from_secs(2))
    .max_attempts(4)
    .attempt_timeout(Duration::from_millis(500))
    .classify(ByError);

fn on_thread(call: &Call) -> Outcome {
    TRANSIENT
        .on(ThreadSleeper)
        .timeout(call.deadline)
        .observe(call)
        .run_blocking_with(|attempt| fetch::on_thread(call.server, &call.path, attempt.timeout()))
}

fn on_tokio(call: &Call) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a tokio runtime").block_on(
        TRANSIENT
            .on(TokioSleeper)
            .timeout(call.deadline)
            .observe(call)
            .run(|| fetch::on_tokio(call.server, &call.path)),
    )
}

fn on_async_std(call: &Call) -> Outcome {
    async_std::task::block_on(
        TRANSIENT
            .on(AsyncStdSleeper)
            .timeout(call.deadline)
            .observe(call)
            .run(|| fetch::on_async_std(call.server, &call.path)),
    )
}

fn on_smol(call: &Call) -> Outcome {
    smol::block_on(
        TRANSIENT
            .on(SmolSleeper)
            .timeout(call.deadline)
            .observe(call)
            .run(|| fetch::on_smol(call.server, &call.path)),
    )
}

/// Runs on an executor that only polls, since the timer wakes the task itself.
fn on_futures_timer(call: &Call) -> Outcome {
    smol::future::block_on(
        TRANSIENT
            .on(FuturesTimerSleeper)
            .timeout(call.deadline)
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

/// The server's replies, and the range of each wait between two attempts in milliseconds.
const SCENARIOS: [Scenario; 9] = [
    // Succeeds at once.
    Scenario::succeeds("steady", &[PAGE], &[]),
    // Two resets and a truncated page. Delays grow from 20 ms; full jitter draws any part of each.
    Scenario::succeeds(
        "flaky",
        &[RESET, Reply::Cut("page", 2), RESET, PAGE],
        &[(0, 20), (0, 40), (0, 80)],
    ),
    // `Retry-After: 1` is obeyed, spread by at most a tenth. The 429 has no hint, so the policy computes the second wait.
    Scenario::succeeds(
        "busy",
        &[Reply::StatusAfter(503, 1), Reply::Status(429), PAGE],
        &[(1000, 1100), (0, 40)],
    ),
    // No reply: the first attempt times out, and the next one succeeds.
    Scenario::succeeds("slow", &[LATE, PAGE], &[(0, 20)]),
    // All attempts of the policy, and no wait after the last.
    Scenario::fails(
        "down",
        &[Reply::Status(503)],
        &[(0, 20), (0, 40), (0, 80)],
        StopReason::Attempts,
    ),
    // A 404 is not retryable.
    Scenario::fails("missing", &[Reply::Status(404)], &[], StopReason::Permanent),
    // The first attempt times out after 500 ms; the time limit of the run ends the second.
    Scenario::fails("stuck", &[LATE], &[(0, 20)], StopReason::Elapsed).deadline(Duration::from_millis(800)),
    // The wait of the hint would end past the run's time limit, so it is not begun.
    Scenario::fails("late-hint", &[Reply::StatusAfter(503, 2)], &[], StopReason::Elapsed)
        .deadline(Duration::from_secs(1)),
    // The hint exceeds `max_hint`.
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
    println!("\n{} concurrent runs in {:.1?}.", rows.len(), start.elapsed());
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
