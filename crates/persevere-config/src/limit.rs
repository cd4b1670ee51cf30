//! A limit of any kind, behind an `Arc`.

use crate::section::limit::LimitSettings;
use persevere_core::gate::{Ended, Gate, Rejected, Report};
use persevere_limit::{AdaptiveLimit, Aimd, Bulkhead, Gradient2, Pause};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A limit of any kind, which is cheap to clone. It is passed by value to [`Run::pace`](persevere_core::Run::pace),
/// which waits for it, or to [`Run::bulkhead`](persevere_core::Run::bulkhead), which does not.
#[derive(Debug, Clone)]
pub struct SharedLimit(Kind);

/// A value for each kind of limit: the limit, or its permit.
#[derive(Debug, Clone)]
enum OfKind<B, P, G, A> {
    Bulkhead(B),
    Pause(P),
    Gradient2(G),
    Aimd(A),
}

type Kind = OfKind<Arc<Bulkhead>, Arc<Pause>, Arc<AdaptiveLimit<Gradient2>>, Arc<AdaptiveLimit<Aimd>>>;
type Permit = OfKind<
    <Arc<Bulkhead> as Gate>::Permit,
    <Arc<Pause> as Gate>::Permit,
    <Arc<AdaptiveLimit<Gradient2>> as Gate>::Permit,
    <Arc<AdaptiveLimit<Aimd>> as Gate>::Permit,
>;

/// The permit of an attempt that a [`SharedLimit`] admitted, which gives its place back when it is dropped. You need not
/// name it.
pub struct LimitPermit(Permit);

impl SharedLimit {
    /// Builds the limit. Invariant: the settings were accepted when they were read.
    pub(crate) fn build(settings: &LimitSettings) -> SharedLimit {
        match *settings {
            LimitSettings::Bulkhead(calls) => Bulkhead::new(calls).into(),
            LimitSettings::Pause { at_most, first_within } => {
                let mut pause = Pause::new();
                if let Some(longest) = at_most {
                    pause = pause.at_most(longest);
                }
                if let Some(longest) = first_within {
                    pause = pause.first_within(longest);
                }
                pause.into()
            }
            LimitSettings::Gradient2 { algorithm, window } => adaptive(algorithm, window).into(),
            LimitSettings::Aimd { algorithm, window } => adaptive(algorithm, window).into(),
        }
    }

    /// Continues the pause of `other`, if both are pauses.
    pub(crate) fn adopt(&self, other: &SharedLimit, now: Duration) {
        if let (Kind::Pause(pause), Kind::Pause(other)) = (&self.0, &other.0) {
            if let Some(left) = other.paused_for(now) {
                // Zero means that one attempt goes first, as after the shortest pause.
                pause.pause_for(left.max(Duration::from_nanos(1)), now);
            }
        }
    }

    /// Returns the number of calls under way, for gauges; `None` for a pause.
    #[must_use]
    pub fn in_flight(&self) -> Option<u32> {
        match &self.0 {
            Kind::Bulkhead(limit) => Some(limit.in_flight()),
            Kind::Pause(_) => None,
            Kind::Gradient2(limit) => Some(limit.in_flight()),
            Kind::Aimd(limit) => Some(limit.in_flight()),
        }
    }

    /// Returns the greatest number of concurrent calls as of now, for gauges; `None` for a pause.
    #[must_use]
    pub fn limit(&self) -> Option<u32> {
        match &self.0 {
            Kind::Bulkhead(limit) => Some(limit.limit()),
            Kind::Pause(_) => None,
            Kind::Gradient2(limit) => Some(limit.limit()),
            Kind::Aimd(limit) => Some(limit.limit()),
        }
    }

    /// Returns the pause, to pause its callers or release them in code; `None` for other kinds.
    #[must_use]
    pub fn pause(&self) -> Option<&Pause> {
        match &self.0 {
            Kind::Pause(pause) => Some(pause),
            _ => None,
        }
    }
}

impl From<Bulkhead> for SharedLimit {
    fn from(limit: Bulkhead) -> SharedLimit {
        SharedLimit(Kind::Bulkhead(Arc::new(limit)))
    }
}

impl From<Pause> for SharedLimit {
    fn from(limit: Pause) -> SharedLimit {
        SharedLimit(Kind::Pause(Arc::new(limit)))
    }
}

impl From<AdaptiveLimit<Gradient2>> for SharedLimit {
    fn from(limit: AdaptiveLimit<Gradient2>) -> SharedLimit {
        SharedLimit(Kind::Gradient2(Arc::new(limit)))
    }
}

impl From<AdaptiveLimit<Aimd>> for SharedLimit {
    fn from(limit: AdaptiveLimit<Aimd>) -> SharedLimit {
        SharedLimit(Kind::Aimd(Arc::new(limit)))
    }
}

fn adaptive<L>(algorithm: L, window: Option<Duration>) -> AdaptiveLimit<L> {
    let limit = AdaptiveLimit::new(algorithm);
    match window {
        Some(window) => limit.window(window),
        None => limit,
    }
}

impl Gate for SharedLimit {
    type Permit = LimitPermit;

    fn admit(&self, now: Duration) -> Result<LimitPermit, Rejected> {
        self.admit_by(|| now)
    }

    fn admit_by(&self, clock: impl Fn() -> Duration) -> Result<LimitPermit, Rejected> {
        Ok(LimitPermit(match &self.0 {
            Kind::Bulkhead(limit) => Permit::Bulkhead(limit.admit_by(clock)?),
            Kind::Pause(limit) => Permit::Pause(limit.admit_by(clock)?),
            Kind::Gradient2(limit) => Permit::Gradient2(limit.admit_by(clock)?),
            Kind::Aimd(limit) => Permit::Aimd(limit.admit_by(clock)?),
        }))
    }

    fn hinted(&self, hint: Duration, now: Duration) {
        match &self.0 {
            Kind::Bulkhead(limit) => limit.hinted(hint, now),
            Kind::Pause(limit) => limit.hinted(hint, now),
            Kind::Gradient2(limit) => limit.hinted(hint, now),
            Kind::Aimd(limit) => limit.hinted(hint, now),
        }
    }
}

impl<T, E> Report<T, E> for SharedLimit {
    fn report(&self, permit: LimitPermit, ended: Ended<'_, T, E>, clock: impl Fn() -> Duration) {
        match (&self.0, permit.0) {
            (Kind::Bulkhead(limit), Permit::Bulkhead(permit)) => limit.report(permit, ended, clock),
            (Kind::Pause(limit), Permit::Pause(permit)) => limit.report(permit, ended, clock),
            (Kind::Gradient2(limit), Permit::Gradient2(permit)) => limit.report(permit, ended, clock),
            (Kind::Aimd(limit), Permit::Aimd(permit)) => limit.report(permit, ended, clock),
            // The permit of another limit is given back there, as it is dropped.
            _ => {}
        }
    }
}

impl fmt::Debug for LimitPermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
