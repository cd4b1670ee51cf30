//! [`Ledger`]: the other system, which jobs change.

use crate::queue::Job;
use crate::{from_micros, micros};
use rusqlite::{Connection, params};
use std::fmt;
use std::path::Path;
use std::time::Duration;

const TABLES: &str = "
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS calls (job INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS charges (job INTEGER PRIMARY KEY, cents INTEGER NOT NULL) STRICT;
";

/// The ledger is not available.
#[derive(Debug)]
pub struct Unavailable;

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the ledger is not available")
    }
}

impl std::error::Error for Unavailable {}

impl From<rusqlite::Error> for Unavailable {
    fn from(_: rusqlite::Error) -> Unavailable {
        Unavailable
    }
}

/// The ledger of a payment service: in a file of its own, so that no transaction spans it and the queue. It fails the
/// first calls for each job.
#[derive(Debug)]
pub struct Ledger {
    tables: Connection,
}

impl Ledger {
    /// Opens the ledger in this file.
    ///
    /// # Errors
    ///
    /// If the file cannot be opened or is no ledger.
    pub fn open(file: impl AsRef<Path>) -> rusqlite::Result<Ledger> {
        let tables = Connection::open(file)?;
        tables.busy_timeout(Duration::from_secs(5))?;
        tables.execute_batch(TABLES)?;
        Ok(Ledger { tables })
    }

    /// How many calls for this job fail before one succeeds.
    #[must_use]
    pub const fn failures_of(job: i64) -> u32 {
        3 + job.unsigned_abs() as u32 % 4
    }

    /// Charges the account of a job. The number of the job is the key: a second charge with it changes nothing.
    ///
    /// # Errors
    ///
    /// [`Unavailable`] for the first calls.
    pub fn charge(&self, job: &Job, now: Duration) -> Result<(), Unavailable> {
        let call = "INSERT INTO calls (job, at) VALUES (?1, ?2)";
        self.tables.execute(call, params![job.id, micros(now)])?;
        if self.calls(job.id)?.len() <= Ledger::failures_of(job.id) as usize {
            return Err(Unavailable);
        }
        let charge = "INSERT INTO charges (job, cents) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.tables.execute(charge, params![job.id, job.cents])?;
        Ok(())
    }

    /// When the calls for a job were made, in order.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn calls(&self, job: i64) -> rusqlite::Result<Vec<Duration>> {
        let mut calls = self.tables.prepare("SELECT at FROM calls WHERE job = ?1 ORDER BY at")?;
        let rows = calls.query_map([job], |row| row.get(0).map(from_micros))?;
        rows.collect()
    }

    /// The charges: the number of the job, and the cents.
    ///
    /// # Errors
    ///
    /// If the ledger cannot be read.
    pub fn charges(&self) -> rusqlite::Result<Vec<(i64, u32)>> {
        let mut charges = self.tables.prepare("SELECT job, cents FROM charges ORDER BY job")?;
        let rows = charges.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.collect()
    }
}
