//! A reference model of the breaker: one thread, no atomics, everything kept as it came.

use persevere_breaker::State;
use std::collections::VecDeque;
use std::time::Duration;

/// A condition to open, with all that it has to remember.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Consecutive {
        failures: u32,
        count: u32,
    },
    LastCalls {
        size: usize,
        percent: usize,
        minimum: usize,
        calls: VecDeque<bool>,
    },
    Slices {
        slice: Duration,
        slices: u128,
        percent: usize,
        minimum: usize,
        calls: Vec<(u128, bool)>,
    },
}

impl Condition {
    fn clear(&mut self) {
        match self {
            Condition::Consecutive { count, .. } => *count = 0,
            Condition::LastCalls { calls, .. } => calls.clear(),
            Condition::Slices { calls, .. } => calls.clear(),
        }
    }

    fn record(&mut self, failed: bool, now: Duration) -> bool {
        match self {
            Condition::Consecutive { failures, count } => {
                *count = if failed { *count + 1 } else { 0 };
                count >= failures
            }
            Condition::LastCalls {
                size,
                percent,
                minimum,
                calls,
            } => {
                calls.push_back(failed);
                if calls.len() > *size {
                    calls.pop_front();
                }
                let failures = calls.iter().filter(|failed| **failed).count();
                calls.len() >= *minimum && failures > 0 && failures * 100 >= *percent * calls.len()
            }
            Condition::Slices {
                slice,
                slices,
                percent,
                minimum,
                calls,
            } => {
                let number = now.as_nanos() / slice.as_nanos();
                calls.push((number, failed));
                calls.retain(|(other, _)| number - other < *slices);
                let failures = calls.iter().filter(|(_, failed)| *failed).count();
                calls.len() >= *minimum && failures > 0 && failures * 100 >= *percent * calls.len()
            }
        }
    }
}

/// What the breaker was built with.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) base: Duration,
    pub(crate) most: Duration,
    pub(crate) slow: Duration,
    pub(crate) lease: Duration,
    pub(crate) max_hint: Duration,
    pub(crate) max_probes: usize,
    pub(crate) successes_to_close: u32,
}

/// A permit as the model knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Permit {
    generation: u32,
    /// The place of a probe, and which of its holders this is.
    place: Option<(usize, u64)>,
    entered: Duration,
}

/// The breaker as the model knows it.
#[derive(Debug, Clone)]
pub(crate) struct Model {
    settings: Settings,
    conditions: Vec<Condition>,
    state: State,
    generation: u32,
    until: Duration,
    opens: u32,
    successes: u32,
    places: Vec<Option<(u64, Duration)>>,
    holders: u64,
    pub(crate) transitions: Vec<(u32, State, State)>,
    pub(crate) rejected: u64,
    pub(crate) abandoned: u64,
    pub(crate) late: u64,
    pub(crate) reclaimed: u64,
}

impl Model {
    pub(crate) fn new(settings: Settings, conditions: Vec<Condition>) -> Model {
        Model {
            places: vec![None; settings.max_probes],
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
            late: 0,
            reclaimed: 0,
        }
    }

    pub(crate) fn state(&self, now: Duration) -> State {
        match self.state {
            State::Open if now >= self.until => State::HalfOpen,
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
        let grown = self.settings.base * 2_u32.pow(self.opens.min(20) - 1);
        let time = grown.min(self.settings.most).max(hint.min(self.settings.max_hint));
        self.until = now + time;
    }

    pub(crate) fn enter(&mut self, now: Duration) -> Result<Permit, (State, Option<Duration>)> {
        if self.state == State::Open && now >= self.until {
            self.go(State::HalfOpen);
        }
        let mut permit = Permit {
            generation: self.generation,
            place: None,
            entered: now,
        };
        let refused = match self.state {
            State::Closed | State::ForcedClosed => return Ok(permit),
            State::Open => Some(self.until - now),
            State::ForcedOpen => None,
            State::HalfOpen => {
                let is_free = |place: &Option<(u64, Duration)>| place.is_none_or(|(_, end)| now >= end);
                if let Some(place) = self.places.iter().position(is_free) {
                    self.holders += 1;
                    let before = self.places[place].replace((self.holders, now + self.settings.lease));
                    self.reclaimed += u64::from(before.is_some());
                    permit.place = Some((place, self.holders));
                    return Ok(permit);
                }
                self.places.iter().flatten().map(|(_, end)| *end - now).min()
            }
        };
        self.rejected += 1;
        Err((self.state, refused))
    }

    pub(crate) fn success(&mut self, permit: Permit, now: Duration) {
        let is_slow = now - permit.entered >= self.settings.slow;
        self.report(permit, is_slow, Duration::ZERO, now);
    }

    pub(crate) fn failure(&mut self, permit: Permit, hint: Duration, now: Duration) {
        self.report(permit, true, hint, now);
    }

    pub(crate) fn ignore(&mut self, permit: Permit) {
        if self.is_held(permit) {
            self.give_back(permit);
        }
    }

    pub(crate) fn abandon(&mut self, permit: Permit) {
        self.abandoned += 1;
        self.ignore(permit);
    }

    fn report(&mut self, permit: Permit, failed: bool, hint: Duration, now: Duration) {
        if permit.generation != self.generation || (permit.place.is_some() && !self.is_held(permit)) {
            self.late += 1;
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

    pub(crate) fn by_hand(&mut self, state: State) {
        if self.state != state {
            self.go(state);
        }
    }

    pub(crate) fn automatic(&mut self) {
        if matches!(self.state, State::ForcedOpen | State::ForcedClosed) {
            self.go(State::Closed);
        }
    }

    pub(crate) fn reset(&mut self) {
        self.go(State::Closed);
    }

    /// Goes on as another breaker that was restored from this one.
    pub(crate) fn restart(&mut self) {
        self.transitions = vec![(1, State::Closed, self.state)];
        self.generation = 1;
        self.places.fill(None);
        (self.rejected, self.abandoned, self.late, self.reclaimed) = (0, 0, 0, 0);
    }
}
