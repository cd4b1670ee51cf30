//! `[breaker.NAME]`: a circuit breaker.

use crate::mistake::{Mistake, MistakeKind};
use crate::section::{backoff, jitter};
use crate::table::{Table, joined};
use crate::tree::Entry;
use crate::words::BREAKER;
use persevere_breaker::{Builder, CircuitBreaker, ConsecutiveFailures, LastCalls, SharedBreaker, TimeSlices, Trip};
use persevere_core::backoff::Curve;
use persevere_core::classify::AnyError;
use persevere_core::{Backoff, Jitter};
use std::time::Duration;

/// The settings of a breaker; `None` means the builder's default.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct BreakerSettings {
    consecutive: Option<ConsecutiveFailures>,
    rate: Option<RateWindow>,
    open_for: Option<Duration>,
    open_with: Option<Curve>,
    max_open_for: Option<Duration>,
    jitter: Option<Jitter>,
    pub(crate) seed: Option<u64>,
    clamp_hints_to: Option<Duration>,
    slow_after: Option<Duration>,
    max_probes: Option<u32>,
    successes_to_close: Option<u32>,
    failures_to_reopen: Option<u32>,
    probe_lease: Option<Duration>,
    open_on_hints: Option<bool>,
    report_only: Option<bool>,
}

/// The window of a failure rate.
#[derive(Debug, Clone, Copy, PartialEq)]
enum RateWindow {
    Calls(LastCalls),
    Time(TimeSlices),
}

/// Reads a breaker. Mistakes leave the default.
pub(crate) fn read(entry: &Entry, mistakes: &mut Vec<Mistake>) -> BreakerSettings {
    let path = joined("breaker", &entry.name);
    let mut table = Table::read(&path, "setting", "[breaker.billing]", &entry.tree, &BREAKER, mistakes);
    let table = &mut table;
    let settings = BreakerSettings {
        consecutive: consecutive(table),
        rate: rate(table),
        open_for: table.duration("open_for"),
        open_with: backoff::read(table, "open_with").map(|policy| *policy.backoff()),
        max_open_for: table.duration("max_open_for"),
        jitter: jitter::read(table),
        seed: table.u64("seed"),
        clamp_hints_to: table.duration("clamp_hints_to"),
        slow_after: table.duration("slow_after"),
        max_probes: table.u32("max_probes"),
        successes_to_close: table.u32("successes_to_close"),
        failures_to_reopen: table.u32("failures_to_reopen"),
        probe_lease: table.duration("probe_lease"),
        open_on_hints: table.bool("open_on_hints"),
        report_only: table.bool("report_only"),
    };
    settings.checked(table)
}

fn consecutive(table: &mut Table<'_>) -> Option<ConsecutiveFailures> {
    if table.has("failure_rate") {
        table.needs("within", &["consecutive_failures"]);
    }
    let failures = table.u32("consecutive_failures");
    let within = table.duration("within");
    let mut trip = match failures {
        Some(failures) => table.accepted(
            "consecutive_failures",
            ConsecutiveFailures::try_new(failures),
            MistakeKind::InvalidBreaker,
        )?,
        None if within.is_some() => ConsecutiveFailures::new(5),
        None => return None,
    };
    if let Some(time) = within {
        trip = table.accepted("within", trip.try_within(time), MistakeKind::InvalidBreaker)?;
    }
    Some(trip)
}

fn rate(table: &mut Table<'_>) -> Option<RateWindow> {
    for name in ["over_calls", "over", "minimum_calls"] {
        table.needs(name, &["failure_rate"]);
    }
    table.needs("failure_rate", &["over_calls", "over"]);
    let (rate, calls, period) = (
        table.f64("failure_rate"),
        table.u32("over_calls"),
        table.duration("over"),
    );
    let minimum = table.u32("minimum_calls");
    // Checked apart, so that a mistake in the window hides no other.
    let rate = match rate {
        Some(rate) => table
            .accepted(
                "failure_rate",
                LastCalls::of(1).try_rate(rate),
                MistakeKind::InvalidBreaker,
            )
            .map(|_| rate),
        None => None,
    };
    if let Some(calls) = calls {
        let trip = table.accepted("over_calls", LastCalls::try_of(calls), MistakeKind::InvalidBreaker)?;
        let mut trip = trip.rate(rate?);
        if let Some(minimum) = minimum {
            trip = table.accepted("minimum_calls", trip.try_minimum(minimum), MistakeKind::InvalidBreaker)?;
        }
        return Some(RateWindow::Calls(trip));
    }
    let trip = table.accepted("over", TimeSlices::try_over(period?), MistakeKind::InvalidBreaker)?;
    let mut trip = trip.rate(rate?);
    if let Some(minimum) = minimum {
        trip = table.accepted("minimum_calls", trip.try_minimum(minimum), MistakeKind::InvalidBreaker)?;
    }
    Some(RateWindow::Time(trip))
}

impl BreakerSettings {
    /// Has a builder check each value, and leaves out those that it rejects.
    fn checked(mut self, table: &mut Table<'_>) -> BreakerSettings {
        let builder = CircuitBreaker::consecutive_failures(1);
        macro_rules! check {
            ($($name:ident: $setter:ident),*) => {
                $(if let Some(value) = self.$name {
                    let accepted = table.accepted(stringify!($name), builder.$setter(value), MistakeKind::InvalidBreaker);
                    self.$name = accepted.map(|_| value);
                })*
            };
        }
        check!(
            open_for: try_open_for,
            max_open_for: try_max_open_for,
            slow_after: try_slow_after,
            max_probes: try_max_probes,
            successes_to_close: try_successes_to_close,
            failures_to_reopen: try_failures_to_reopen,
            probe_lease: try_probe_lease
        );
        self
    }

    /// Builds the breaker.
    pub(crate) fn build(&self) -> SharedBreaker {
        self.build_with(AnyError)
    }

    /// Builds the breaker with a classifier.
    pub(crate) fn build_with<C: Copy + Send + Sync + 'static>(&self, classifier: C) -> SharedBreaker<C> {
        match (self.consecutive, self.rate) {
            (consecutive, None) => {
                let trip = consecutive.unwrap_or(ConsecutiveFailures::new(5));
                self.opened(CircuitBreaker::tripped_by(trip), classifier)
            }
            (None, Some(RateWindow::Calls(trip))) => self.opened(CircuitBreaker::tripped_by(trip), classifier),
            (None, Some(RateWindow::Time(trip))) => self.opened(CircuitBreaker::tripped_by(trip), classifier),
            (Some(trip), Some(RateWindow::Calls(other))) => {
                self.opened(CircuitBreaker::tripped_by(trip).or(other), classifier)
            }
            (Some(trip), Some(RateWindow::Time(other))) => {
                self.opened(CircuitBreaker::tripped_by(trip).or(other), classifier)
            }
        }
    }

    fn opened<T, C>(&self, mut builder: Builder<T>, classifier: C) -> SharedBreaker<C>
    where
        T: Trip<Counts: Send + Sync> + Copy + Send + Sync + 'static,
        C: Copy + Send + Sync + 'static,
    {
        if let Some(curve) = self.open_with {
            return self.finished(builder.open_with(curve), classifier);
        }
        if let Some(time) = self.open_for {
            builder = builder.open_for(time);
        }
        self.finished(builder, classifier)
    }

    fn finished<T, B, C>(&self, mut builder: Builder<T, B>, classifier: C) -> SharedBreaker<C>
    where
        T: Trip<Counts: Send + Sync> + Copy + Send + Sync + 'static,
        B: Backoff + Copy + Send + Sync + 'static,
        C: Copy + Send + Sync + 'static,
    {
        macro_rules! set {
            ($($name:ident),*) => {
                $(if let Some(value) = self.$name {
                    builder = builder.$name(value);
                })*
            };
        }
        set!(
            max_open_for,
            jitter,
            seed,
            clamp_hints_to,
            slow_after,
            max_probes,
            successes_to_close
        );
        set!(failures_to_reopen, probe_lease, open_on_hints, report_only);
        builder.classify(classifier).build().shared()
    }
}
