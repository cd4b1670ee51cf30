//! The settings of a breaker.

use crate::trip::ConsecutiveFailures;
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
/// | consecutive failures | 5 | the outlier detection of Envoy, the failure accrual of Finagle |
/// | failure rate | 50 %, of at least 20 calls | Hystrix |
/// | [`open_for`](Builder::open_for) | 60 s | resilience4j |
/// | [`max_probes`](Builder::max_probes) | 1 | Finagle, Polly, gobreaker |
/// | [`successes_to_close`](Builder::successes_to_close) | 1 | Finagle, Polly, gobreaker |
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
                max_probes: 1,
            },
            on: PhantomData,
        }
    }
}

/// The settings that every kind of breaker has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) slow_after: Option<Duration>,
    pub(crate) probe_lease: Option<Duration>,
    pub(crate) longest_hint: Duration,
    pub(crate) successes_to_close: u32,
    pub(crate) max_probes: u32,
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
    /// Returns the length of the `opening`th opening since the breaker was closed, from 1.
    ///
    /// Walks the curve from its start, since a breaker keeps no state of it.
    pub(crate) fn length(&self, opening: u32) -> Duration {
        let mut policy = Policy::new(&self.backoff)
            .unlimited_attempts()
            .max_delay(self.max())
            .jitter(self.jitter);
        if let Some(seed) = self.seed {
            policy = policy.seed(seed);
        }
        let lengths = policy.delays().take(opening as usize);
        lengths.last().unwrap_or(Duration::ZERO)
    }
}

impl<B> OpenTimes<B> {
    const fn max(&self) -> Duration {
        match (self.max, self.fixed) {
            (Some(max), _) => max,
            (None, Some(_)) => Duration::MAX,
            (None, None) => LONGEST_OPEN,
        }
    }

    /// The lease of a probe, unless one was set.
    pub(crate) fn lease(&self) -> Duration {
        self.fixed.filter(|time| !time.is_zero()).unwrap_or(OPEN_FOR)
    }
}
