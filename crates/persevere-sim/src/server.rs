//! A replica of a service: its workers and its queue.

use crate::service::Queue;
use crate::time::nanos;
use std::collections::VecDeque;

/// A replica of a service: its workers, its queue, and its current health.
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

/// The health of a server.
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

/// The fate of a call that arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Starts,
    Waits,
    Rejected,
    /// It waits in the place of this job, which is shed.
    Displaces(u32),
}

/// A call that leaves a queue.
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

    /// Receives a call.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Service;
    use core::time::Duration;

    const MILLI: u64 = 1_000_000;

    fn server(queue: u32, discipline: Queue) -> Server {
        Server::new(
            0,
            0,
            &Service::new("server").workers(1).queue(queue).discipline(discipline),
        )
    }

    /// The calls that leave the queue if the worker finishes a call each `step`, from `now` on.
    fn drained(server: &mut Server, mut now: u64, step: u64) -> Vec<Exit> {
        let mut exits = Vec::new();
        server.leave();
        while let Some(exit) = server.next(now) {
            exits.push(exit);
            if let Exit::Starts(_) = exit {
                now += step;
                server.leave();
            }
        }
        exits
    }

    #[test]
    fn fifo_serves_the_oldest_and_rejects_at_its_limit() {
        let mut server = server(2, Queue::Fifo);
        let entries = [0, 1, 2, 3].map(|job| server.enter(job, 0));
        assert_eq!(entries, [Entry::Starts, Entry::Waits, Entry::Waits, Entry::Rejected]);
        assert_eq!(drained(&mut server, 0, 1), [Exit::Starts(1), Exit::Starts(2)]);
    }

    #[test]
    fn lifo_serves_the_newest_and_sheds_the_oldest() {
        let mut server = server(2, Queue::Lifo);
        let entries = [0, 1, 2, 3].map(|job| server.enter(job, 0));
        assert_eq!(
            entries,
            [Entry::Starts, Entry::Waits, Entry::Waits, Entry::Displaces(1)]
        );
        assert_eq!(drained(&mut server, 0, 1), [Exit::Starts(3), Exit::Starts(2)]);
    }

    #[test]
    fn stopped_server_serves_nothing() {
        let mut server = server(2, Queue::Fifo);
        server.health.speed = 0.0;
        assert_eq!(server.enter(0, 0), Entry::Waits);
        assert_eq!(server.next(0), None);
        server.health.speed = 0.5;
        assert_eq!(server.next(0), Some(Exit::Starts(0)));
    }

    #[test]
    fn codel_sheds_more_and_more_of_a_queue_that_stands_and_nothing_of_a_short_one() {
        let discipline = Queue::CoDel {
            target: Duration::from_millis(10),
            interval: Duration::from_millis(100),
        };
        let mut busy = server(1000, discipline);
        for job in 0..1000 {
            busy.enter(job, 0);
        }
        // A call is served in 1 ms, so that the waits grow above the target at once, and stay there for an interval.
        let exits = drained(&mut busy, 20 * MILLI, MILLI);
        let shed: Vec<usize> = exits
            .iter()
            .enumerate()
            .filter_map(|(index, exit)| matches!(exit, Exit::Shed(_)).then_some(index))
            .collect();
        assert_eq!(shed[0], 100, "the first after an interval");
        let gaps: Vec<usize> = shed.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{gaps:?}");
        assert!(gaps[0] > 90 && *gaps.last().unwrap() < 35, "{gaps:?}");

        let mut idle = server(1000, discipline);
        for job in 0..9 {
            idle.enter(job, 0);
        }
        assert!(
            drained(&mut idle, MILLI, MILLI)
                .iter()
                .all(|exit| matches!(exit, Exit::Starts(_)))
        );
    }
}
