//! The openings of a fleet's circuit breakers.

use crate::error::InvalidFleet;
use crate::fleet::Fleet;
use crate::keep::{self, Kept, Next};
use crate::link::{Answer, Request, Source};
use crate::random;
use crate::signal::Signal;
use crate::status::{Cause, Status};
use crate::watched::Watched;
use persevere_breaker::State;
use persevere_core::AsyncSleeper;
use persevere_core::sleeper::BlockingSleeper;
use persevere_telemetry::ReadFleet;
use redis::Script;
use std::fmt;
use std::process;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static SCRIPT: Source = Source::new(|| Script::new(include_str!("evidence.lua")));

/// How often the state of the breaker is read.
const LOOK: Duration = Duration::from_millis(100);
/// How often a request is sent if the state has not changed.
const INTERVAL: Duration = Duration::from_millis(500);
/// For how long a process counts after its last report, in milliseconds.
const LIFE: i64 = 2_000;

/// The settings of [`Evidence`]; returned by [`Fleet::evidence`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct EvidenceBuilder<B> {
    fleet: Fleet,
    name: String,
    breaker: B,
    at_least: u32,
    share: f64,
    open_for: Duration,
}

impl<B: Watched> EvidenceBuilder<B> {
    pub(crate) fn new(fleet: Fleet, name: &str, breaker: B) -> EvidenceBuilder<B> {
        EvidenceBuilder {
            fleet,
            name: name.to_owned(),
            breaker,
            at_least: 2,
            share: 0.5,
            open_for: Duration::from_secs(10),
        }
    }

    /// Sets the quorum of processes with an open breaker: the given share of all processes, and at least the given
    /// number. The default is half of them, and at least 2.
    pub fn quorum(mut self, share: f64, at_least: u32) -> EvidenceBuilder<B> {
        (self.share, self.at_least) = (share, at_least);
        self
    }

    /// Sets for how long evidence opens the breaker; 10 s by default. Each process adds up to half of it at random, so that
    /// they do not all probe at once.
    pub fn open_for(mut self, time: Duration) -> EvidenceBuilder<B> {
        self.open_for = time;
        self
    }

    /// The evidence.
    ///
    /// # Errors
    ///
    /// [`InvalidFleet::Name`], [`Quorum`](InvalidFleet::Quorum) or [`OpenFor`](InvalidFleet::OpenFor).
    pub fn build(self) -> Result<Evidence<B>, InvalidFleet> {
        if self.at_least < 2 || !(self.share > 0.0 && self.share <= 1.0) {
            return Err(InvalidFleet::Quorum);
        }
        if !(Duration::from_millis(1)..=Duration::from_secs(86_400)).contains(&self.open_for) {
            return Err(InvalidFleet::OpenFor);
        }
        Ok(Evidence {
            inner: Arc::new(Inner {
                key: self.fleet.key("evidence", &self.name)?,
                fleet: self.fleet,
                breaker: self.breaker,
                at_least: self.at_least,
                share: self.share,
                open_for: self.open_for,
                process: random::below(1 << 53) as i64,
                state: Mutex::new(Known {
                    status: Status::Local(Cause::NotKept),
                    is_open: false,
                    is_quorum: false,
                    forced: None,
                    due: Duration::ZERO,
                    complete: Duration::ZERO,
                    members: 1,
                    open: 0,
                    faults: 0,
                }),
                signal: Signal::default(),
            }),
        })
    }
}

/// Evidence that the breakers of a fleet share: a breaker opens early when enough other processes have opened theirs, and
/// never because one has.
///
/// Each process publishes its own openings, which count for two seconds after its last report. The state is not shared:
/// every process closes its breaker by its own probes, and a breaker that was opened by evidence is no evidence. It is
/// opened once each time the quorum is reached.
///
/// While the server is slow or unreachable, and for two seconds afterwards, each breaker depends on its own calls. In
/// these two seconds all processes report again.
///
/// ```
/// use persevere::{ThreadSleeper, breaker::CircuitBreaker};
/// use persevere_redis::Fleet;
/// use std::time::Duration;
///
/// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
///
/// let fleet = Fleet::open("redis://127.0.0.1:1", "shop")?; // where no server is
/// let evidence = fleet.evidence("billing", &BREAKER).quorum(0.3, 3).build()?;
///
/// // On a runtime: `tokio::spawn(evidence.keep_shared(TokioSleeper));`
/// std::thread::spawn(move || evidence.keep_shared_blocking(ThreadSleeper));
/// # Ok::<(), persevere_redis::InvalidFleet>(())
/// ```
///
/// A clone is another handle of the same evidence. Its keeper needs a sleeper with the clock of the breaker's calls.
pub struct Evidence<B> {
    inner: Arc<Inner<B>>,
}

impl<B> Clone for Evidence<B> {
    fn clone(&self) -> Evidence<B> {
        Evidence {
            inner: Arc::clone(&self.inner),
        }
    }
}

struct Inner<B> {
    fleet: Fleet,
    key: String,
    breaker: B,
    at_least: u32,
    share: f64,
    open_for: Duration,
    process: i64,
    state: Mutex<Known>,
    signal: Signal,
}

/// The state of a process.
struct Known {
    status: Status,
    /// Whether the last report was that the breaker is open.
    is_open: bool,
    /// Whether the quorum was reached by the last answer.
    is_quorum: bool,
    /// The number of the transition that evidence made last.
    forced: Option<u64>,
    /// The time of the next request.
    due: Duration,
    /// When all other processes have reported again, after the server had no record of this process or did not answer.
    complete: Duration,
    members: u32,
    open: u32,
    /// The requests that failed.
    faults: u64,
}

impl<B: Watched> Evidence<B> {
    /// Shares evidence with the fleet, on any executor: spawn it once in each process. The returned future owns a handle, and
    /// ends when the sleeper is cancelled. A thread of its own talks to the server.
    pub fn keep_shared<S: AsyncSleeper>(&self, sleeper: S) -> impl Future<Output = ()> + use<S, B> {
        keep::keep(self.clone(), sleeper)
    }

    /// [`keep_shared`](Evidence::keep_shared), on this thread. It returns when the sleeper is cancelled, within 50 ms.
    pub fn keep_shared_blocking<S: BlockingSleeper>(&self, sleeper: S) {
        keep::keep_blocking(self, sleeper);
    }

    /// The key of the evidence at the server.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.inner.key
    }

    /// Whether the server answers.
    #[must_use]
    pub fn status(&self) -> Status {
        self.inner.known().status
    }

    /// The processes with an open breaker, and all processes, as the server counted them last.
    #[must_use]
    pub fn open(&self) -> (u32, u32) {
        let known = self.inner.known();
        (known.open, known.members)
    }
}

impl<B> Inner<B> {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Watched> Inner<B> {
    /// Whether the breaker is open by the calls of this process.
    fn is_open(&self, known: &Known, now: Duration) -> bool {
        let is_open = matches!(self.breaker.state(now), State::Open | State::HalfOpen);
        // A breaker that evidence opened makes one more transition, to half-open. After a failed probe it makes another.
        let by_evidence = known
            .forced
            .is_some_and(|forced| self.breaker.transitions() <= forced + 1);
        is_open && !by_evidence
    }

    /// Counts the openings, and opens the breaker if there is a quorum and there was none before. The first processes
    /// that report to an empty server are not a quorum.
    fn count(&self, known: &mut Known, open: u32, members: u32, now: Duration) {
        (known.open, known.members) = (open, members);
        if now < known.complete {
            return;
        }
        let share = (f64::from(members) * self.share).ceil();
        let is_quorum = open >= self.at_least && f64::from(open) >= share;
        if is_quorum && !known.is_quorum && self.breaker.state(now) == State::Closed {
            let half = (self.open_for / 2).as_millis() as u64;
            let spread = Duration::from_millis(random::below(half + 1));
            self.breaker.force_open_for(self.open_for + spread, now);
            known.forced = Some(self.breaker.transitions());
        }
        known.is_quorum = is_quorum;
    }
}

impl<B: Watched> Kept for Evidence<B> {
    fn fleet(&self) -> &Fleet {
        &self.inner.fleet
    }

    fn signal(&self) -> &Signal {
        &self.inner.signal
    }

    fn next(&self, now: Duration) -> Next {
        let inner = &*self.inner;
        let mut known = inner.known();
        let is_open = inner.is_open(&known, now);
        let is_news = is_open != known.is_open && known.status.is_shared();
        if now < known.due && !is_news {
            return Next::Wait(LOOK.min(known.due - now));
        }
        known.is_open = is_open;
        known.due = now.saturating_add(INTERVAL);
        Next::Ask(Request {
            source: &SCRIPT,
            key: inner.key.clone(),
            // A fork is a process of its own.
            arguments: vec![
                inner.process ^ i64::from(process::id()),
                if is_open { LIFE } else { 0 },
                LIFE,
            ],
        })
    }

    fn answered(&self, _asked: Duration, now: Duration, answer: Answer) {
        let inner = &*self.inner;
        let mut known = inner.known();
        let from = known.status;
        match answer.and_then(|values| <[i64; 3]>::try_from(values).map_err(|_| Cause::Failed)) {
            Ok([open, members, is_new]) => {
                if is_new != 0 || !from.is_shared() {
                    known.complete = now.saturating_add(Duration::from_millis(LIFE as u64));
                }
                known.status = Status::Shared;
                let whole = |number| u32::try_from(number).unwrap_or(0);
                inner.count(&mut known, whole(open), whole(members), now);
            }
            Err(cause) => {
                known.status = Status::Local(cause);
                known.faults += 1;
                known.due = now + INTERVAL + Duration::from_millis(random::below(500));
            }
        }
        let to = known.status;
        drop(known);
        inner.fleet.changed(&inner.key, from, to);
    }

    fn last(&self) -> Option<Request> {
        let mut known = self.inner.known();
        let from = std::mem::replace(&mut known.status, Status::Local(Cause::NotKept));
        drop(known);
        self.inner
            .fleet
            .changed(&self.inner.key, from, Status::Local(Cause::NotKept));
        None
    }
}

impl<B> ReadFleet for Evidence<B> {
    fn is_shared(&self) -> bool {
        self.inner.known().status.is_shared()
    }

    fn faults(&self) -> u64 {
        self.inner.known().faults
    }
}

impl<B> fmt::Debug for Evidence<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.inner.known();
        f.debug_struct("Evidence")
            .field("key", &self.inner.key)
            .field("open", &known.open)
            .field("members", &known.members)
            .field("status", &known.status)
            .finish_non_exhaustive()
    }
}
