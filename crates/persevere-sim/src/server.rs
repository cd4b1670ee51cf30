//! A replica of a service: its workers and its queue.

use crate::service::Queue;
use crate::time::nanos;
use std::collections::VecDeque;

/// A replica of a service: its workers, its queue, and what is wrong with it now.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) service: usize,
    pub(crate) replica: u32,
    workers: u32,
    busy: u32,
    limit: usize,
    discipline: Queue,
    queue: VecDeque<Waiting>,
    codel: CoDel,
    pub(crate) health: Health,
}

/// What is wrong with a server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Health {
    /// The speed of its workers, relative to a healthy one.
    pub(crate) speed: f64,
    pub(crate) error_rate: f64,
    /// Added to the time that a reply is under way.
    pub(crate) latency: u64,
    pub(crate) is_down: bool,
}

/// A call in a queue.
#[derive(Debug, Clone, Copy)]
struct Waiting {
    job: u32,
    since: u64,
}

/// What becomes of a call that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Starts,
    Waits,
    Rejected,
    /// It waits in the place of this job, which is shed.
    Displaces(u32),
}

/// What comes out of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    Starts(u32),
    Shed(u32),
}

impl Server {
    pub(crate) fn new(service: usize, replica: u32, settings: &crate::Service) -> Server {
        Server {
            service,
            replica,
            workers: settings.workers,
            busy: 0,
            limit: settings.queue as usize,
            discipline: settings.discipline,
            queue: VecDeque::new(),
            codel: CoDel::default(),
            health: Health {
                speed: 1.0,
                error_rate: settings.error_rate,
                latency: settings.latency,
                is_down: false,
            },
        }
    }

    /// How many calls wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.len()
    }

    fn is_free(&self) -> bool {
        self.busy < self.workers && self.health.speed > 0.0
    }

    /// Takes a call in.
    #[inline]
    pub(crate) fn enter(&mut self, job: u32, now: u64) -> Entry {
        if self.queue.is_empty() && self.is_free() {
            self.busy += 1;
            return Entry::Starts;
        }
        let waiting = Waiting { job, since: now };
        if self.queue.len() < self.limit {
            self.queue.push_back(waiting);
            return Entry::Waits;
        }
        match (self.discipline, self.queue.pop_front()) {
            (Queue::Lifo, Some(oldest)) => {
                self.queue.push_back(waiting);
                Entry::Displaces(oldest.job)
            }
            (_, oldest) => {
                oldest.into_iter().for_each(|oldest| self.queue.push_front(oldest));
                Entry::Rejected
            }
        }
    }

    /// A worker has finished its call.
    #[inline]
    pub(crate) fn leave(&mut self) {
        self.busy -= 1;
    }

    /// Takes the next call from the queue, if a worker is free for it.
    #[inline]
    pub(crate) fn next(&mut self, now: u64) -> Option<Exit> {
        if !self.is_free() {
            return None;
        }
        let waiting = match self.discipline {
            Queue::Lifo => self.queue.pop_back(),
            _ => self.queue.pop_front(),
        };
        let Some(waiting) = waiting else {
            self.codel.empty();
            return None;
        };
        if let Queue::CoDel { target, interval } = self.discipline {
            let wait = now - waiting.since;
            if self.codel.sheds(wait, now, nanos(target), nanos(interval)) {
                return Some(Exit::Shed(waiting.job));
            }
        }
        self.busy += 1;
        Some(Exit::Starts(waiting.job))
    }
}

/// The state of `CoDel`, by RFC 8289.
#[derive(Debug, Default)]
struct CoDel {
    /// When waits will have been above the target for an interval.
    above_until: Option<u64>,
    is_dropping: bool,
    drop_next: u64,
    count: u32,
}

impl CoDel {
    fn empty(&mut self) {
        self.above_until = None;
        self.is_dropping = false;
    }

    /// Whether the call that has waited for `wait` is shed.
    fn sheds(&mut self, wait: u64, now: u64, target: u64, interval: u64) -> bool {
        let is_above = if wait < target {
            self.above_until = None;
            false
        } else {
            now >= *self.above_until.get_or_insert(now + interval)
        };
        if !is_above {
            self.is_dropping = false;
            return false;
        }
        if !self.is_dropping {
            // A controller that dropped recently resumes near its last rate.
            let was_recent = now.saturating_sub(self.drop_next) < 16 * interval;
            self.count = if was_recent && self.count > 2 {
                self.count - 2
            } else {
                1
            };
            self.is_dropping = true;
            self.drop_next = now + self.step(interval);
            return true;
        }
        if now < self.drop_next {
            return false;
        }
        self.count += 1;
        self.drop_next += self.step(interval);
        true
    }

    fn step(&self, interval: u64) -> u64 {
        (interval as f64 / libm::sqrt(f64::from(self.count))) as u64
    }
}
