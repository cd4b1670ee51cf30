//! [`Contention`]: many clients write one row, and all but one are too late.

use crate::agenda::Agenda;
use crate::draws::{Draws, Stream};
use crate::time::nanos;
use core::time::Duration;
use persevere_core::policy::PolicyParts;
use persevere_core::{Backoff, Machine, Policy, Step, Verdict};

/// The contention of "[Exponential backoff and
/// jitter](https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)": clients that write one row with
/// optimistic concurrency.
///
/// Each client reads the version of the row, writes, and succeeds if nobody wrote in between. Otherwise it waits, and
/// reads again. Each message takes a time of its own, by default `|N(10 ms, 2 ms)|`. The model has no cost of overload,
/// so that clients without any wait finish first. It shows how many calls a policy saves, not how fast it is.
///
/// ```
/// use persevere::{Jitter, Policy};
/// use persevere_sim::Contention;
/// use std::time::Duration;
///
/// let policy = Policy::exponential(Duration::from_millis(10)).max_delay(Duration::from_secs(2)).unlimited_attempts();
/// let without = Contention::of_clients(100).run(&policy.jitter(Jitter::None), 1);
/// let with = Contention::of_clients(100).run(&policy.jitter(Jitter::Full), 1);
/// assert!(with.calls * 2 < without.calls, "full jitter needs less than half of the calls");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contention {
    clients: u32,
    /// The mean and the standard deviation of the time of a message, in nanoseconds.
    latency: (f64, f64),
}

/// How long the clients of a [`Contention`] took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Race {
    /// When the last client received its success.
    pub time: Duration,
    /// The writes that arrived, successful or not.
    pub calls: u64,
    /// The clients that gave up.
    pub gave_up: u32,
}

#[derive(Debug, Clone, Copy)]
enum Message {
    Read,
    Write { version: u64 },
}

impl Contention {
    /// The given number of clients, each of which writes once.
    #[must_use]
    pub const fn of_clients(clients: u32) -> Contention {
        Contention {
            clients,
            latency: (10e6, 2e6),
        }
    }

    /// Sets the mean and the standard deviation of the time of a message.
    #[must_use]
    pub fn latency(mut self, mean: Duration, deviation: Duration) -> Contention {
        self.latency = (nanos(mean) as f64, nanos(deviation) as f64);
        self
    }

    /// Runs every client to its end under the policy. The same seed gives the same race on every machine.
    #[must_use]
    pub fn run<B: Backoff + Clone, C: Clone, On>(&self, policy: &Policy<B, C, On>, seed: u64) -> Race
    where
        Policy<B, C, On>: PolicyParts + Clone,
    {
        let mut latencies = Draws::new(seed, Stream::Service);
        let mut seeds = Draws::new(seed, Stream::Runs);
        let (mean, deviation) = self.latency;
        let mut latency = || (mean + deviation * latencies.normal()).abs() as u64;
        let mut agenda = Agenda::new([]);
        let mut clients: Vec<(Policy<B, C, On>, Machine)> = Vec::new();
        for client in 0..self.clients {
            let policy = policy.clone().seed(seeds.bits());
            clients.push((policy, Machine::start(Duration::ZERO)));
            agenda.add(0, latency(), (client, Message::Read));
        }
        let mut race = Race {
            time: Duration::ZERO,
            calls: 0,
            gave_up: 0,
        };
        let mut version = 0;
        while let Some((now, (client, message))) = agenda.next() {
            let replied = now + latency();
            match message {
                Message::Read => agenda.add(replied, latency(), (client, Message::Write { version })),
                Message::Write { version: read } => {
                    race.calls += 1;
                    if read == version {
                        version += 1;
                        race.time = race.time.max(Duration::from_nanos(replied));
                        continue;
                    }
                    let (policy, machine) = &mut clients[client as usize];
                    match machine.step(policy, Verdict::Retry, Duration::from_nanos(replied)) {
                        Step::Wait(delay) => agenda.add(replied, nanos(delay) + latency(), (client, Message::Read)),
                        Step::Stop(_) => race.gave_up += 1,
                    }
                }
            }
        }
        race
    }
}
