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
    /// The lease of a probe.
    pub lease: Duration,
    /// The bound of hints.
    pub max_hint: Duration,
    /// The bound of concurrent probes.
    pub max_probes: u32,
    /// The number of successful probes that close it.
    pub successes_to_close: u32,
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
    places: Vec<Option<(u64, Duration)>>,
    holders: u64,
    /// The transitions: sequence, from, to.
    pub transitions: Vec<(u32, State, State)>,
    /// Calls that were rejected.
    pub rejected: u64,
    /// Permits that were dropped.
    pub abandoned: u64,
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
            holders: 0,
            transitions: Vec::new(),
            rejected: 0,
            abandoned: 0,
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
        self.places.fill(None);
        self.conditions.iter_mut().for_each(Condition::clear);
        if !matches!(state, State::Open | State::HalfOpen) {
            self.opens = 0;
        }
    }

    fn open(&mut self, hint: Duration, now: Duration) {
        self.go(State::Open);
        self.opens += 1;
        let grown = (1..self.opens).fold(self.settings.base, |time, _| time.saturating_mul(2));
        let time = grown.min(self.settings.most).max(hint.min(self.settings.max_hint));
        self.until = clock(now.saturating_add(time));
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
                    let end = now.saturating_add(clock(self.settings.lease)).min(MOST);
                    let before = self.places[place].replace((self.holders, end));
                    self.reclaimed += u64::from(before.is_some());
                    permit.place = Some((place, self.holders));
                    return Ok(permit);
                }
                self.places.iter().flatten().map(|(_, end)| *end - now).min()
            }
            other => panic!("{other} is new"),
        };
        self.rejected += 1;
        Err((self.state, retry_after))
    }

    /// The call succeeded.
    pub fn succeeded(&mut self, permit: Permit, now: Duration) {
        let is_slow = now.saturating_sub(permit.entered) >= self.settings.slow;
        self.report(permit, is_slow, Duration::ZERO, now);
    }

    /// The call failed.
    pub fn failed(&mut self, permit: Permit, hint: Duration, now: Duration) {
        self.report(permit, true, hint, now);
    }

    /// The call is ignored.
    pub fn ignored(&mut self, permit: Permit) {
        if self.is_held(permit) {
            self.give_back(permit);
        }
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
            self.successes += 1;
            if failed {
                self.open(hint, now);
            } else if self.successes >= self.settings.successes_to_close {
                self.go(State::Closed);
            }
        } else if self.state == State::Closed {
            let opens = self
                .conditions
                .iter_mut()
                .fold(false, |opens, condition| condition.record(failed, now) | opens);
            if opens {
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

    /// Closes it.
    pub fn reset(&mut self) {
        self.go(State::Closed);
    }

    /// Continues `now` from another model as it was at the time `saved`.
    pub fn restore(&mut self, other: &Model, saved: Duration, now: Duration) {
        self.go(other.state);
        self.until = clock(now.saturating_add(other.until.saturating_sub(clock(saved))));
        self.opens = other.opens;
        self.successes = other.successes;
        self.conditions.clone_from(&other.conditions);
        self.conditions
            .iter_mut()
            .for_each(|condition| condition.moved(saved, now));
    }
}
