//! The settings of a breaker.

use crate::transitions::Transition;
use crate::trip::ConsecutiveFailures;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use persevere_core::backoff::Fixed;
use persevere_core::classify::{AnyError, Errors};
use persevere_core::{Backoff, Jitter, Policy};

/// The settings of a breaker about to be built; returned by the constructors of
/// [`CircuitBreaker`](crate::CircuitBreaker).
///
/// | | default | as in |
/// |---|---|---|
/// | consecutive failures | 5, each within an hour of the one before | the outlier detection of Envoy, the failure accrual of Finagle |
/// | failure rate | 50 %, of at least 20 calls | Hystrix |
/// | [`open_for`](Builder::open_for) | 60 s | resilience4j |
/// | [`max_probes`](Builder::max_probes) | 1 | Finagle, Polly, gobreaker |
/// | [`successes_to_close`](Builder::successes_to_close) | 1 | Finagle, Polly, gobreaker |
/// | [`failures_to_reopen`](Builder::failures_to_reopen) | 1 | Finagle, Polly, gobreaker |
/// | [`probe_lease`](Builder::probe_lease) | the open time | none of these, where a lost probe keeps a breaker half-open for good |
/// | [`max_open_for`](Builder::max_open_for), [`clamp_hints_to`](Builder::clamp_hints_to) | 5 min | the longest ejection of Envoy |
///
/// Setting a value again replaces it. The order of the calls does not matter.
#[derive(Debug, Clone, Copy)]
#[must_use = "a builder does nothing until `.build()`"]
pub struct Builder<T = ConsecutiveFailures, B = Fixed, C = AnyError, On = Errors> {
    pub(crate) trip: T,
    pub(crate) open: OpenTimes<B>,
    pub(crate) classifier: C,
    pub(crate) settings: Settings,
    pub(crate) on: PhantomData<On>,
}

impl<T> Builder<T> {
    /// The defaults, with this condition.
    pub(crate) const fn new(trip: T) -> Self {
        Builder {
            trip,
            open: OpenTimes {
                backoff: Fixed::new(OPEN_FOR),
                fixed: Some(OPEN_FOR),
                max: None,
                jitter: Jitter::None,
                seed: None,
            },
            classifier: AnyError,
            settings: Settings {
                slow_after: None,
                probe_lease: None,
                longest_hint: LONGEST_HINT,
                successes_to_close: 1,
                failures_to_reopen: 1,
                max_probes: 1,
                open_on_hints: false,
                report_only: false,
                on_transition: None,
            },
            on: PhantomData,
        }
    }
}

/// The settings that every kind of breaker has.
#[derive(Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) slow_after: Option<Duration>,
    pub(crate) probe_lease: Option<Duration>,
    pub(crate) longest_hint: Duration,
    pub(crate) successes_to_close: u32,
    pub(crate) failures_to_reopen: u32,
    pub(crate) max_probes: u32,
    pub(crate) open_on_hints: bool,
    pub(crate) report_only: bool,
    pub(crate) on_transition: Option<Hook>,
}

/// Called after each transition.
pub(crate) type Hook = &'static (dyn Fn(Transition) + Sync);

// Not derived: a hook is not `Debug`.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("slow_after", &self.slow_after)
            .field("probe_lease", &self.probe_lease)
            .field("clamp_hints_to", &self.longest_hint)
            .field("successes_to_close", &self.successes_to_close)
            .field("failures_to_reopen", &self.failures_to_reopen)
            .field("max_probes", &self.max_probes)
            .field("open_on_hints", &self.open_on_hints)
            .field("report_only", &self.report_only)
            .finish_non_exhaustive()
    }
}

/// How long a breaker stays open.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenTimes<B> {
    pub(crate) backoff: B,
    /// The open time, if it is always the same.
    pub(crate) fixed: Option<Duration>,
    /// The upper bound, if one was set.
    pub(crate) max: Option<Duration>,
    pub(crate) jitter: Jitter,
    pub(crate) seed: Option<u64>,
}

const OPEN_FOR: Duration = Duration::from_secs(60);
const LONGEST_HINT: Duration = Duration::from_secs(5 * 60);
const LONGEST_OPEN: Duration = Duration::from_secs(5 * 60);

impl<B: Backoff> OpenTimes<B> {
    /// Returns the length of the given opening since the breaker was closed, from 1, and the lease of its probes: the
    /// same without jitter.
    pub(crate) fn length_and_lease(&self, opening: u32) -> (Duration, Duration) {
        let exact = self.nth(opening, Jitter::None);
        let length = match self.jitter {
            Jitter::None => exact,
            jitter => self.nth(opening, jitter),
        };
        // A lease of zero would admit every call at once.
        (length, if exact.is_zero() { OPEN_FOR } else { exact })
    }

    /// Walks the curve from its start, since a breaker keeps no state of it.
    fn nth(&self, opening: u32, jitter: Jitter) -> Duration {
        let mut policy = Policy::new(&self.backoff)
            .unlimited_attempts()
            .max_delay(self.max())
            .jitter(jitter);
        if let Some(seed) = self.seed {
            policy = policy.seed(seed);
        }
        let lengths = policy.delays().take(opening as usize);
        lengths.last().unwrap_or(Duration::ZERO)
    }
}

impl<B> OpenTimes<B> {
    /// The upper bound of the open times, without hints.
    const fn max(&self) -> Duration {
        match (self.max, self.fixed) {
            (Some(max), _) => max,
            (None, Some(fixed)) => fixed,
            (None, None) => LONGEST_OPEN,
        }
    }
}

impl<T, B, C, On> Builder<T, B, C, On> {
    /// The upper bound of the open times, with hints.
    pub(crate) const fn longest_open(&self) -> Duration {
        let (length, hint) = (self.open.max(), self.settings.longest_hint);
        if length.as_nanos() > hint.as_nanos() {
            length
        } else {
            hint
        }
    }
}
