//! The metrics: their names, kinds, units and labels.

/// How the values of a metric behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// A whole number that only grows: [`Value::Count`](crate::Value::Count).
    Counter,
    /// A number that only grows: [`Value::Sum`](crate::Value::Sum).
    Sum,
    /// A number that goes up and down: [`Value::Level`](crate::Value::Level).
    Gauge,
}

/// A metric: the properties that all its series share.
#[derive(Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Metric {
    /// The name, by the rules of OpenTelemetry.
    pub name: &'static str,
    /// How its values behave.
    pub kind: Kind,
    /// The unit, in UCUM.
    pub unit: &'static str,
    /// One sentence for people.
    pub description: &'static str,
    /// The labels that a series may have beside `persevere.name`.
    pub labels: &'static [&'static str],
}

/// The label that every series has.
pub(crate) const NAME: &str = "persevere.name";
pub(crate) const OUTCOME: &str = "persevere.outcome";
pub(crate) const ERROR_TYPE: &str = "error.type";
pub(crate) const RETRIES: &str = "persevere.retries";
pub(crate) const STATE: &str = "persevere.state";

/// All metrics, runs first.
pub static METRICS: [&Metric; 15] = [
    &RUNS,
    &RUNS_BY_RETRIES,
    &UNFINISHED_RUNS,
    &ATTEMPTS,
    &RETRIES_MADE,
    &REJECTIONS,
    &RETRY_DELAY,
    &BREAKER_STATE,
    &BREAKER_TRANSITIONS,
    &BREAKER_REJECTIONS,
    &BUDGET_WITHDRAWALS,
    &BUDGET_REJECTIONS,
    &BUDGET_BALANCE,
    &FLEET_SHARED,
    &FLEET_FAULTS,
];

pub(crate) static RUNS: Metric = Metric {
    name: "persevere.runs",
    kind: Kind::Counter,
    unit: "{run}",
    description: "Runs that ended, by outcome and reason.",
    labels: &[OUTCOME, ERROR_TYPE],
};

pub(crate) static RUNS_BY_RETRIES: Metric = Metric {
    name: "persevere.runs_by_retries",
    kind: Kind::Counter,
    unit: "{run}",
    description: "Runs that ended, by the number of their retries.",
    labels: &[RETRIES],
};

pub(crate) static UNFINISHED_RUNS: Metric = Metric {
    name: "persevere.unfinished_runs",
    kind: Kind::Gauge,
    unit: "{run}",
    description: "Runs that began and have no end: they go on, or were dropped.",
    labels: &[],
};

pub(crate) static ATTEMPTS: Metric = Metric {
    name: "persevere.attempts",
    kind: Kind::Counter,
    unit: "{attempt}",
    description: "Attempts that ended, the first of each run included.",
    labels: &[],
};

pub(crate) static RETRIES_MADE: Metric = Metric {
    name: "persevere.retries",
    kind: Kind::Counter,
    unit: "{retry}",
    description: "Attempts that ended and were not the first of their run.",
    labels: &[],
};

pub(crate) static REJECTIONS: Metric = Metric {
    name: "persevere.rejections",
    kind: Kind::Counter,
    unit: "{attempt}",
    description: "Attempts that a circuit breaker rejected.",
    labels: &[],
};

pub(crate) static RETRY_DELAY: Metric = Metric {
    name: "persevere.retry_delay",
    kind: Kind::Sum,
    unit: "s",
    description: "The time that runs which ended have waited between attempts.",
    labels: &[],
};

pub(crate) static BREAKER_STATE: Metric = Metric {
    name: "persevere.breaker.state",
    kind: Kind::Gauge,
    unit: "{breaker}",
    description: "Circuit breakers in each state: 1 or 0 for a single breaker.",
    labels: &[STATE],
};

pub(crate) static BREAKER_TRANSITIONS: Metric = Metric {
    name: "persevere.breaker.transitions",
    kind: Kind::Counter,
    unit: "{transition}",
    description: "Transitions of a circuit breaker.",
    labels: &[],
};

pub(crate) static BREAKER_REJECTIONS: Metric = Metric {
    name: "persevere.breaker.rejections",
    kind: Kind::Counter,
    unit: "{call}",
    description: "Calls that a circuit breaker rejected.",
    labels: &[],
};

pub(crate) static BUDGET_WITHDRAWALS: Metric = Metric {
    name: "persevere.budget.withdrawals",
    kind: Kind::Counter,
    unit: "{retry}",
    description: "Retries that a budget admitted.",
    labels: &[],
};

pub(crate) static BUDGET_REJECTIONS: Metric = Metric {
    name: "persevere.budget.rejections",
    kind: Kind::Counter,
    unit: "{retry}",
    description: "Retries that a budget rejected.",
    labels: &[],
};

pub(crate) static BUDGET_BALANCE: Metric = Metric {
    name: "persevere.budget.balance",
    kind: Kind::Gauge,
    unit: "{retry}",
    description: "What a budget has left, in its own unit.",
    labels: &[],
};

pub(crate) static FLEET_SHARED: Metric = Metric {
    name: "persevere.fleet.shared",
    kind: Kind::Gauge,
    unit: "{handle}",
    description: "Whether a handle shares with the fleet: 1, or 0 while it uses the state of its process alone.",
    labels: &[],
};

pub(crate) static FLEET_FAULTS: Metric = Metric {
    name: "persevere.fleet.faults",
    kind: Kind::Counter,
    unit: "{request}",
    description: "Requests of a handle that its server did not answer, or answered with an error.",
    labels: &[],
};
