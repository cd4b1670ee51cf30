//! The control word: the state of a breaker in one word, which changes atomically.

use crate::generation::Generation;
use crate::state::State;

/// The control word. From the top it holds the generation (32 bits), the state (3), and whether the state is settling
/// (1). Then follow how often the breaker has opened since it was last closed (10), and whether it times its calls (1).
/// Last are how many probes have failed (7), and how many have succeeded (10).
///
/// Invariant: the lower half of a closed breaker that does not time its calls is zero.
///
/// A state is settling while its data is being written, by the one thread that won the transition. The breaker rejects
/// calls meanwhile, and no thread waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Control(pub(crate) u64);

/// The reported probes of a half-open breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProbeCounts {
    pub(crate) successes: u32,
    pub(crate) failures: u32,
}

impl ProbeCounts {
    pub(crate) const NONE: ProbeCounts = ProbeCounts {
        successes: 0,
        failures: 0,
    };
}

const STATE: u32 = 29;
const SETTLING: u64 = 1 << 28;
const OPENINGS: u32 = 18;
const TIMES_CALLS: u32 = 1 << 17;

/// The highest number of openings that the word can hold.
pub(crate) const MAX_OPENINGS: u32 = (1 << 10) - 1;

/// The highest number of successful probes that the word can hold.
pub(crate) const MAX_SUCCESSES: u32 = (1 << 10) - 1;

/// The highest number of failed probes that the word can hold.
pub(crate) const MAX_FAILURES: u32 = (1 << 7) - 1;

const FAILURES: u32 = 10;

impl Control {
    /// Closed, in the first generation.
    pub(crate) const fn new(times_calls: bool) -> Control {
        Control(if times_calls { TIMES_CALLS as u64 } else { 0 })
    }

    /// A settled state in the next generation.
    pub(crate) const fn settled(self, state: State, openings: u32, probes: ProbeCounts) -> Control {
        let kept = self.0 as u32 & TIMES_CALLS;
        let generation = self.generation().next();
        let probes = probes.failures << FAILURES | probes.successes;
        Control(generation.tag(state.bits() << STATE | openings << OPENINGS | kept | probes))
    }

    #[inline]
    pub(crate) const fn generation(self) -> Generation {
        Generation::of(self.0)
    }

    #[inline]
    pub(crate) const fn state(self) -> State {
        State::of_bits(self.0 as u32 >> STATE)
    }

    /// Whether the breaker is closed, other than by force.
    #[inline]
    pub(crate) const fn is_closed(self) -> bool {
        self.0 as u32 & !TIMES_CALLS == 0
    }

    /// Whether the breaker is closed, other than by force, and does not time its calls.
    #[inline]
    pub(crate) const fn is_closed_untimed(self) -> bool {
        self.0 as u32 == 0
    }

    #[inline]
    pub(crate) const fn is_settling(self) -> bool {
        self.0 & SETTLING != 0
    }

    #[inline]
    pub(crate) const fn openings(self) -> u32 {
        self.0 as u32 >> OPENINGS & MAX_OPENINGS
    }

    #[inline]
    pub(crate) const fn probes(self) -> ProbeCounts {
        ProbeCounts {
            successes: self.0 as u32 & MAX_SUCCESSES,
            failures: self.0 as u32 >> FAILURES & MAX_FAILURES,
        }
    }

    /// The same state with one more probe.
    pub(crate) const fn with_probe(self, failed: bool) -> Control {
        Control(self.0 + if failed { 1 << FAILURES } else { 1 })
    }

    /// The same state while it is settling.
    pub(crate) const fn settling(self) -> Control {
        Control(self.0 | SETTLING)
    }

    /// The word after a transition to `state`.
    pub(crate) const fn next(self, state: State) -> Control {
        let openings = match state {
            State::Open if self.openings() < MAX_OPENINGS => self.openings() + 1,
            State::Open | State::HalfOpen => self.openings(),
            // Closed and forced breakers count their openings anew.
            State::Closed | State::ForcedOpen | State::ForcedClosed => 0,
        };
        self.settled(state, openings, ProbeCounts::NONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATES: [State; 5] = [
        State::Closed,
        State::Open,
        State::HalfOpen,
        State::ForcedOpen,
        State::ForcedClosed,
    ];

    const MOST: ProbeCounts = ProbeCounts {
        successes: MAX_SUCCESSES,
        failures: MAX_FAILURES,
    };

    #[test]
    fn word_returns_all_its_fields() {
        for (state, times_calls) in STATES.into_iter().flat_map(|state| [(state, false), (state, true)]) {
            let before = Control(Generation(u32::MAX - 1).tag(Control::new(times_calls).0 as u32));
            let control = before.settled(state, MAX_OPENINGS, MOST);
            assert_eq!(control.generation(), Generation(u32::MAX));
            assert_eq!((control.state(), control.is_settling()), (state, false));
            assert_eq!((control.openings(), control.probes()), (MAX_OPENINGS, MOST));
            let settling = control.settling();
            assert_eq!((settling.state(), settling.is_settling()), (state, true));
            assert!(!settling.is_closed());
            let closed = control.next(State::Closed);
            assert!(closed.is_closed() && closed.is_closed_untimed() != times_calls);
        }
    }

    #[test]
    fn openings_are_counted_until_closed_and_saturate() {
        let mut control = Control::new(false);
        for expected in (1..=MAX_OPENINGS).chain([MAX_OPENINGS, MAX_OPENINGS]) {
            control = control.next(State::Open);
            assert_eq!((control.openings(), control.probes()), (expected, ProbeCounts::NONE));
            control = control.next(State::HalfOpen).with_probe(false).with_probe(true);
            let probes = ProbeCounts {
                successes: 1,
                failures: 1,
            };
            assert_eq!((control.openings(), control.probes()), (expected, probes));
        }
        assert_eq!(control.next(State::Closed).openings(), 0);
    }

    #[test]
    fn only_closed_is_closed() {
        let closed = STATES.map(|state| Control::new(false).next(state).is_closed());
        assert_eq!(closed, [true, false, false, false, false]);
    }
}
