//! What the figures are held to, so that they get no worse.
//!
//! It is what is wanted, 1.15 times the best loop on success and 1.3 times with retries, or what was reached where that falls
//! short, as with the retries of an async run over a reference. `docs/decisions.md` says where, and what stands in the way.

/// A ratio that must hold: the case, what it is compared with, and how much more it may cost.
pub(crate) struct Ceiling {
    pub(crate) case: &'static str,
    pub(crate) beside: &'static str,
    pub(crate) at_most: f64,
}

/// `best` is a loop at its best: its numbers are constants of the loop, its jitter one multiplication. A sync run of a
/// `static` policy is compiled to the same. An async run polls through a pointer, as executors do, so that over a reference it
/// reads its policy from memory, and pays at each failure for being general. `Policy::in_place` and `#[retry]` put the loop where
/// the constants are.
pub(crate) const CEILINGS: [Ceiling; 16] = [
    Ceiling {
        case: "sync/persevere/success",
        beside: "sync/best/success",
        at_most: 1.15,
    },
    Ceiling {
        case: "sync/persevere/plain",
        beside: "sync/best/plain",
        at_most: 1.15,
    },
    Ceiling {
        case: "sync/persevere/jitter",
        beside: "sync/best/jitter",
        at_most: 1.15,
    },
    Ceiling {
        case: "sync/persevere/exhausted",
        beside: "sync/best/exhausted",
        at_most: 1.15,
    },
    Ceiling {
        case: "async/persevere/success",
        beside: "async/best/success",
        at_most: 1.15,
    },
    Ceiling {
        case: "async/persevere/jitter",
        beside: "async/usual/jitter",
        at_most: 1.0,
    },
    Ceiling {
        case: "async/persevere/jitter",
        beside: "async/backon/jitter",
        at_most: 0.55,
    },
    Ceiling {
        case: "sync/attribute/success",
        beside: "sync/best/success",
        at_most: 1.15,
    },
    Ceiling {
        case: "sync/attribute/jitter",
        beside: "sync/best/jitter",
        at_most: 1.3,
    },
    Ceiling {
        case: "async/attribute/success",
        beside: "async/best/success",
        at_most: 1.15,
    },
    Ceiling {
        case: "async/attribute/jitter",
        beside: "async/best/jitter",
        at_most: 1.3,
    },
    Ceiling {
        case: "async/attribute/jitter",
        beside: "async/usual/jitter",
        at_most: 1.0,
    },
    Ceiling {
        case: "async/persevere/in_place/jitter",
        beside: "async/best/jitter",
        at_most: 1.3,
    },
    Ceiling {
        case: "async/persevere/in_place/plain",
        beside: "async/best/plain",
        at_most: 1.3,
    },
    Ceiling {
        case: "async/persevere/in_place/exhausted",
        beside: "async/best/exhausted",
        at_most: 1.3,
    },
    Ceiling {
        case: "async/persevere/in_place/success",
        beside: "async/best/success",
        at_most: 1.15,
    },
];

/// The most bytes by which a run's future may exceed its operation's: the machine 32, the policy 8, and 14 for the stage, a
/// wait under an operation of a few bytes among it. (The goal is 64.)
pub(crate) const MOST_OVERHEAD: usize = 56;

/// A difference that must hold: the case, what it is compared with, and how many instructions more it may cost.
pub(crate) struct Difference {
    pub(crate) case: &'static str,
    pub(crate) beside: &'static str,
    pub(crate) at_most: f64,
}

const fn over(case: &'static str, beside: &'static str, at_most: f64) -> Difference {
    Difference { case, beside, at_most }
}

/// What a breaker and a budget add to the operation, and what they and `dyn` add to a run. A rejection through a breaker reads its
/// sleeper's clock, and that of a thread is 106 of its instructions; where the clock is a constant (`told`), or the time comes in
/// (`permit`), what is left is the breaker's own.
pub(crate) const DIFFERENCES: [Difference; 16] = [
    over("breaker/persevere/permit/consecutive", "breaker/bare/closed", 30.0),
    over("breaker/persevere/permit/last100", "breaker/bare/closed", 70.0),
    over("breaker/persevere/permit/open", "breaker/bare/open", 60.0),
    over("breaker/persevere/consecutive", "breaker/bare/closed", 30.0),
    over("breaker/persevere/last100", "breaker/bare/closed", 70.0),
    over("breaker/persevere/told/open", "breaker/bare/open", 60.0),
    over("breaker/persevere/open", "breaker/bare/open", 155.0),
    over("breaker-async/persevere/consecutive", "breaker-async/bare/closed", 60.0),
    over("budget/persevere/windowed/pair", "budget/bare/pair", 60.0),
    over("budget/persevere/bucket/pair", "budget/bare/pair", 60.0),
    over("budget/persevere/grpc/pair", "budget/bare/pair", 60.0),
    over("budget/persevere/adaptive/pair", "budget/bare/pair", 60.0),
    over("sync/persevere/breaker", "sync/persevere/jitter", 230.0),
    over("async/persevere/breaker", "async/persevere/jitter", 270.0),
    over("sync/persevere/dyn/success", "sync/persevere/success", 60.0),
    over("async/persevere/dyn/success", "async/persevere/success", 60.0),
];

/// The most allocations of a run behind `dyn`, for each sleep.
pub(crate) const PER_SLEEP: f64 = 1.0;
