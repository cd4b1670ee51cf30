//! The sources that exporters read.

use crate::breaker::ReadBreaker;
use crate::budget::ReadBudget;
use crate::fleet::ReadFleet;
use crate::metric::{self, Metric};
use crate::sample::{Sample, Value};
use core::fmt;
use core::time::Duration;
use persevere_breaker::State;
use persevere_core::{StatsRegistry, StatsSnapshot, sleeper};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The sources of exporters: a registry of statistics, and breakers and budgets by name.
///
/// The exporters of a program read [`Sources::global`] by default. It has every `Stats::named` that was used, and the
/// breakers and budgets that were added.
///
/// ```
/// use persevere::breaker::CircuitBreaker;
/// use persevere::budget::{Counted, WindowedRatio};
/// use persevere_telemetry::Sources;
///
/// static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
/// static BUDGET: Counted<WindowedRatio> = Counted::new(WindowedRatio::new());
///
/// Sources::global().breaker("billing", &BREAKER).budget("billing", &BUDGET);
/// let mut samples = 0;
/// Sources::global().collect(|sample| samples += u32::from(sample.name() == "billing"));
/// assert_eq!(samples, 5 + 1 + 1 + 3);
/// ```
pub struct Sources {
    stats: &'static StatsRegistry,
    clock: fn() -> Duration,
    guards: Mutex<Vec<(String, Guard)>>,
}

#[derive(Clone)]
enum Guard {
    Breaker(Arc<dyn ReadBreaker + Send + Sync>),
    Budget(Arc<dyn ReadBudget + Send + Sync>),
    Fleet(Arc<dyn ReadFleet + Send + Sync>),
}

static GLOBAL: Sources = Sources::new(StatsRegistry::global());

const STATES: [State; 5] = [
    State::Closed,
    State::Open,
    State::HalfOpen,
    State::ForcedOpen,
    State::ForcedClosed,
];

const RETRIES: [&str; 6] = ["0", "1", "2", "3", "4", "5+"];

impl Sources {
    /// The statistics of a registry, without breakers and budgets.
    #[must_use]
    pub const fn new(stats: &'static StatsRegistry) -> Sources {
        Sources {
            stats,
            clock: sleeper::monotonic,
            guards: Mutex::new(Vec::new()),
        }
    }

    /// The sources of the program: the statistics of [`StatsRegistry::global`], and the breakers and budgets that were added
    /// here.
    #[must_use]
    pub fn global() -> &'static Sources {
        &GLOBAL
    }

    /// Sets the clock of the breakers and budgets, for tests on simulated time. By default it is the platform's monotonic
    /// clock, which all sleepers with std use.
    #[must_use]
    pub fn clock(mut self, clock: fn() -> Duration) -> Sources {
        self.clock = clock;
        self
    }

    /// Adds a circuit breaker, or `Breakers` by key: the metrics have the number of breakers in each state. It replaces
    /// a breaker of that name.
    pub fn breaker(&self, name: &str, breaker: impl ReadBreaker + Send + Sync + 'static) -> &Sources {
        self.add(name, Guard::Breaker(Arc::new(breaker)))
    }

    /// Adds a retry budget. It replaces a budget of that name.
    pub fn budget(&self, name: &str, budget: impl ReadBudget + Send + Sync + 'static) -> &Sources {
        self.add(name, Guard::Budget(Arc::new(budget)))
    }

    /// Adds a handle of state that many processes share. It replaces a handle of that name.
    pub fn fleet(&self, name: &str, handle: impl ReadFleet + Send + Sync + 'static) -> &Sources {
        self.add(name, Guard::Fleet(Arc::new(handle)))
    }

    fn add(&self, name: &str, guard: Guard) -> &Sources {
        let mut guards = self.guards();
        guards.retain(|(other, old)| other != name || core::mem::discriminant(old) != core::mem::discriminant(&guard));
        guards.push((name.to_owned(), guard));
        drop(guards);
        self
    }

    fn guards(&self) -> MutexGuard<'_, Vec<(String, Guard)>> {
        self.guards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Calls `each` with every sample. No lock is held meanwhile.
    pub fn collect(&self, mut each: impl FnMut(&Sample<'_>)) {
        let each: &mut dyn FnMut(&Sample<'_>) = &mut each;
        for (name, stats) in self.stats.snapshot().iter() {
            runs(&mut Series { name, each }, stats);
        }
        let guards = self.guards().clone();
        let now = (self.clock)();
        for (name, guard) in &guards {
            let mut series = Series { name, each };
            match guard {
                Guard::Breaker(breaker) => read_breaker(&mut series, &**breaker, now),
                Guard::Budget(budget) => read_budget(&mut series, &**budget, now),
                Guard::Fleet(handle) => read_fleet(&mut series, &**handle),
            }
        }
    }
}

/// The series of one name.
struct Series<'a> {
    name: &'a str,
    each: &'a mut dyn FnMut(&Sample<'_>),
}

impl Series<'_> {
    fn count(&mut self, metric: &'static Metric, labels: &[(&'static str, &str)], value: u64) {
        self.sample(metric, labels, Value::Count(value));
    }

    fn sample(&mut self, metric: &'static Metric, labels: &[(&'static str, &str)], value: Value) {
        let mut all = vec![(metric::NAME, self.name)];
        all.extend(labels);
        let sample = Sample {
            metric,
            labels: &all,
            value,
        };
        (self.each)(&sample);
    }
}

fn runs(series: &mut Series<'_>, stats: &StatsSnapshot) {
    let at_once = stats.successes_at_once();
    series.count(&metric::RUNS, &[(metric::OUTCOME, "success")], at_once);
    let after_retry = [(metric::OUTCOME, "success_after_retry")];
    series.count(&metric::RUNS, &after_retry, stats.successes_after_retry);
    for (reason, runs) in stats.gave_up.iter() {
        let labels = [(metric::OUTCOME, "failure"), (metric::ERROR_TYPE, reason.as_str())];
        series.count(&metric::RUNS, &labels, runs);
    }
    for (retries, runs) in RETRIES.into_iter().zip(stats.by_retries) {
        series.count(&metric::RUNS_BY_RETRIES, &[(metric::RETRIES, retries)], runs);
    }
    series.sample(&metric::UNFINISHED_RUNS, &[], Value::Level(stats.unfinished() as f64));
    series.count(&metric::ATTEMPTS, &[], stats.attempts);
    series.count(&metric::RETRIES_MADE, &[], stats.retries);
    series.count(&metric::REJECTIONS, &[], stats.rejections);
    series.sample(&metric::RETRY_DELAY, &[], Value::Sum(stats.waited.as_secs_f64()));
}

fn read_breaker(series: &mut Series<'_>, breaker: &dyn ReadBreaker, now: Duration) {
    let mut counts = [0u32; STATES.len()];
    breaker.states(now, &mut |state| {
        if let Some(at) = STATES.iter().position(|other| *other == state) {
            counts[at] += 1;
        }
    });
    for (state, count) in STATES.into_iter().zip(counts) {
        let labels = [(metric::STATE, state.as_str())];
        series.sample(&metric::BREAKER_STATE, &labels, Value::Level(f64::from(count)));
    }
    if let Some(stats) = breaker.stats() {
        series.count(&metric::BREAKER_TRANSITIONS, &[], stats.transitions);
        series.count(&metric::BREAKER_REJECTIONS, &[], stats.rejected);
    }
}

fn read_budget(series: &mut Series<'_>, budget: &dyn ReadBudget, now: Duration) {
    if let Some(stats) = budget.stats() {
        series.count(&metric::BUDGET_WITHDRAWALS, &[], stats.withdrawals);
        series.count(&metric::BUDGET_REJECTIONS, &[], stats.rejections);
    }
    if let Some(balance) = budget.balance(now) {
        series.sample(&metric::BUDGET_BALANCE, &[], Value::Level(balance));
    }
}

fn read_fleet(series: &mut Series<'_>, handle: &dyn ReadFleet) {
    let shared = Value::Level(f64::from(u8::from(handle.is_shared())));
    series.sample(&metric::FLEET_SHARED, &[], shared);
    series.count(&metric::FLEET_FAULTS, &[], handle.faults());
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let guards = self.guards().clone();
        let names = guards.iter().map(|(name, _)| name);
        f.debug_struct("Sources")
            .field("stats", &self.stats)
            .field("guards", &names.collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}
