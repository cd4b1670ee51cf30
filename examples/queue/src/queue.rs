//! [`Queue`]: jobs in a table.

use crate::{end_micros, from_micros, micros};
use persevere::Progress;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use std::time::Duration;

const TABLE: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS jobs (
        id INTEGER PRIMARY KEY,
        account TEXT NOT NULL,
        cents INTEGER NOT NULL,
        state TEXT NOT NULL DEFAULT 'open',
        created INTEGER NOT NULL,
        due INTEGER NOT NULL,
        claims INTEGER NOT NULL DEFAULT 0,
        failures INTEGER NOT NULL DEFAULT 0,
        waited INTEGER NOT NULL DEFAULT 0,
        previous INTEGER NOT NULL DEFAULT 0,
        error TEXT
    ) STRICT;
    CREATE INDEX IF NOT EXISTS jobs_due ON jobs (due) WHERE state = 'open';
";

/// Takes the job that has been due for longest, and hides it until its lease ends.
const CLAIM: &str = "
    UPDATE jobs SET due = ?2, claims = claims + 1
    WHERE id = (SELECT id FROM jobs WHERE state = 'open' AND due <= ?1 ORDER BY due LIMIT 1)
    RETURNING id, account, cents, created, due, claims, failures, waited, previous
";

/// A job: a charge to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// The number of the job, which is also the key that makes its effect idempotent.
    pub id: i64,
    /// Who is charged.
    pub account: String,
    /// How much, in cents.
    pub cents: u32,
}

/// A job that a worker has for as long as its lease lasts.
#[derive(Debug)]
pub struct Claimed {
    /// The job.
    pub job: Job,
    /// How far its retries have come.
    pub progress: Progress,
    /// Whether the worker before never reported: it ended, or its lease did.
    pub is_abandoned: bool,
    /// The end of the lease, which is the token of this claim too.
    due: i64,
}

/// Jobs in a table. A job is due at a time: now, at the end of its wait, or at the end of a lease.
#[derive(Debug)]
pub struct Queue {
    table: Connection,
}

impl Queue {
    /// Opens the queue in this file, which several workers may have open.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or is no queue.
    pub fn open(file: impl AsRef<Path>) -> rusqlite::Result<Queue> {
        let table = Connection::open(file)?;
        table.busy_timeout(Duration::from_secs(5))?;
        table.execute_batch(TABLE)?;
        Ok(Queue { table })
    }

    /// Adds a job that is due at once, and returns its number.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn push(&self, account: &str, cents: u32, now: Duration) -> rusqlite::Result<i64> {
        let insert = "INSERT INTO jobs (account, cents, created, due) VALUES (?1, ?2, ?3, ?3)";
        self.table.execute(insert, params![account, cents, micros(now)])?;
        Ok(self.table.last_insert_rowid())
    }

    /// Takes a job that is due; `None` if there is none. If it is not settled by the end of `lease`, it is due again.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn claim(&self, now: Duration, lease: Duration) -> rusqlite::Result<Option<Claimed>> {
        let read = |row: &Row<'_>| {
            let mut progress = Progress::default();
            progress.failures = row.get("failures")?;
            progress.waited = from_micros(row.get("waited")?);
            progress.previous = from_micros(row.get("previous")?);
            // The time between attempts counts, also the time without a worker.
            progress.elapsed = now.saturating_sub(from_micros(row.get("created")?));
            Ok(Claimed {
                job: Job {
                    id: row.get("id")?,
                    account: row.get("account")?,
                    cents: row.get("cents")?,
                },
                progress,
                is_abandoned: row.get::<_, u32>("claims")? > 1,
                due: row.get("due")?,
            })
        };
        let mut claim = self.table.prepare(CLAIM)?;
        claim
            .query_row(params![micros(now), end_micros(now.saturating_add(lease))], read)
            .optional()
    }

    /// Settles a job as done. Returns whether it was this claim's to settle.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn finish(&self, claimed: &Claimed) -> rusqlite::Result<bool> {
        self.settle("state = 'done'", params![claimed.job.id, claimed.due])
    }

    /// Stores how far the retries have come, and makes the job due at `due`. Returns whether it was this claim's to settle.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn retry(&self, claimed: &Claimed, progress: Progress, due: Duration) -> rusqlite::Result<bool> {
        let Progress {
            failures,
            waited,
            previous,
            ..
        } = progress;
        let values = params![
            claimed.job.id,
            claimed.due,
            end_micros(due),
            failures,
            micros(waited),
            micros(previous)
        ];
        self.settle(
            "due = ?3, claims = 0, failures = ?4, waited = ?5, previous = ?6",
            values,
        )
    }

    /// Settles a job as given up, with the last error. Returns whether it was this claim's to settle.
    ///
    /// # Errors
    ///
    /// If the table cannot be written.
    pub fn give_up(&self, claimed: &Claimed, error: &str) -> rusqlite::Result<bool> {
        self.settle(
            "state = 'dead', error = ?3",
            params![claimed.job.id, claimed.due, error],
        )
    }

    /// A worker whose lease has ended settles nothing: the job may be another's.
    fn settle(&self, set: &str, values: &[&dyn rusqlite::ToSql]) -> rusqlite::Result<bool> {
        let update = format!("UPDATE jobs SET {set} WHERE id = ?1 AND due = ?2 AND state = 'open'");
        Ok(self.table.prepare(&update)?.execute(values)? == 1)
    }

    /// When the next open job is due; `None` if there is none.
    ///
    /// # Errors
    ///
    /// If the table cannot be read.
    pub fn next_due(&self) -> rusqlite::Result<Option<Duration>> {
        let due = "SELECT min(due) FROM jobs WHERE state = 'open'";
        let due: Option<i64> = self.table.query_row(due, [], |row| row.get(0))?;
        Ok(due.map(from_micros))
    }

    /// How many jobs are in this state: `open`, `done` or `dead`.
    ///
    /// # Errors
    ///
    /// If the table cannot be read.
    pub fn count(&self, state: &str) -> rusqlite::Result<u32> {
        let count = "SELECT count(*) FROM jobs WHERE state = ?1";
        self.table.query_row(count, [state], |row| row.get(0))
    }

    /// The open jobs that wait between two attempts, each with its number, the failures so far and the end of its wait.
    ///
    /// # Errors
    ///
    /// If the table cannot be read.
    pub fn waiting(&self) -> rusqlite::Result<Vec<(i64, u32, Duration)>> {
        let waiting = "SELECT id, failures, due FROM jobs WHERE state = 'open' AND claims = 0 AND failures > 0";
        let mut waiting = self.table.prepare(waiting)?;
        let rows = waiting.query_map([], |row| Ok((row.get(0)?, row.get(1)?, from_micros(row.get(2)?))))?;
        rows.collect()
    }
}
