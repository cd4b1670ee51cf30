//! [`Fleet`]: many clients whose calls all fail, from the same moment on.

use persevere::backoff::Curve;
use persevere::budget::Budget;
use persevere::config::SharedBudget;
use persevere::{Policy, Step, sleeper};
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::future::ready;
use std::time::Duration;

/// The clients of a page.
pub(crate) const CLIENTS: u32 = 1000;

/// The spans of the time of a fleet.
const SPANS: usize = 60;

/// The calls of clients that fail together at time zero, and whose server stays down. Each client has succeeded once
/// just before, since budgets earn by successes.
///
/// The seed of each client is its number, so that the same choices have the same fleet.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// When each retry was made, in order.
    pub(crate) retries: Vec<Duration>,
    /// The shortest and the longest delay before each retry.
    pub(crate) ranges: Vec<(Duration, Duration)>,
}

impl Fleet {
    /// Runs every client to its end. The budget belongs to all clients.
    pub(crate) fn run(policy: &Policy<Curve>, budget: Option<&SharedBudget>) -> Fleet {
        let clock = Cell::new(Duration::ZERO);
        let sleeper = sleeper::from_fn(|_| ready(()), || clock.get());
        let run = |seed| policy.on(&sleeper).seed(seed).budget(budget).steps::<()>();
        let mut clients: Vec<_> = (0..u64::from(CLIENTS)).map(run).collect();
        let mut fleet = Fleet {
            retries: Vec::new(),
            ranges: Vec::new(),
        };
        for steps in &mut clients {
            if let Some(budget) = budget {
                budget.succeeded(None, Duration::ZERO);
            }
            let _first = steps.begin();
        }
        let mut failures: BinaryHeap<_> = (0..clients.len())
            .map(|client| Reverse((Duration::ZERO, client)))
            .collect();
        while let Some(Reverse((now, client))) = failures.pop() {
            clock.set(now);
            let steps = &mut clients[client];
            if now > Duration::ZERO {
                match steps.begin() {
                    Ok(_) => fleet.retries.push(now),
                    Err(_) => continue,
                }
            }
            if let Some(Step::Wait(delay)) = steps.settle(&Err::<(), ()>(())) {
                fleet.count(steps.attempt() as usize, delay);
                failures.push(Reverse((now.saturating_add(delay), client)));
            }
        }
        fleet
    }

    /// Counts a delay before this attempt.
    fn count(&mut self, attempt: usize, delay: Duration) {
        match self.ranges.get_mut(attempt - 2) {
            Some((shortest, longest)) => {
                *shortest = delay.min(*shortest);
                *longest = delay.max(*longest);
            }
            None => self.ranges.push((delay, delay)),
        }
    }

    /// The calls for each request.
    pub(crate) fn amplification(&self) -> f64 {
        1.0 + self.retries.len() as f64 / f64::from(CLIENTS)
    }

    /// When the last retry was made; zero if there is none.
    pub(crate) fn end(&self) -> Duration {
        self.retries.last().copied().unwrap_or_default()
    }

    /// The retries in each of 60 spans of equal length.
    pub(crate) fn histogram(&self) -> Vec<u32> {
        let mut counts = vec![0; SPANS];
        let length = self.end().as_nanos() / SPANS as u128 + 1;
        for retry in &self.retries {
            counts[(retry.as_nanos() / length) as usize] += 1;
        }
        counts
    }
}
