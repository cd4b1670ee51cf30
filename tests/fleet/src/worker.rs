//! A process that uses a quota, and the log of its uses.

use crate::server::signal;
use std::env;
use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// The load of a worker: the arguments of the program `fleet-worker`.
#[derive(Debug, Clone)]
pub struct Load {
    /// The server.
    pub url: String,
    /// The permits per period, of the fleet.
    pub quota: u32,
    /// The period.
    pub period: Duration,
    /// The permits of a batch.
    pub batch: u32,
    /// The processes of the fleet.
    pub processes: u32,
    /// The permits that the process requests in a second.
    pub rate: u32,
    /// The permits of a call.
    pub weight: u32,
    /// For how long.
    pub time: Duration,
    /// After how long the server counts as slow.
    pub slow_after: Duration,
}

/// A use of permits: the time in microseconds since 1970, and how many.
pub type Use = (u64, u64);

/// A worker process.
pub struct Worker {
    child: Child,
    log: PathBuf,
}

impl Worker {
    /// Starts the program with a load.
    ///
    /// # Panics
    ///
    /// If it cannot be started.
    #[must_use]
    pub fn start(program: &str, load: &Load) -> Worker {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let log = env::temp_dir().join(format!("persevere-fleet-{}-{number}", std::process::id()));
        let file = File::create(&log).expect("the temporary folder can be written to");
        let mut command = Command::new(program);
        command.arg(&load.url);
        command.args([load.quota, load.batch, load.processes, load.rate, load.weight].map(|number| number.to_string()));
        command.args([load.period, load.time, load.slow_after].map(|time| time.as_millis().to_string()));
        let child = command.stdin(Stdio::null()).stdout(file).spawn();
        Worker {
            child: child.expect("the program of the workers was built"),
            log,
        }
    }

    /// Stops, continues or kills the process.
    pub fn signal(&self, name: &str) {
        signal(&self.child, name);
    }

    /// Waits for the end of the process, and returns its uses.
    ///
    /// # Panics
    ///
    /// If the log cannot be read.
    pub fn finish(&mut self) -> Vec<Use> {
        self.child.wait().expect("a child can be waited for");
        let log = fs::read_to_string(&self.log).expect("the log was written");
        let uses = log.lines().filter_map(|line| {
            let (time, permits) = line.split_once(' ')?;
            Some((time.parse().ok()?, permits.parse().ok()?))
        });
        uses.collect()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_file(&self.log);
    }
}

/// The most permits that were used within any period, wherever it begins.
#[must_use]
pub(crate) fn most_in_any_window(uses: &mut [Use], period: Duration) -> u64 {
    uses.sort_unstable();
    let period = period.as_micros() as u64;
    let (mut first, mut sum, mut most) = (0, 0, 0);
    for (time, permits) in uses.iter() {
        sum += permits;
        while uses[first].0 + period <= *time {
            sum -= uses[first].1;
            first += 1;
        }
        most = most.max(sum);
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn window_with_most_uses_is_found() {
        let mut uses = [(0, 1), (4, 2), (9, 3), (10, 4), (30, 1)];
        assert_eq!(most_in_any_window(&mut uses, Duration::from_micros(10)), 9);
        assert_eq!(most_in_any_window(&mut [], Duration::from_micros(10)), 0);
    }
}
