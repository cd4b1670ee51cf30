//! A simulated server with workers and a queue, behind an adaptive limit: a simulation of discrete events.

use fastrand::Rng;
use persevere::gate::Gate;
use persevere::limit::{AdaptiveLimit, AdaptivePermit, Limit};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::time::Duration;

pub(crate) const MS: u64 = 1_000_000;

/// The server, and its callers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// How many calls the server works on at once: the knee.
    pub(crate) workers: usize,
    /// The mean time of a call without a queue, spread by half.
    pub(crate) service: u64,
    /// How many callers there are. Each calls again at once, or after the time of a call if it is rejected.
    pub(crate) callers: usize,
    /// A response that takes longer is dropped by its caller, though the server works on it all the same.
    pub(crate) patience: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Ask,
    Finished(usize),
}

/// A call with the server.
struct Call<'l, L: Limit> {
    began: u64,
    permit: AdaptivePermit<L, &'l AdaptiveLimit<L>>,
}

pub(crate) struct Simulation<'l, L: Limit> {
    pub(crate) load: Load,
    limit: &'l AdaptiveLimit<L>,
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    sequence: u64,
    now: u64,
    /// The calls with the server, by number, with their permits.
    calls: Vec<Option<Call<'l, L>>>,
    waiting: VecDeque<usize>,
    working: usize,
    idle: usize,
    random: Rng,
    pub(crate) finished: u64,
}

impl<'l, L: Limit> Simulation<'l, L> {
    pub(crate) fn new(load: Load, limit: &'l AdaptiveLimit<L>) -> Self {
        Simulation {
            load,
            limit,
            events: BinaryHeap::new(),
            sequence: 0,
            now: 1_000_000 * MS,
            calls: vec![],
            waiting: VecDeque::new(),
            working: 0,
            idle: load.callers,
            random: Rng::with_seed(7),
            finished: 0,
        }
    }

    fn schedule(&mut self, after: u64, event: Event) {
        self.sequence += 1;
        self.events.push(Reverse((self.now + after, self.sequence, event)));
    }

    fn start_work(&mut self) {
        while self.working < self.load.workers {
            let Some(call) = self.waiting.pop_front() else { return };
            self.working += 1;
            let service = self.load.service;
            let takes = service / 2 + self.random.u64(0..service);
            self.schedule(takes, Event::Finished(call));
        }
    }

    fn ask(&mut self) {
        match self.limit.admit(Duration::from_nanos(self.now)) {
            Ok(permit) => {
                let call = self.calls.iter().position(Option::is_none).unwrap_or_else(|| {
                    self.calls.push(None);
                    self.calls.len() - 1
                });
                self.calls[call] = Some(Call {
                    began: self.now,
                    permit,
                });
                self.waiting.push_back(call);
                self.start_work();
            }
            Err(_) => {
                let after = self.random.u64(self.load.service / 2..self.load.service * 3 / 2);
                self.schedule(after, Event::Ask);
            }
        }
    }

    /// Runs the simulation for the given time.
    pub(crate) fn run_for(&mut self, time: Duration) {
        // Callers that are new or come back begin within 100 ms.
        for _ in 0..std::mem::take(&mut self.idle) {
            let after = self.random.u64(0..100 * MS);
            self.schedule(after, Event::Ask);
        }
        let end = self.now + time.as_nanos() as u64;
        while self.events.peek().is_some_and(|Reverse((at, ..))| *at <= end) {
            let Reverse((at, _, event)) = self.events.pop().unwrap();
            self.now = at;
            match event {
                Event::Ask => self.ask(),
                Event::Finished(call) => {
                    let Call { began, permit } = self.calls[call].take().unwrap();
                    let now = Duration::from_nanos(self.now);
                    if self.now - began > self.load.patience {
                        permit.dropped(now);
                    } else {
                        permit.responded(now);
                    }
                    self.finished += 1;
                    self.working -= 1;
                    self.start_work();
                    self.ask();
                }
            }
        }
        self.now = end;
    }

    /// The mean of the limit over the given time, sampled each 100 ms.
    pub(crate) fn mean_limit(&mut self, time: Duration) -> f64 {
        let samples = time.as_millis() / 100;
        let sum: f64 = (0..samples)
            .map(|_| {
                self.run_for(Duration::from_millis(100));
                f64::from(self.limit.limit())
            })
            .sum();
        sum / samples as f64
    }
}
