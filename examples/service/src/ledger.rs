//! The ledger: it writes each entry once, and fails now and then.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::{Router, routing::post, serve};
use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::net::TcpListener;

/// A ledger, with the requests that it has received. A clone is the same ledger.
#[derive(Debug, Clone, Default)]
pub struct Ledger(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    is_down: AtomicBool,
    /// The requests for each entry.
    requests: Mutex<HashMap<u64, u32>>,
}

/// One entry in `EVERY` fails, `FAILURES` times.
const EVERY: u64 = 10;
const FAILURES: u32 = 2;

impl Ledger {
    /// Serves for as long as the program runs.
    ///
    /// # Errors
    ///
    /// The errors of the listener.
    pub async fn run(self, listener: TcpListener) -> io::Result<()> {
        let router = Router::new().route("/entries/{id}", post(entry)).with_state(self);
        serve(listener, router).await
    }

    /// Fails every request, or no longer.
    pub fn set_down(&self, is_down: bool) {
        self.0.is_down.store(is_down, Ordering::Relaxed);
    }

    /// How many requests the ledger has received, for all entries.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.by_entry().values().map(|requests| u64::from(*requests)).sum()
    }

    /// How many entries were requested.
    #[must_use]
    pub fn entries(&self) -> usize {
        self.by_entry().len()
    }

    fn by_entry(&self) -> MutexGuard<'_, HashMap<u64, u32>> {
        self.0.requests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every tenth entry succeeds at its third request, the others at the first.
async fn entry(State(ledger): State<Ledger>, Path(id): Path<u64>) -> Result<String, StatusCode> {
    let requests = {
        let mut by_entry = ledger.by_entry();
        let requests = by_entry.entry(id).or_default();
        *requests += 1;
        *requests
    };
    let fails = id % EVERY == 0 && requests <= FAILURES;
    if fails || ledger.0.is_down.load(Ordering::Relaxed) {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    Ok(format!("entry {id}"))
}
