//! [`Worker`]: makes the attempts of jobs that are due.

use crate::now;
use crate::queue::{Claimed, Job, Queue};
use persevere::{Policy, Step};
use std::fmt::Display;
use std::thread;
use std::time::Duration;

/// A worker with one thread, in which any number of jobs wait.
#[derive(Debug)]
pub struct Worker {
    /// The jobs.
    pub queue: Queue,
    /// The policy that retries them.
    pub policy: Policy,
    /// The longest time of an attempt. A job that is claimed for longer is another worker's.
    pub lease: Duration,
}

impl Worker {
    /// Makes attempts until no job is open.
    ///
    /// # Errors
    ///
    /// If the queue cannot be read or written.
    pub fn run<E: Display>(&self, mut operation: impl FnMut(&Job) -> Result<(), E>) -> rusqlite::Result<()> {
        loop {
            match self.queue.claim(now(), self.lease)? {
                Some(claimed) => self.attempt(&claimed, &mut operation)?,
                None => match self.queue.next_due()? {
                    // A new job may come while the worker sleeps.
                    Some(due) => thread::sleep(due.saturating_sub(now()).min(Duration::from_millis(100))),
                    None => return Ok(()),
                },
            }
        }
    }

    /// Makes one attempt, and stores what follows.
    fn attempt<E: Display>(
        &self,
        claimed: &Claimed,
        operation: &mut impl FnMut(&Job) -> Result<(), E>,
    ) -> rusqlite::Result<()> {
        let mut retry = self.policy.resume(claimed.progress, now());
        let (step, error) = if claimed.is_abandoned {
            // Counted as a failed attempt, or a job that kills its worker would be tried for ever.
            (retry.timed_out(now()), "the worker ended within the attempt".to_owned())
        } else {
            match operation(&claimed.job) {
                Ok(()) => return self.queue.finish(claimed).map(|_| ()),
                Err(error) => (retry.failed(&error, now()), error.to_string()),
            }
        };
        let settled = match step {
            Step::Wait(delay) => {
                let mut progress = retry.machine().progress(now());
                progress.waited += delay;
                self.queue.retry(claimed, progress, now() + delay)
            }
            Step::Stop(_) => {
                let error = retry.into_error(Some(error), now());
                self.queue.give_up(claimed, &error.to_string())
            }
        };
        settled.map(|_| ())
    }
}
