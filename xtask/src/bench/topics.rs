//! What the tables of instructions are about, and what one has to know to read them.

/// A table: contestants of a kind, and their cases.
pub(crate) struct Topic {
    pub(crate) kind: &'static str,
    pub(crate) title: &'static str,
    pub(crate) measure: Measure,
    pub(crate) columns: &'static [Column],
    pub(crate) notes: &'static str,
}

/// How a figure is compared.
#[derive(Clone, Copy)]
pub(crate) enum Measure {
    /// As a ratio.
    Times,
    /// As a difference.
    Over,
}

/// A case, what it is compared with, and how it should compare.
pub(crate) struct Column {
    pub(crate) case: &'static str,
    /// The contestant and its case.
    pub(crate) beside: (&'static str, &'static str),
    pub(crate) wanted: Option<f64>,
}

const fn beside_best(case: &'static str, wanted: Option<f64>) -> Column {
    Column {
        case,
        beside: ("best", case),
        wanted,
    }
}

const fn over_bare(case: &'static str, bare: &'static str, wanted: Option<f64>) -> Column {
    Column {
        case,
        beside: ("bare", bare),
        wanted,
    }
}

const SUCCESS: Option<f64> = Some(1.15);
const RETRIES: Option<f64> = Some(1.3);

const BREAKER: &[Column] = &[
    over_bare("consecutive", "closed", Some(30.0)),
    over_bare("last100", "closed", Some(70.0)),
    over_bare("slices", "closed", None),
    over_bare("open", "open", Some(60.0)),
];

pub(crate) const TOPICS: [Topic; 6] = [
    Topic {
        kind: "sync",
        title: "Retries that block",
        measure: Measure::Times,
        columns: &[
            beside_best("success", SUCCESS),
            beside_best("plain", RETRIES),
            beside_best("jitter", RETRIES),
            beside_best("exhausted", RETRIES),
        ],
        notes: "\
backoff, mulligan and retry sleep on the thread and nothing else. Their delays are computed, taken, and replaced by none,
since the thread's sleep of no time makes no system call. exponential-backoff and retry-policies only say how long to
wait; the loop around them is the probe's. again, tokio-retry, tokio-retry2, tryhard and `tower::retry` do not block.
",
    },
    Topic {
        kind: "async",
        title: "Retries that await",
        measure: Measure::Times,
        columns: &[
            beside_best("success", SUCCESS),
            beside_best("medium", SUCCESS),
            beside_best("large", SUCCESS),
            beside_best("plain", RETRIES),
            beside_best("jitter", RETRIES),
            beside_best("exhausted", RETRIES),
        ],
        notes: "\
mulligan, tokio-retry, tokio-retry2, tryhard and `tower::retry` sleep on tokio and nothing else, so here they are counted
where nothing fails, and below with what fails. again sleeps on a thread of its own, so it is counted here alone. retry
does not await.
",
    },
    Topic {
        kind: "paused",
        title: "Retries on tokio, its time paused",
        measure: Measure::Over,
        columns: &[
            beside_best("plain", None),
            beside_best("jitter", None),
            beside_best("exhausted", None),
        ],
        notes: "\
Most of these instructions are tokio's, which sets a timer and goes on to it; in brackets stands how many more there are
than with `best` on the same. How many those are depends on the delays too, and with jitter no two contestants draw the
same: differences of some hundreds say nothing there. tryhard has no jitter.
",
    },
    Topic {
        kind: "breaker",
        title: "Circuit breakers that block",
        measure: Measure::Over,
        columns: BREAKER,
        notes: "\
Each call succeeds, or is rejected (`open`); in brackets stands how many instructions more that takes than the operation
alone. `consecutive` opens after five failures in a row, `last100` when half of the last hundred calls have failed,
`slices` by the rate over slices of time. `best` is one atomic that counts failures in a row. `told` is `persevere` on a
sleeper whose clock is a constant, and the permit what both stand on, at a time that the caller knows; all others read a
clock to reject. failsafe has no window of calls: counted is its moving average over time. circuitbreaker-rs always counts
failures in a row and the rate of all calls since it closed. recloser has a window of calls alone. `breaker` and
tower-resilience do not block.
",
    },
    Topic {
        kind: "breaker-async",
        title: "Circuit breakers that await",
        measure: Measure::Over,
        columns: BREAKER,
        notes: "\
`breaker` always counts failures in a row and the rate of the last calls. tower-resilience's window of calls is not one
that slides. circuitbreaker-rs awaits only with all of tokio, and is left out. The permit is held by an async function that
knows the time when it begins.
",
    },
    Topic {
        kind: "budget",
        title: "Retry budgets",
        measure: Measure::Over,
        columns: &[over_bare("pair", "pair", Some(60.0))],
        notes: "\
One retry is withdrawn and one success deposited, so that there is always enough. `best` is one atomic that stays between
nothing and a hundred. tower's reads the clock for each of the two; to the others the time comes in.
",
    },
];
