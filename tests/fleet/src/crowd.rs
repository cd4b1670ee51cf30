//! Twenty processes under one quota.

use crate::server::{Monitor, Server};
use crate::worker::{Load, Use, Worker, most_in_any_window};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

/// The permits of a period.
pub const QUOTA: u32 = 1_600;
/// Long enough for 64 slices.
pub const PERIOD: Duration = Duration::from_millis(3_200);
/// The permits of a batch.
pub const BATCH: u32 = 8;
/// The processes.
pub const PROCESSES: u32 = 20;

/// Twenty processes, and a monitor of their server.
pub struct Crowd {
    program: String,
    load: Load,
    workers: Vec<Worker>,
    start: Instant,
    monitor: Monitor,
}

/// The uses of a crowd, and its commands at the server.
pub struct Outcome {
    /// The uses of permits, in order.
    pub uses: Vec<Use>,
    /// The commands of processes at the server.
    pub commands: u64,
    /// The greatest sum of permits in a period that the server has held.
    pub most: u64,
    /// The permits that the server has granted.
    pub granted: u64,
}

impl Crowd {
    /// Starts the processes, each with a rate in permits per second, for the given time.
    #[must_use]
    pub fn start(program: &str, server: &Server, time: Duration, rate: impl Fn(u32) -> u32) -> Crowd {
        // A machine that is busy with twenty processes is no fault of the server.
        Crowd::through(program, server, &server.url(), Duration::from_millis(500), time, rate)
    }

    /// Starts the processes, which reach the server by another URL, and count it as slow after another time.
    #[must_use]
    pub fn through(
        program: &str,
        server: &Server,
        url: &str,
        slow_after: Duration,
        time: Duration,
        rate: impl Fn(u32) -> u32,
    ) -> Crowd {
        let monitor = server.monitor();
        let load = Load {
            url: url.to_owned(),
            quota: QUOTA,
            period: PERIOD,
            batch: BATCH,
            processes: PROCESSES,
            rate: 0,
            weight: 1,
            time,
            slow_after,
        };
        let mut crowd = Crowd {
            program: program.to_owned(),
            load,
            workers: Vec::new(),
            start: Instant::now(),
            monitor,
        };
        for number in 0..PROCESSES {
            crowd.join(rate(number), time);
        }
        crowd
    }

    /// Starts one more process.
    pub fn join(&mut self, rate: u32, time: Duration) {
        let load = Load {
            rate,
            time,
            ..self.load.clone()
        };
        self.workers.push(Worker::start(&self.program, &load));
    }

    /// Sends a signal to a process.
    pub fn signal(&self, worker: usize, name: &str) {
        self.workers[worker].signal(name);
    }

    /// The time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    /// Sleeps until the given time after the start.
    pub fn sleep_until(&self, time: Duration) {
        thread::sleep(time.saturating_sub(self.start.elapsed()));
    }

    /// Watches a server that was started anew.
    pub fn watch(&mut self, server: &Server) {
        self.monitor = server.monitor();
    }

    /// Waits for the processes.
    #[must_use]
    pub fn finish(mut self) -> Outcome {
        let mut uses: Vec<Use> = self.workers.iter_mut().flat_map(Worker::finish).collect();
        uses.sort_unstable();
        let mut outcome = Outcome {
            uses,
            commands: 0,
            most: 0,
            granted: 0,
        };
        for line in self.monitor.lines() {
            let words: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
            match words[..] {
                ["EVALSHA" | "evalsha", ..] => outcome.commands += 1,
                ["HSET", _, "k", _, "s", sum, ..] => outcome.most = outcome.most.max(sum.parse().unwrap_or(u64::MAX)),
                ["HINCRBY", _, _, permits] => outcome.granted += permits.parse().unwrap_or(0),
                _ => {}
            }
        }
        outcome
    }
}

/// The time now, as in a [`Use`].
#[must_use]
pub fn now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |now| now.as_micros() as u64)
}

impl Outcome {
    /// The share of the quota that was used in the given number of cycles, on average over their starts in a cycle. A
    /// cycle is a period and the two slices for which a lease is valid in addition. The uses of one more cycle are
    /// needed.
    #[must_use]
    pub fn used(&self, from: u64, cycles: u32) -> f64 {
        const STEPS: u64 = 100;
        let cycle = PERIOD.as_micros() as u64 * 66 / 64;
        let length = cycle * u64::from(cycles);
        let starts = (0..STEPS).map(|step| from + cycle * step / STEPS);
        let calls: usize = starts.map(|start| self.calls(start, start + length)).sum();
        let rate = calls as f64 / STEPS as f64 / Duration::from_micros(length).as_secs_f64();
        rate * PERIOD.as_secs_f64() / f64::from(QUOTA)
    }

    /// The permits that the server granted for each command.
    #[must_use]
    pub fn per_command(&self) -> f64 {
        self.granted as f64 / self.commands as f64
    }

    /// The most permits that were used within a period, wherever it begins.
    #[must_use]
    pub fn most_used(&mut self) -> u64 {
        // How much later than its permit a use may be in the log, on a busy machine.
        let logged = Duration::from_millis(150);
        most_in_any_window(&mut self.uses, PERIOD - logged)
    }

    /// Checks that no period has more than the quota, neither in the logs of the processes nor at the server.
    ///
    /// # Panics
    ///
    /// If a period has.
    pub fn assert_within_quota(&mut self) {
        let most = self.most_used();
        assert!(most <= u64::from(QUOTA), "{most} in a period");
        assert!(
            self.most <= u64::from(QUOTA),
            "{} in a period, at the server",
            self.most
        );
    }

    /// The calls between two points in time.
    #[must_use]
    pub fn calls(&self, from: u64, to: u64) -> usize {
        self.uses.iter().filter(|(time, _)| (from..to).contains(time)).count()
    }
}
