//! Quotas of a fleet, by lease.

mod demand;
mod exchange;
mod lease;
mod ledger;
mod permit;
mod settings;
mod window;

pub use permit::{QuotaPermit, Weighted};

use crate::error::InvalidFleet;
use crate::fleet::Fleet;
use crate::keep::{self, Kept, Next};
use crate::link::{Answer, Request};
use crate::signal::Signal;
use crate::status::Status;
use lease::{Lease, Taken};
use ledger::Ledger;
use persevere_core::AsyncSleeper;
use persevere_core::gate::Rejected;
use persevere_core::sleeper::BlockingSleeper;
use persevere_core::time::nanos;
use persevere_telemetry::ReadFleet;
use settings::Settings;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Into how many slices a period is divided, if each is long enough.
const SLICES: u64 = 64;
/// The shortest slice, in microseconds.
const SHORTEST: u64 = 50_000;
/// How many slices more than a period count: permits are used up to the end of the slice after the slice of their
/// lease.
const LATE: u64 = 2;

/// The settings of a [`Quota`]; returned by [`Fleet::quota`].
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct QuotaBuilder {
    fleet: Fleet,
    name: String,
    permits: u64,
    period: Duration,
    batch: Option<u32>,
    processes: u32,
}

impl QuotaBuilder {
    pub(crate) fn new(fleet: Fleet, name: &str, permits: u64, period: Duration) -> QuotaBuilder {
        QuotaBuilder {
            fleet,
            name: name.to_owned(),
            permits,
            period,
            batch: None,
            processes: 1,
        }
    }

    /// Sets how many permits a process leases at once, at least; a two-hundredth of the quota by default. A process that
    /// uses more in a slice leases as many as it uses.
    pub fn batch(mut self, permits: u32) -> QuotaBuilder {
        self.batch = Some(permits);
        self
    }

    /// Sets how many processes the fleet has at most; 1 by default. While the server is unreachable, each process takes
    /// its share: the quota divided by this number, but at least one permit. If the server last counted more processes,
    /// it is divided by their number.
    pub fn processes(mut self, processes: u32) -> QuotaBuilder {
        self.processes = processes;
        self
    }

    /// The quota.
    ///
    /// # Errors
    ///
    /// [`InvalidFleet::Name`], [`Quota`](InvalidFleet::Quota), [`Period`](InvalidFleet::Period),
    /// [`Batch`](InvalidFleet::Batch) or [`Processes`](InvalidFleet::Processes).
    pub fn build(self) -> Result<Quota, InvalidFleet> {
        let quota = u32::try_from(self.permits).ok();
        let quota = quota.filter(|quota| (1..=i32::MAX as u32).contains(quota));
        let quota = quota.ok_or(InvalidFleet::Quota(self.permits))?;
        if !(Duration::from_secs(1)..=Duration::from_secs(31 * 86_400)).contains(&self.period) {
            return Err(InvalidFleet::Period);
        }
        let batch = self.batch.unwrap_or((quota / 200).max(1));
        if !(1..=quota).contains(&batch) {
            return Err(InvalidFleet::Batch(batch));
        }
        if self.processes == 0 {
            return Err(InvalidFleet::Processes);
        }
        let millis = self.period.as_millis() as u64;
        let slices = (millis * 1_000 / SHORTEST).min(SLICES);
        let slice = (millis * 1_000).div_ceil(slices);
        let counting = slices + LATE;
        let settings = Settings {
            key: format!("{}:{millis}", self.fleet.key("quota", &self.name)?),
            quota,
            batch,
            processes: self.processes,
            slice,
            counting: counting as u32,
            // Longer than anything in it counts.
            life: 2 * (counting + 16) * slice / 1_000 + 1_000,
            slow: nanos(self.fleet.slow()),
        };
        Ok(Quota {
            inner: Arc::new(Inner {
                fleet: self.fleet,
                key: settings.key.clone(),
                quota,
                lease: Lease::default(),
                ledger: Mutex::new(Ledger::new(settings)),
                signal: Signal::default(),
                now: AtomicU64::new(0),
            }),
        })
    }
}

/// A quota of a whole fleet, such as the tokens per minute of a language model: a gate for
/// [`Run::pace`](persevere_core::Run::pace).
///
/// Each process leases a batch of permits from the server, by [`keep_filled`](Quota::keep_filled), and its calls take
/// from the batch. No call talks to the server itself. The server grants at most the quota in any period, wherever it
/// begins, whatever processes do or do not do. Unused permits of a process go back after at most two slices of a 64th
/// of the period (of 50 ms if that is longer). Permits of a process that dies count as used.
///
/// A call that finds no permit waits for the next exchange with the server, about a millisecond, or until permits
/// become free. If the server does not answer within [`slow_after`](Fleet::slow_after), or nothing keeps the quota
/// filled for twice as long, the process takes its share. See [`QuotaBuilder::processes`], [`status`](Quota::status)
/// and [`Fleet::on_change`].
///
/// ```
/// use persevere::{Policy, ThreadSleeper};
/// use persevere_redis::{Fleet, Quota};
/// use std::time::Duration;
///
/// let fleet = Fleet::open("redis://127.0.0.1:1", "shop")?; // where no server is
/// let quota = fleet.quota("openai", 10_000, Duration::from_secs(60)).processes(20).build()?;
///
/// // On a runtime: `tokio::spawn(quota.keep_filled(TokioSleeper));`
/// let of_thread = quota.clone();
/// std::thread::spawn(move || of_thread.keep_filled_blocking(ThreadSleeper));
///
/// let policy = Policy::default();
/// let reply = policy.on(ThreadSleeper).pace(&quota).run_blocking(|| Ok::<_, ()>("a call of one permit"));
/// assert!(reply.is_ok());
/// let reply = policy.on(ThreadSleeper).pace(quota.weigh(300)).run_blocking(|| Ok::<_, ()>("300 tokens"));
/// assert!(reply.is_ok(), "the share of one process is 500");
/// # Ok::<(), persevere_redis::InvalidFleet>(())
/// ```
///
/// A clone is another handle of the same quota. All runs on it, and its keeper, need sleepers with the same clock. In
/// the child of a fork, a separate keeper has to run before calls take permits. Until then the child has a copy of its
/// parent's permits.
#[derive(Clone)]
pub struct Quota {
    inner: Arc<Inner>,
}

struct Inner {
    fleet: Fleet,
    key: String,
    quota: u32,
    lease: Lease,
    ledger: Mutex<Ledger>,
    signal: Signal,
    /// The latest time of the keeper's clock, in nanoseconds, for a keeper that is dropped.
    now: AtomicU64,
}

impl Quota {
    /// Keeps the quota filled, on any executor: spawn it once in each process. The returned future owns a handle. It ends when
    /// the sleeper is cancelled; dropped or ended, it returns the permits that are left. They count as used if the server has
    /// not answered its last request, or if the process ends at once.
    ///
    /// A thread of its own talks to the server, so that the executor never waits.
    pub fn keep_filled<S: AsyncSleeper>(&self, sleeper: S) -> impl Future<Output = ()> + use<S> {
        keep::keep(self.clone(), sleeper)
    }

    /// [`keep_filled`](Quota::keep_filled), on this thread. It returns when the sleeper is cancelled, within 50 ms.
    pub fn keep_filled_blocking<S: BlockingSleeper>(&self, sleeper: S) {
        keep::keep_blocking(self, sleeper);
    }

    /// A gate that takes the given number of permits for each attempt, such as its tokens. 0 takes none.
    #[must_use]
    pub fn weigh(&self, permits: u32) -> Weighted<&Quota> {
        Weighted::new(self, permits)
    }

    /// [`weigh`](Quota::weigh) for a gate that owns its handle.
    #[must_use]
    pub fn into_weighted(self, permits: u32) -> Weighted<Quota> {
        Weighted::new(self, permits)
    }

    /// Takes permits outside of a run.
    ///
    /// # Errors
    ///
    /// [`Rejected`] with the time after which to try again; indefinitely if the quota is smaller.
    pub fn try_acquire(&self, permits: u32, now: Duration) -> Result<QuotaPermit<&Quota>, Rejected> {
        QuotaPermit::admit(self, permits, || now)
    }

    /// The key of the quota at the server.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.inner.key
    }

    /// Whether the permits come from the server.
    #[must_use]
    pub fn status(&self) -> Status {
        self.inner.ledger().status()
    }

    /// The counts of this process so far.
    #[must_use]
    pub fn stats(&self) -> QuotaStats {
        let ledger = self.inner.ledger();
        let counts = ledger.counts();
        QuotaStats {
            requests: counts.requests,
            faults: counts.faults,
            leased: counts.leased,
            returned: counts.returned,
            taken_locally: counts.own,
            members: ledger.members(),
        }
    }

    /// Takes permits, `None` for a weight of 0.
    #[inline]
    fn take(&self, permits: u32, clock: impl Fn() -> Duration) -> Result<Option<Taken>, Rejected> {
        let inner = &*self.inner;
        if permits == 0 {
            return Ok(None);
        }
        let now = nanos(clock());
        if let Some((taken, is_low)) = inner.lease.take(permits, now) {
            if is_low {
                inner.signal.raise();
            }
            return Ok(Some(taken));
        }
        inner.take_more(permits, now).map(Some)
    }

    fn put_back(&self, taken: Taken, permits: u32) {
        self.inner.lease.put_back(taken, permits);
    }
}

impl Inner {
    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `change` with the ledger, and reports a change of the status.
    fn update<R>(&self, change: impl FnOnce(&mut Ledger) -> R) -> R {
        let mut ledger = self.ledger();
        let from = ledger.status();
        let result = change(&mut ledger);
        let to = ledger.status();
        drop(ledger);
        self.fleet.changed(&self.key, from, to);
        result
    }

    /// Takes permits that the lease did not have.
    #[cold]
    fn take_more(&self, permits: u32, now: u64) -> Result<Taken, Rejected> {
        if permits > self.quota {
            return Err(Rejected::indefinitely());
        }
        let result = self.update(|ledger| {
            // Another caller may have filled it.
            for _ in 0..2 {
                if let Some((taken, _)) = self.lease.take(permits, now) {
                    return Ok(taken);
                }
                ledger.short(&self.lease, permits, now)?;
            }
            let taken = self.lease.take(permits, now);
            taken.map(|(taken, _)| taken).ok_or(Rejected::for_now(Duration::ZERO))
        });
        if result.is_err() {
            self.signal.raise();
        }
        result
    }
}

impl Kept for Quota {
    fn fleet(&self) -> &Fleet {
        &self.inner.fleet
    }

    fn signal(&self) -> &Signal {
        &self.inner.signal
    }

    fn next(&self, now: Duration) -> Next {
        self.inner.now.store(nanos(now), Ordering::Relaxed);
        self.inner.update(|ledger| ledger.next(&self.inner.lease, nanos(now)))
    }

    fn answered(&self, asked: Duration, now: Duration, answer: Answer) {
        let (asked, now) = (nanos(asked), nanos(now));
        self.inner
            .update(|ledger| ledger.answered(&self.inner.lease, asked, now, answer));
    }

    fn last(&self) -> Option<Request> {
        let now = self.inner.now.load(Ordering::Relaxed);
        self.inner.update(|ledger| ledger.last(&self.inner.lease, now))
    }
}

impl ReadFleet for Quota {
    fn is_shared(&self) -> bool {
        self.status().is_shared()
    }

    fn faults(&self) -> u64 {
        self.stats().faults
    }
}

impl fmt::Debug for Quota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quota")
            .field("key", &self.inner.key)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

/// The counts of a process for a [`Quota`]; returned by [`Quota::stats`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuotaStats {
    /// Requests to the server.
    pub requests: u64,
    /// Requests that the server did not answer, or answered with an error.
    pub faults: u64,
    /// Permits that the server granted.
    pub leased: u64,
    /// Leased permits that went back unused.
    pub returned: u64,
    /// Permits that this process took from its share, without the server.
    pub taken_locally: u64,
    /// The processes that the server counted last.
    pub members: u32,
}
