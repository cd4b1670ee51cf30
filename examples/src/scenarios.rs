//! Nine scenarios of a server that misbehaves, and their check on any sleepers.

use crate::call::Runner;
use crate::report::Report;
use crate::scenario::Scenario;
use crate::server::{Reply, Server};
use crate::table;
use persevere::StopReason;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

const PAGE: Reply = Reply::Page("page");
const RESET: Reply = Reply::Reset;
const LATE: Reply = Reply::Late(Duration::from_secs(5), "too late");
const HOUR: u64 = 3600;

/// The server's replies, and the range of each wait between two attempts in milliseconds.
pub const SCENARIOS: [Scenario; 9] = [
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

/// Runs all scenarios on each sleeper at once, prints a table, and fails if a run breaks a promise.
#[must_use]
pub fn run(sleepers: &[(&'static str, Runner)]) -> ExitCode {
    let server = Server::start(SCENARIOS.iter().map(Scenario::script)).expect("a free port on loopback");
    let start = Instant::now();
    let mut reports: Vec<Report> = thread::scope(|scope| {
        let server = &server;
        let runs = sleepers
            .iter()
            .flat_map(|&(name, on)| SCENARIOS.map(|scenario| (name, on, scenario)));
        let runs: Vec<_> = runs
            .map(|(name, on, scenario)| scope.spawn(move || scenario.run(server, name, on)))
            .collect();
        runs.into_iter()
            .map(|run| run.join().expect("a run's thread"))
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
