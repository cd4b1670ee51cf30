//! A pause of a fleet.

use crate::fleet::Fleet;
use crate::keep::{self, Kept, Next};
use crate::link::{Answer, Request, Source};
use crate::random;
use crate::signal::Signal;
use crate::status::{Cause, Status};
use persevere_core::AsyncSleeper;
use persevere_core::gate::{Ended, Gate, Rejected, Report};
use persevere_core::sleeper::BlockingSleeper;
use persevere_limit::{Pause, PausePermit};
use persevere_telemetry::ReadFleet;
use redis::Script;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

static SCRIPT: Source = Source::new(|| Script::new(include_str!("pause.lua")));

/// How often the server is checked for pauses of other processes.
const INTERVAL: Duration = Duration::from_millis(250);
/// The longest pause that is passed on, whatever the hint.
const LONGEST: Duration = Duration::from_secs(86_400);

/// A [`Pause`] of a whole fleet: when a server makes one process wait, all wait, within half a second. Returned by
/// [`Fleet::pause`].
///
/// It goes to [`Run::pace`](persevere_core::Run::pace). Hints are passed on, and lengthen the pause of each process as far
/// as its [`Pause::at_most`] allows. After the pause one attempt of each process goes first.
///
/// While the server is slow or unreachable, each process has its own pause.
///
/// ```
/// use persevere::{Policy, ThreadSleeper, limit::Pause};
/// use persevere_redis::Fleet;
/// use std::time::Duration;
///
/// let fleet = Fleet::open("redis://127.0.0.1:1", "shop")?; // where no server is
/// let pause = fleet.pause("openai", Pause::new().at_most(Duration::from_secs(60)))?;
///
/// // On a runtime: `tokio::spawn(pause.keep_shared(TokioSleeper));`
/// let of_thread = pause.clone();
/// std::thread::spawn(move || of_thread.keep_shared_blocking(ThreadSleeper));
///
/// let reply = Policy::default().on(ThreadSleeper).pace(&pause).run_blocking(|| Ok::<_, ()>(7));
/// assert_eq!(reply, Ok(7));
/// # Ok::<(), persevere_redis::InvalidFleet>(())
/// ```
///
/// A clone is another handle of the same pause. All runs on it, and its keeper, need sleepers with the same clock.
#[derive(Clone)]
pub struct FleetPause {
    inner: Arc<Inner>,
}

struct Inner {
    fleet: Fleet,
    key: String,
    pause: Arc<Pause>,
    state: Mutex<State>,
    signal: Signal,
}

struct State {
    status: Status,
    /// The end of a pause that is not passed on yet.
    unknown: Option<Duration>,
    /// The end of the pause that the last request has passed on.
    sent: Option<Duration>,
    /// How long the last request has paused the fleet for, in milliseconds; 0 if it only read the state.
    asked_for: i64,
    /// The end of the last pause of another process, on the server's clock.
    seen: i64,
    /// The time of the next request.
    due: Duration,
    /// The requests that failed.
    faults: u64,
}

impl FleetPause {
    pub(crate) fn new(fleet: Fleet, key: String, pause: Pause) -> FleetPause {
        FleetPause {
            inner: Arc::new(Inner {
                fleet,
                key,
                pause: Arc::new(pause),
                state: Mutex::new(State {
                    status: Status::Local(Cause::NotKept),
                    unknown: None,
                    sent: None,
                    asked_for: 0,
                    seen: 0,
                    due: Duration::ZERO,
                    faults: 0,
                }),
                signal: Signal::default(),
            }),
        }
    }

    /// Shares the pause with the fleet, on any executor: spawn it once in each process. The returned future owns a handle, and
    /// ends when the sleeper is cancelled. A thread of its own talks to the server.
    pub fn keep_shared<S: AsyncSleeper>(&self, sleeper: S) -> impl Future<Output = ()> + use<S> {
        keep::keep(self.clone(), sleeper)
    }

    /// [`keep_shared`](FleetPause::keep_shared), on this thread. It returns when the sleeper is cancelled, within 50 ms.
    pub fn keep_shared_blocking<S: BlockingSleeper>(&self, sleeper: S) {
        keep::keep_blocking(self, sleeper);
    }

    /// Pauses all processes from `now`, as a hint does: see [`Pause::pause_for`].
    pub fn pause_for(&self, time: Duration, now: Duration) {
        self.inner.pause.pause_for(time, now);
        let until = now.saturating_add(time.min(LONGEST));
        let mut state = self.inner.state();
        if !time.is_zero() && state.unknown.is_none_or(|earlier| earlier < until) {
            state.unknown = Some(until);
            drop(state);
            self.inner.signal.raise();
        }
    }

    /// The pause of this process.
    #[must_use]
    pub fn pause(&self) -> &Pause {
        &self.inner.pause
    }

    /// The key of the pause at the server.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.inner.key
    }

    /// Whether the server answers.
    #[must_use]
    pub fn status(&self) -> Status {
        self.inner.state().status
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept for FleetPause {
    fn fleet(&self) -> &Fleet {
        &self.inner.fleet
    }

    fn signal(&self) -> &Signal {
        &self.inner.signal
    }

    fn next(&self, now: Duration) -> Next {
        let mut state = self.inner.state();
        let passed_on = state.unknown.filter(|until| *until > now);
        let is_due = now >= state.due || (passed_on.is_some() && state.status.is_shared());
        if !is_due {
            return Next::Wait(state.due - now);
        }
        state.sent = passed_on;
        state.due = now + INTERVAL;
        let pause = passed_on.map_or(0, |until| (until - now).as_millis() as i64);
        state.asked_for = pause;
        Next::Ask(Request {
            source: &SCRIPT,
            key: self.inner.key.clone(),
            arguments: vec![pause],
        })
    }

    fn answered(&self, _asked: Duration, now: Duration, answer: Answer) {
        let mut state = self.inner.state();
        let from = state.status;
        match answer.and_then(|values| <[i64; 2]>::try_from(values).map_err(|_| Cause::Failed)) {
            Ok([ends, left]) => {
                state.status = Status::Shared;
                if state.unknown == state.sent {
                    state.unknown = None;
                }
                if ends > state.seen {
                    state.seen = ends;
                    // Not the pause that this process has sent: it has begun here, and may be released by now.
                    if left != state.asked_for {
                        let left = Duration::from_millis(u64::try_from(left).unwrap_or(0));
                        self.inner.pause.pause_for(left, now);
                    }
                }
            }
            Err(cause) => {
                state.status = Status::Local(cause);
                state.faults += 1;
                state.due = now + INTERVAL + Duration::from_millis(random::below(250));
            }
        }
        let to = state.status;
        drop(state);
        self.inner.fleet.changed(&self.inner.key, from, to);
    }

    fn last(&self) -> Option<Request> {
        let mut state = self.inner.state();
        let from = std::mem::replace(&mut state.status, Status::Local(Cause::NotKept));
        drop(state);
        self.inner
            .fleet
            .changed(&self.inner.key, from, Status::Local(Cause::NotKept));
        None
    }
}

impl ReadFleet for FleetPause {
    fn is_shared(&self) -> bool {
        self.status().is_shared()
    }

    fn faults(&self) -> u64 {
        self.inner.state().faults
    }
}

impl fmt::Debug for FleetPause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FleetPause")
            .field("key", &self.inner.key)
            .field("pause", &self.inner.pause)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl<'p> Gate for &'p FleetPause {
    type Permit = PausePermit<&'p Pause>;

    fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected> {
        self.pause().admit(now)
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        self.pause().admit_by(clock)
    }

    fn hinted(&self, hint: Duration, now: Duration) {
        self.pause_for(hint, now);
    }
}

impl<'p, T, E> Report<T, E> for &'p FleetPause {
    fn report(&self, permit: PausePermit<&'p Pause>, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        self.pause().report(permit, ended, clock);
    }
}

impl Gate for FleetPause {
    type Permit = PausePermit<Arc<Pause>>;

    fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected> {
        self.inner.pause.admit(now)
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        self.inner.pause.admit_by(clock)
    }

    fn hinted(&self, hint: Duration, now: Duration) {
        self.pause_for(hint, now);
    }
}

impl<T, E> Report<T, E> for FleetPause {
    fn report(&self, permit: Self::Permit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        self.inner.pause.report(permit, ended, clock);
    }
}
