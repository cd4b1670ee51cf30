//! The records of a simulation: one row for each second, and the latencies of all.

use crate::histogram::Histogram;
use core::time::Duration;

/// The record of one second of a simulation.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Second {
    /// Requests that clients began: runs, not attempts.
    pub requests: u32,
    /// Attempts of whichever caller that reached the last service.
    pub attempts: u32,
    /// Requests that succeeded.
    pub succeeded: u32,
    /// Requests that failed.
    pub failed: u32,
    /// Attempts that a breaker or a limit rejected. Each wait for a limit counts as a rejection.
    pub rejected: u32,
    /// Attempts that timed out.
    pub timed_out: u32,
    /// Calls that were served after their client had left.
    pub wasted: u32,
    /// Runs that waited for their next attempt at the end of the second.
    pub waiting: u32,
    /// Calls that waited in queues at the end of the second.
    pub queued: u32,
    /// The share of breakers that were open at the end of the second, a half-open one counting half; `None` without
    /// breakers.
    pub open: Option<f64>,
    /// The mean level of the budgets at the end of the second, in their own unit; `None` without budgets.
    pub budget: Option<f64>,
    /// The median latency of the requests that succeeded; `None` if there were none.
    pub p50: Option<Duration>,
    /// The 99th percentile of the latency of the requests that succeeded; `None` if there were none.
    pub p99: Option<Duration>,
}

/// The records of a simulation while it runs.
#[derive(Debug)]
pub(crate) struct Recording {
    pub(crate) seconds: Vec<Second>,
    pub(crate) now: Second,
    pub(crate) latencies: Histogram,
    of_second: Vec<u64>,
    /// Runs that wait for their next attempt.
    pub(crate) waiting: u32,
}

impl Recording {
    pub(crate) fn new() -> Recording {
        Recording {
            seconds: Vec::new(),
            now: Second::default(),
            latencies: Histogram::new(),
            of_second: Vec::new(),
            waiting: 0,
        }
    }

    #[inline]
    pub(crate) fn succeeded(&mut self, latency: u64) {
        self.now.succeeded += 1;
        self.latencies.add(latency);
        self.of_second.push(latency);
    }

    /// Ends a second.
    pub(crate) fn turn(&mut self, queued: usize, open: Option<f64>, budget: Option<f64>) {
        let latencies = &mut self.of_second;
        let mut quantile = |share: f64| {
            let rank = ((latencies.len() as f64 * share) as usize).min(latencies.len().checked_sub(1)?);
            Some(Duration::from_nanos(*latencies.select_nth_unstable(rank).1))
        };
        let second = Second {
            waiting: self.waiting,
            queued: queued as u32,
            open,
            budget,
            p50: quantile(0.5),
            p99: quantile(0.99),
            ..self.now
        };
        self.seconds.push(second);
        self.now = Second::default();
        self.of_second.clear();
    }
}
