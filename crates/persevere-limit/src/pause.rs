//! A pause that all callers of a client share.

use crate::error::InvalidLimit;
use core::fmt;
use core::ops::Deref;
use core::time::Duration;
use persevere_core::gate::{Ended, Gate, Rejected, Report};
use persevere_core::time::nanos;
use portable_atomic::{AtomicU64, Ordering};

/// A pause of all the callers of a server: when the server makes one of them wait, all wait.
///
/// It fits in a `static`, and goes to [`Run::pace`](persevere_core::Run::pace). A hint, such as the `Retry-After` of a
/// 429 or 503, pauses all runs that share the pause, for the time of the hint. The policy of the run must accept the
/// hint. A later hint only lengthens the pause. Runs that wait use up no attempts.
///
/// After the pause one attempt goes first. Any outcome except another hint ends the pause for all. If it has no
/// outcome, since it timed out, panicked or was dropped, or if it takes longer than
/// [`first_within`](Pause::first_within), the next attempt goes first. Waits end up to a tenth later than the pause,
/// spread by [`Policy::spread_hints`](persevere_core::Policy::spread_hints), so that the callers do not return all at
/// once.
///
/// Take it where a hint applies to all callers, as where the quota of a minute is used up. Some servers reject only a
/// part of the calls, as a limit of the rate with small bursts does. There a pause holds back the others as well: see
/// the [guide](https://docs.rs/persevere/latest/persevere/guide/limits/index.html).
///
/// ```
/// use persevere::{Policy, Sleeper, ThreadSleeper, Verdict, limit::Pause};
/// use std::time::Duration;
///
/// static PAUSE: Pause = Pause::new();
///
/// struct Throttled(Duration);
/// let policy = Policy::default().classify_with(|throttled: &Throttled| Verdict::RetryAfter(throttled.0));
///
/// let mut answers = [Err(Throttled(Duration::from_millis(20))), Ok(7)].into_iter();
/// let first = policy.on(ThreadSleeper).pace(&PAUSE).run_blocking(|| answers.next().unwrap());
/// assert_eq!(first.ok(), Some(7));
///
/// // Another caller of the same server, while it is paused:
/// PAUSE.pause_for(Duration::from_millis(20), ThreadSleeper.now());
/// let began = ThreadSleeper.now();
/// let other = policy.on(ThreadSleeper).pace(&PAUSE).run_blocking(|| Ok(ThreadSleeper.now() - began));
/// assert!(other.is_ok_and(|waited| waited >= Duration::from_millis(20)));
/// ```
///
/// All runs on one pause need sleepers with the same clock.
pub struct Pause {
    word: AtomicU64,
    at_most: u64,
    first_within: u64,
}

/// The state of a pause in one word: 0 if it is open, otherwise a time in even nanoseconds. The lowest bit is whether
/// the first attempt is under way.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Admits all.
    Open,
    /// Admits nothing until this time, then one attempt.
    Until(u64),
    /// The first attempt is under way, and no other is admitted until this time.
    First(u64),
}

const OPEN: u64 = 0;
/// A time in the past, after which the next attempt goes first.
const PAST: u64 = 2;

impl State {
    const fn of(word: u64) -> State {
        match (word, word & 1) {
            (OPEN, _) => State::Open,
            (word, 0) => State::Until(word),
            (word, _) => State::First(word & !1),
        }
    }

    /// Times are rounded up, and are after zero.
    const fn word(self) -> u64 {
        match self {
            State::Open => OPEN,
            State::Until(time) => even(time),
            State::First(time) => even(time) | 1,
        }
    }
}

const fn even(time: u64) -> u64 {
    let up = time.saturating_add(1) & !1;
    if up < PAST { PAST } else { up }
}

impl Pause {
    /// A pause that is open, of at most 5 minutes, whose first attempt afterwards may take 10 s.
    #[must_use]
    pub const fn new() -> Pause {
        Pause {
            word: AtomicU64::new(OPEN),
            at_most: 300_000_000_000,
            first_within: 10_000_000_000,
        }
    }

    /// Bounds the pause, whatever the hints; 5 minutes by default, as
    /// [`Policy::max_hint`](persevere_core::Policy::max_hint).
    ///
    /// # Panics
    ///
    /// If it is zero. See [`try_at_most`](Pause::try_at_most).
    #[must_use]
    pub const fn at_most(self, longest: Duration) -> Pause {
        match self.try_at_most(longest) {
            Ok(pause) => pause,
            Err(_) => panic!("invalid pause: at_most must be longer than zero"),
        }
    }

    /// [`at_most`](Pause::at_most), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::AtMost`] if it is zero.
    pub const fn try_at_most(mut self, longest: Duration) -> Result<Pause, InvalidLimit> {
        if longest.is_zero() {
            return Err(InvalidLimit::AtMost);
        }
        self.at_most = nanos(longest);
        Ok(self)
    }

    /// How long the first attempt after a pause may take before another goes first; 10 s by default.
    ///
    /// # Panics
    ///
    /// If it is zero. See [`try_first_within`](Pause::try_first_within).
    #[must_use]
    pub const fn first_within(self, longest: Duration) -> Pause {
        match self.try_first_within(longest) {
            Ok(pause) => pause,
            Err(_) => panic!("invalid pause: first_within must be longer than zero"),
        }
    }

    /// [`first_within`](Pause::first_within), without a panic.
    ///
    /// # Errors
    ///
    /// [`InvalidLimit::FirstWithin`] if it is zero.
    pub const fn try_first_within(mut self, longest: Duration) -> Result<Pause, InvalidLimit> {
        if longest.is_zero() {
            return Err(InvalidLimit::FirstWithin);
        }
        self.first_within = nanos(longest);
        Ok(self)
    }

    /// Pauses all callers from `now`, as a hint does: for at most [`at_most`](Pause::at_most), and never for less than they
    /// are paused already. Zero does nothing.
    pub fn pause_for(&self, time: Duration, now: Duration) {
        let time = nanos(time).min(self.at_most);
        if time == 0 {
            return;
        }
        let until = nanos(now).saturating_add(time);
        self.update(|state| match state {
            State::Until(earlier) if earlier >= even(until) => None,
            _ => Some(State::Until(until)),
        });
    }

    /// Ends the pause for all callers. Callers that wait try again at the end of their waits.
    pub fn release(&self) {
        self.update(|state| (state != State::Open).then_some(State::Open));
    }

    /// How long callers are paused from `now` on; `None` if they are not. Zero means that one attempt goes first.
    #[must_use]
    pub fn paused_for(&self, now: Duration) -> Option<Duration> {
        // Ordering: the word is the whole state.
        match State::of(self.word.load(Ordering::Relaxed)) {
            State::Open => None,
            State::First(_) => Some(Duration::ZERO),
            State::Until(until) => Some(Duration::from_nanos(self.left(until, nanos(now)))),
        }
    }

    /// The rest of the pause. Bounded, since the clock may have gone back.
    fn left(&self, until: u64, now: u64) -> u64 {
        until.saturating_sub(now).min(even(self.at_most))
    }

    fn update(&self, mut next: impl FnMut(State) -> Option<State>) {
        // Ordering: the word is the whole state, and orders nothing else.
        let _ = self.word.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
            next(State::of(word)).map(State::word)
        });
    }

    /// Whether `word` was exchanged for `next`.
    fn exchange(&self, word: u64, next: State) -> bool {
        // Ordering: as in `update`.
        let exchanged = self
            .word
            .compare_exchange(word, next.word(), Ordering::Relaxed, Ordering::Relaxed);
        exchanged.is_ok()
    }

    /// Admits an attempt: the word of the pause if the attempt goes first, else 0.
    fn try_admit(&self, clock: impl Fn() -> Duration) -> Result<u64, Rejected> {
        let mut word = self.word.load(Ordering::Relaxed);
        if word == OPEN {
            return Ok(OPEN);
        }
        let now = nanos(clock());
        loop {
            match State::of(word) {
                State::Open => return Ok(OPEN),
                State::Until(until) if until > now => {
                    return Err(Rejected::for_now(Duration::from_nanos(self.left(until, now))));
                }
                // A lease from before the clock went back is over.
                State::First(until) if until > now && until - now <= even(self.first_within) => {
                    return Err(Rejected::for_now(Duration::ZERO));
                }
                _ => {
                    let first = State::First(now.saturating_add(self.first_within));
                    if self.exchange(word, first) {
                        return Ok(first.word());
                    }
                }
            }
            word = self.word.load(Ordering::Relaxed);
        }
    }
}

impl Default for Pause {
    fn default() -> Pause {
        Pause::new()
    }
}

impl fmt::Debug for Pause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Pause");
        match State::of(self.word.load(Ordering::Relaxed)) {
            State::Open => debug.field("open", &true),
            State::Until(until) => debug.field("until", &Duration::from_nanos(until)),
            State::First(until) => debug.field("first_until", &Duration::from_nanos(until)),
        };
        debug.finish_non_exhaustive()
    }
}

/// The permit of an attempt that a [`Pause`] admitted. Dropped without a report, it lets the next attempt go first. `H` is
/// the reference or `Arc`.
pub struct PausePermit<H: Deref<Target = Pause>> {
    pause: H,
    /// The word of the pause while this attempt goes first; 0 if it does not.
    first: u64,
}

impl<H: Deref<Target = Pause>> PausePermit<H> {
    pub(crate) fn admit(pause: H, clock: impl Fn() -> Duration) -> Result<Self, Rejected> {
        let first = pause.try_admit(clock)?;
        Ok(PausePermit { pause, first })
    }

    /// Whether this attempt goes first after a pause.
    #[must_use]
    pub const fn is_first(&self) -> bool {
        self.first != OPEN
    }

    pub(crate) fn report<T, E>(mut self, ended: Ended<'_, T, E>) {
        if let Ended::Returned(_) = ended {
            // A hint has changed the word by now.
            self.end(State::Open);
        }
    }

    fn end(&mut self, next: State) {
        if self.is_first() {
            self.pause.exchange(self.first, next);
            self.first = OPEN;
        }
    }
}

impl<H: Deref<Target = Pause>> Drop for PausePermit<H> {
    fn drop(&mut self) {
        self.end(State::Until(PAST));
    }
}

impl<H: Deref<Target = Pause>> fmt::Debug for PausePermit<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PausePermit")
            .field("is_first", &self.is_first())
            .finish_non_exhaustive()
    }
}

impl Gate for &Pause {
    type Permit = PausePermit<Self>;

    fn admit(&self, now: Duration) -> Result<Self::Permit, Rejected> {
        PausePermit::admit(*self, || now)
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<Self::Permit, Rejected> {
        PausePermit::admit(*self, clock)
    }

    fn hinted(&self, hint: Duration, now: Duration) {
        self.pause_for(hint, now);
    }
}

impl<T, E> Report<T, E> for &Pause {
    fn report(&self, permit: Self::Permit, ended: Ended<'_, T, E>, _clock: impl Fn() -> Duration) {
        permit.report(ended);
    }
}
