//! Breakers that several threads call at once, while everything succeeds: calls per second of all threads together.

use crate::take::take;
use failsafe::failure_policy::{consecutive_failures, success_rate_over_time_window};
use failsafe::{CircuitBreaker as _, Config, backoff::constant};
use persevere::ThreadSleeper;
use persevere_breaker::{CircuitBreaker, LastCalls, TimeSlices, Trip};
use recloser::Recloser;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

const FAILURES: u32 = 5;
const WINDOW: u32 = 100;
const RATE: f64 = 0.5;
const LEAST: u32 = 10;
const OPEN_FOR: Duration = Duration::from_secs(60);

/// Calls per second.
pub(super) fn measure(contestant: &str, threads: usize, milliseconds: u64) -> Option<String> {
    let time = Duration::from_millis(milliseconds);
    let rate = match contestant {
        "bare" => contended(threads, time, operation),
        "atomic add" => {
            let counter = AtomicU64::new(0);
            contended(threads, time, || {
                counter.fetch_add(1, Relaxed);
                operation()
            })
        }
        "mutex" => {
            let counter = Mutex::new(0_u64);
            contended(threads, time, || {
                *counter.lock().expect("no thread panics") += 1;
                operation()
            })
        }
        "hand-written" => {
            let failures = AtomicU32::new(0);
            contended(threads, time, || by_hand(&failures))
        }
        "persevere, consecutive" => ours(threads, time, &CircuitBreaker::consecutive_failures(FAILURES).build()),
        "persevere, last 100" => {
            let trip: LastCalls = LastCalls::of(WINDOW).rate(RATE).minimum(LEAST);
            ours(threads, time, &CircuitBreaker::tripped_by(trip).build())
        }
        "persevere, slices" => {
            let trip: TimeSlices = TimeSlices::over(10 * Duration::from_secs(1)).rate(RATE).minimum(LEAST);
            ours(threads, time, &CircuitBreaker::tripped_by(trip).build())
        }
        "failsafe, consecutive" => {
            let breaker = Config::new()
                .failure_policy(consecutive_failures(FAILURES, constant(OPEN_FOR)))
                .build();
            contended(threads, time, || breaker.call(operation))
        }
        "failsafe, rate" => {
            let policy = success_rate_over_time_window(1.0 - RATE, LEAST, Duration::from_secs(30), constant(OPEN_FOR));
            let breaker = Config::new().failure_policy(policy).build();
            contended(threads, time, || breaker.call(operation))
        }
        "recloser, last 100" => {
            let breaker = Recloser::custom()
                .error_rate(RATE as f32)
                .closed_len(WINDOW as usize)
                .build();
            contended(threads, time, || breaker.call(operation))
        }
        _ => return None,
    };
    Some(rate.to_string())
}

#[inline(never)]
fn operation() -> Result<u32, u32> {
    black_box(Ok(7))
}

/// Consecutive failures on one atomic, which is only read while all calls succeed.
fn by_hand(failures: &AtomicU32) -> Result<u32, Option<u32>> {
    if failures.load(Relaxed) >= FAILURES {
        return Err(None);
    }
    let result = operation();
    if result.is_err() {
        failures.fetch_add(1, Relaxed);
    } else if failures.load(Relaxed) != 0 {
        failures.store(0, Relaxed);
    }
    result.map_err(Some)
}

fn ours<T: Trip<Counts: Sync> + Sync>(threads: usize, time: Duration, breaker: &CircuitBreaker<T>) -> f64 {
    contended(threads, time, || breaker.on(ThreadSleeper).run_blocking(operation))
}

/// Calls from the given number of threads for the given time, and returns the calls per second.
fn contended<R, E>(threads: usize, time: Duration, call: impl Fn() -> Result<R, E> + Sync) -> f64 {
    // Enough calls that reading the flag costs nothing beside them.
    const BETWEEN_LOOKS: u64 = 256;
    let (is_over, start) = (AtomicBool::new(false), Barrier::new(threads + 1));
    let work = || {
        let mut calls = 0_u64;
        start.wait();
        while !is_over.load(Relaxed) {
            for _ in 0..BETWEEN_LOOKS {
                take(call());
            }
            calls += BETWEEN_LOOKS;
        }
        calls
    };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        start.wait();
        let began = Instant::now();
        std::thread::sleep(time);
        is_over.store(true, Relaxed);
        let took = began.elapsed();
        let calls: u64 = workers
            .into_iter()
            .map(|worker| worker.join().expect("no thread panics"))
            .sum();
        calls as f64 / took.as_secs_f64()
    })
}
