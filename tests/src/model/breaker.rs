//! A reference model of the breaker: one thread, no atomics, everything kept as it came.

mod condition;

pub use condition::Condition;

use persevere_breaker::State;
use std::time::Duration;

/// The time at which a clock saturates.
const MOST: Duration = Duration::from_nanos(u64::MAX);

/// A time as the breaker keeps it, saturated.
fn clock(time: Duration) -> Duration {
    time.min(MOST)
}

/// The settings of a breaker.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The first open time, which doubles.
    pub base: Duration,
    /// The bound of the open time.
    pub most: Duration,
    /// The duration from which a success is slow.
    pub slow: Duration,
    /// The lease of a probe; `None` for the length of the opening without hints.
    pub lease: Option<Duration>,
    /// The bound of hints.
    pub max_hint: Duration,
    /// The bound of concurrent probes.
    pub max_probes: u32,
    /// The number of successful probes that close it.
    pub successes_to_close: u32,
    /// The number of failed probes that open it again.
    pub failures_to_reopen: u32,
    /// Whether it opens at once on a hint.
    pub open_on_hints: bool,
}

/// A permit of the model.
#[derive(Debug, Clone, Copy)]
pub struct Permit {
    generation: u32,
    /// The place of a probe, and which of its holders this is.
    place: Option<(usize, u64)>,
    entered: Duration,
}

/// The model of a breaker.
#[derive(Debug, Clone)]
pub struct Model {
    settings: Settings,
    conditions: Vec<Condition>,
    state: State,
    generation: u32,
    until: Duration,
    opens: u32,
    successes: u32,
    failures: u32,
    lease: Duration,
    places: Vec<Option<(u64, Duration)>>,
    holders: u64,
    /// The transitions: sequence, from, to.
    pub transitions: Vec<(u32, State, State)>,
    /// Calls that were rejected.
    pub rejected: u64,
    /// Calls that were abandoned.
    pub abandoned: u64,
    /// Calls that were superseded.
    pub superseded: u64,
    /// Calls that were slow.
    pub slow: u64,
    /// Reports that were stale.
    pub stale: u64,
    /// Places that were reclaimed from a probe.
    pub reclaimed: u64,
}

impl Model {
    /// A closed breaker.
    #[must_use]
    pub fn new(settings: Settings, conditions: Vec<Condition>) -> Model {
        Model {
            places: vec![None; settings.max_probes as usize],
            settings,
            conditions,
            state: State::Closed,
            generation: 0,
            until: Duration::ZERO,
            opens: 0,
            successes: 0,
            failures: 0,
            lease: Duration::ZERO,
            holders: 0,
            transitions: Vec::new(),
            rejected: 0,
            abandoned: 0,
            superseded: 0,
            slow: 0,
            stale: 0,
            reclaimed: 0,
        }
    }

    /// The state as a call would find it `now`.
    #[must_use]
    pub fn state(&self, now: Duration) -> State {
        match self.state {
            State::Open if clock(now) >= self.until => State::HalfOpen,
            state => state,
        }
    }

    fn go(&mut self, state: State) {
        self.generation += 1;
        self.transitions.push((self.generation, self.state, state));
        self.state = state;
        self.successes = 0;
        self.failures = 0;
        self.places.fill(None);
        self.conditions.iter_mut().for_each(Condition::clear);
        if !matches!(state, State::Open | State::HalfOpen) {
            self.opens = 0;
        }
    }

    fn open(&mut self, hint: Duration, now: Duration) {
        self.go(State::Open);
        self.opens += 1;
        let time = self.open_time().max(hint.min(self.settings.max_hint));
        self.until = clock(clock(now).saturating_add(time));
        self.lease = self.lease_after();
    }

    fn open_time(&self) -> Duration {
        let grown = (1..self.opens).fold(self.settings.base, |time, _| clock(time.saturating_mul(2)));
        grown.min(self.settings.most)
    }

    /// The lease of a probe after this opening.
    fn lease_after(&self) -> Duration {
        let by_default = match self.open_time() {
            Duration::ZERO => Duration::from_secs(60),
            time => time,
        };
        clock(self.settings.lease.unwrap_or(by_default))
    }

    /// Admits a call, or rejects it.
    ///
    /// # Errors
    ///
    /// The state, and the time after which to try again.
    ///
    /// # Panics
    ///
    /// If the state is unknown to the model.
    pub fn admit(&mut self, entered: Duration) -> Result<Permit, (State, Option<Duration>)> {
        let now = clock(entered);
        if self.state == State::Open && now >= self.until {
            self.go(State::HalfOpen);
        }
        let mut permit = Permit {
            generation: self.generation,
            place: None,
            entered,
        };
        let retry_after = match self.state {
            State::Closed | State::ForcedClosed => return Ok(permit),
            State::Open => Some(self.until - now),
            State::ForcedOpen => None,
            State::HalfOpen => {
                let is_free = |place: &Option<(u64, Duration)>| place.is_none_or(|(_, end)| now >= end);
                if let Some(place) = self.places.iter().position(is_free) {
                    self.holders += 1;
                    let end = now.saturating_add(self.lease).min(MOST);
                    let before = self.places[place].replace((self.holders, end));
                    self.reclaimed += u64::from(before.is_some());
                    permit.place = Some((place, self.holders));
                    return Ok(permit);
                }
                // An upper bound: the breaker returns a part of it.
                self.places.iter().flatten().map(|(_, end)| *end - now).min()
            }
            other => panic!("{other} is new"),
        };
        self.rejected += 1;
        Err((self.state, retry_after))
    }

    /// The call succeeded.
    pub fn succeeded(&mut self, permit: Permit, now: Duration) {
        let is_slow = self.is_slow(permit, now);
        self.report(permit, is_slow, Duration::ZERO, now);
    }

    /// The call failed.
    pub fn failed(&mut self, permit: Permit, hint: Duration, now: Duration) {
        self.is_slow(permit, now);
        self.report(permit, true, hint, now);
    }

    /// The call is ignored.
    pub fn ignored(&mut self, permit: Permit) {
        if self.is_held(permit) {
            self.give_back(permit);
        }
    }

    /// The caller went away, or another call was faster.
    pub fn unfinished(&mut self, permit: Permit, superseded: bool, now: Duration) {
        *(if superseded {
            &mut self.superseded
        } else {
            &mut self.abandoned
        }) += 1;
        if self.is_slow(permit, now) {
            self.report(permit, true, Duration::ZERO, now);
        }
        self.ignored(permit);
    }

    /// Whether the call is slow by now. Counts it if so.
    fn is_slow(&mut self, permit: Permit, now: Duration) -> bool {
        let is_slow = now.saturating_sub(permit.entered) >= self.settings.slow;
        self.slow += u64::from(is_slow);
        is_slow
    }

    /// The permit was dropped.
    pub fn abandoned(&mut self, permit: Permit) {
        self.abandoned += 1;
        self.ignored(permit);
    }

    fn report(&mut self, permit: Permit, failed: bool, hint: Duration, now: Duration) {
        if permit.generation != self.generation || (permit.place.is_some() && !self.is_held(permit)) {
            self.stale += 1;
        } else if permit.place.is_some() {
            self.give_back(permit);
            *(if failed {
                &mut self.failures
            } else {
                &mut self.successes
            }) += 1;
            if self.failures >= self.settings.failures_to_reopen {
                self.open(hint, now);
            } else if self.successes >= self.settings.successes_to_close {
                self.go(State::Closed);
            }
        } else if self.state == State::Closed {
            let opens = self
                .conditions
                .iter_mut()
                .fold(false, |opens, condition| condition.record(failed, now) | opens);
            if opens || (self.settings.open_on_hints && !hint.is_zero()) {
                self.open(hint, now);
            }
        }
    }

    fn is_held(&self, permit: Permit) -> bool {
        let holds = |(place, holder): (usize, u64)| self.places[place].is_some_and(|(other, _)| other == holder);
        permit.generation == self.generation && permit.place.is_some_and(holds)
    }

    fn give_back(&mut self, permit: Permit) {
        if let Some((place, _)) = permit.place {
            self.places[place] = None;
        }
    }

    /// Forces it to this state.
    pub fn force(&mut self, state: State) {
        if self.state != state {
            self.go(state);
        }
    }

    /// Releases it if it is forced.
    pub fn release(&mut self) {
        if matches!(self.state, State::ForcedOpen | State::ForcedClosed) {
            self.go(State::Closed);
        }
    }

    /// Opens it for the given time.
    pub fn force_open_for(&mut self, time: Duration, now: Duration) {
        let until = clock(clock(now).saturating_add(time));
        if self.state == State::Open && self.until >= until {
            return;
        }
        let grown = match self.state {
            State::Open | State::HalfOpen => self.opens,
            _ => 0,
        };
        self.go(State::Open);
        self.opens = 1;
        self.lease = self.lease_after();
        self.opens = grown + 1;
        self.until = until;
    }

    /// Closes it.
    pub fn reset(&mut self) {
        self.go(State::Closed);
    }

    /// Continues `now` from another model as it was at the time `saved`.
    pub fn restore(&mut self, other: &Model, saved: Duration, now: Duration) {
        self.go(other.state);
        let longest = self.settings.most.max(self.settings.max_hint);
        let left = match other.state {
            State::Open => other.until.saturating_sub(clock(saved)).min(longest),
            _ => Duration::ZERO,
        };
        self.until = clock(clock(now).saturating_add(left));
        (self.opens, self.successes, self.failures) = (other.opens, other.successes, other.failures);
        let opens = std::mem::replace(&mut self.opens, other.opens.max(1));
        self.lease = self.lease_after();
        self.opens = opens;
        self.conditions.clone_from(&other.conditions);
        self.conditions
            .iter_mut()
            .for_each(|condition| condition.moved(saved, now));
    }
}
