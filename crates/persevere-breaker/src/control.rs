//! The control word: what a breaker is doing, in one word that changes at once.

use crate::generation::Generation;
use crate::state::State;

/// From the top: the generation (32 bits), the state (3), whether it is still settling (1), how often the breaker has
/// opened since it was last closed (10), whether it looks at how long calls take (1), how many probes have succeeded (17).
///
/// So the lower half of a closed breaker that does not look at that is zero, which is all that its calls have to ask.
///
/// A settling state has been entered, but what belongs to it is still being written, by the one thread that won the
/// transition. No call is let through meanwhile, and nobody waits for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Control(pub(crate) u64);

const STATE: u32 = 29;
const SETTLING: u64 = 1 << 28;
const OPENS: u32 = 18;
const TIMES_CALLS: u32 = 1 << 17;

/// The most opens that are told apart.
pub(crate) const MAX_OPENS: u32 = (1 << 10) - 1;

/// The most successful probes that can be counted.
pub(crate) const MAX_SUCCESSES: u32 = TIMES_CALLS - 1;

impl Control {
    /// Closed, in the first generation of a breaker that looks at how long calls take, or does not.
    pub(crate) const fn new(times_calls: bool) -> Control {
        Control(if times_calls { TIMES_CALLS as u64 } else { 0 })
    }

    /// A state as it stays, in the next generation.
    pub(crate) const fn settled(self, state: State, opens: u32, successes: u32) -> Control {
        let kept = self.0 as u32 & TIMES_CALLS;
        let generation = self.generation().next();
        Control(generation.tag(state.bits() << STATE | opens << OPENS | kept | successes))
    }

    #[inline]
    pub(crate) const fn generation(self) -> Generation {
        Generation::of(self.0)
    }

    #[inline]
    pub(crate) const fn state(self) -> State {
        State::of_bits(self.0 as u32 >> STATE)
    }

    /// Whether this is a state that lets every call through.
    #[inline]
    pub(crate) const fn admits_all(self) -> bool {
        self.is_closed() || (matches!(self.state(), State::ForcedClosed) && !self.is_settling())
    }

    /// Whether this is closed, and not by force.
    #[inline]
    pub(crate) const fn is_closed(self) -> bool {
        self.0 as u32 & !TIMES_CALLS == 0
    }

    /// Whether this is closed, and not by force, and does not look at how long calls take.
    #[inline(always)]
    pub(crate) const fn is_plain(self) -> bool {
        self.0 as u32 == 0
    }

    /// Whether this is open, not by force, and settled.
    #[inline]
    pub(crate) const fn is_open(self) -> bool {
        self.0 as u32 >> (STATE - 1) == State::Open.bits() << 1
    }

    #[inline]
    pub(crate) const fn is_settling(self) -> bool {
        self.0 & SETTLING != 0
    }

    #[inline]
    pub(crate) const fn opens(self) -> u32 {
        self.0 as u32 >> OPENS & MAX_OPENS
    }

    #[inline]
    pub(crate) const fn successes(self) -> u32 {
        self.0 as u32 & MAX_SUCCESSES
    }

    /// With one success more.
    pub(crate) const fn with_success(self) -> Control {
        Control(self.0 + 1)
    }

    /// The same, while it is settling.
    pub(crate) const fn settling(self) -> Control {
        Control(self.0 | SETTLING)
    }

    /// What follows in the next generation.
    pub(crate) const fn next(self, state: State) -> Control {
        let opens = match state {
            State::Open if self.opens() < MAX_OPENS => self.opens() + 1,
            State::Open | State::HalfOpen => self.opens(),
            // A breaker that closes, or is moved by hand, begins anew.
            State::Closed | State::ForcedOpen | State::ForcedClosed => 0,
        };
        self.settled(state, opens, 0)
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

    #[test]
    fn all_parts_come_back() {
        for (state, times_calls) in STATES.into_iter().flat_map(|state| [(state, false), (state, true)]) {
            let before = Control(Generation(u32::MAX - 1).tag(Control::new(times_calls).0 as u32));
            let control = before.settled(state, MAX_OPENS, MAX_SUCCESSES);
            assert_eq!(control.generation(), Generation(u32::MAX));
            assert_eq!((control.state(), control.is_settling()), (state, false));
            assert_eq!((control.opens(), control.successes()), (MAX_OPENS, MAX_SUCCESSES));
            let settling = control.settling();
            assert_eq!((settling.state(), settling.is_settling()), (state, true));
            assert!(!settling.admits_all());
            let closed = control.next(State::Closed);
            assert!(closed.is_closed() && closed.admits_all() && closed.is_plain() != times_calls);
        }
    }

    #[test]
    fn opens_are_counted_until_closed_and_saturate() {
        let mut control = Control::new(false);
        for expected in (1..=MAX_OPENS).chain([MAX_OPENS, MAX_OPENS]) {
            control = control.next(State::Open);
            assert_eq!((control.opens(), control.successes()), (expected, 0));
            control = control.next(State::HalfOpen).with_success();
            assert_eq!((control.opens(), control.successes()), (expected, 1));
        }
        assert_eq!(control.next(State::Closed).opens(), 0);
    }

    #[test]
    fn only_closed_states_admit_all() {
        let admits = STATES.map(|state| Control::new(false).next(state).admits_all());
        assert_eq!(admits, [true, false, false, false, true]);
    }
}
