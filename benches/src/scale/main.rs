//! Measurements of time, each figure in a process of its own: many runs at once, and breakers under contention.
//!
//! `scale retries CONTESTANT RUNS` prints the seconds that passed, the seconds of CPU, the peak of memory in KiB, and
//! the bytes of a run's future.
//! `scale calls CONTESTANT THREADS MILLISECONDS` prints calls per second.

mod calls;
mod retries;
#[path = "../take.rs"]
mod take;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let measured = match arguments.as_slice() {
        ["retries", contestant, runs] => runs.parse().ok().and_then(|runs| retries::measure(contestant, runs)),
        ["calls", contestant, threads, milliseconds] => threads
            .parse()
            .ok()
            .zip(milliseconds.parse().ok())
            .and_then(|(threads, milliseconds)| calls::measure(contestant, threads, milliseconds)),
        _ => None,
    };
    match measured {
        Some(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        None => {
            eprintln!("scale: no such measurement: {}", arguments.join(" "));
            ExitCode::from(2)
        }
    }
}
