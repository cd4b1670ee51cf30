//! The names of the settings: which of them exist, which exclude each other, and which are meant by other names.

use persevere_core::nearest;

/// A setting and an example of it.
pub(crate) type Word = (&'static str, &'static str);

/// The tables of a file.
pub(crate) const SECTIONS: [Word; 6] = [
    ("retry", "[retry.billing]"),
    ("breaker", "[breaker.billing]"),
    ("budget", "[budget.billing]"),
    ("limit", "[limit.billing]"),
    ("hedge", "[hedge.search]"),
    ("review", "[review]"),
];

/// The settings of a policy, in the order of the documentation. All but the last three are methods of
/// [`Policy`](persevere_core::Policy), and `backoff` is its curve.
pub(crate) const RETRY: [Word; 20] = [
    ("max_attempts", "max_attempts = 3"),
    ("max_retries", "max_retries = 2"),
    ("unlimited_attempts", "unlimited_attempts = true"),
    ("backoff", "backoff = { exponential = \"100ms\" }"),
    ("max_delay", "max_delay = \"5s\""),
    ("max_elapsed", "max_elapsed = \"30s\""),
    ("since_first_failure", "since_first_failure = true"),
    ("attempt_timeout", "attempt_timeout = \"2s\""),
    ("min_attempt_time", "min_attempt_time = \"50ms\""),
    ("jitter", "jitter = \"full\""),
    ("max_hint", "max_hint = \"60s\""),
    ("clamp_hints", "clamp_hints = true"),
    ("spread_hints", "spread_hints = 0.1"),
    ("longer_of_hint_and_delay", "longer_of_hint_and_delay = true"),
    ("retry_rejected", "retry_rejected = true"),
    ("retry_timeouts", "retry_timeouts = false"),
    ("seed", "seed = 7"),
    ("calls", "calls = [\"billing\"]"),
    ("max_worst_case", "max_worst_case = \"60s\""),
    ("max_amplification", "max_amplification = 20"),
];

/// The settings of a breaker: methods of [`CircuitBreaker`](persevere_breaker::CircuitBreaker) and of its builder.
pub(crate) const BREAKER: [Word; 19] = [
    ("consecutive_failures", "consecutive_failures = 5"),
    ("within", "within = \"1m\""),
    ("failure_rate", "failure_rate = 0.5"),
    ("over_calls", "over_calls = 100"),
    ("over", "over = \"10s\""),
    ("minimum_calls", "minimum_calls = 20"),
    ("open_for", "open_for = \"30s\""),
    ("open_with", "open_with = { exponential = \"10s\" }"),
    ("max_open_for", "max_open_for = \"2m\""),
    ("jitter", "jitter = \"equal\""),
    ("seed", "seed = 7"),
    ("clamp_hints_to", "clamp_hints_to = \"1m\""),
    ("slow_after", "slow_after = \"2s\""),
    ("max_probes", "max_probes = 1"),
    ("successes_to_close", "successes_to_close = 1"),
    ("failures_to_reopen", "failures_to_reopen = 1"),
    ("probe_lease", "probe_lease = \"30s\""),
    ("open_on_hints", "open_on_hints = true"),
    ("report_only", "report_only = true"),
];

/// The kinds of budgets: the types of [`persevere_budget`].
pub(crate) const BUDGET: [Word; 4] = [
    ("windowed_ratio", "windowed_ratio = { ratio = 0.2 }"),
    ("token_bucket", "token_bucket = { capacity = 500 }"),
    (
        "grpc_throttle",
        "grpc_throttle = { max_tokens = 10, token_ratio = 0.1 }",
    ),
    ("adaptive_throttle", "adaptive_throttle = { multiplier = 2.0 }"),
];

pub(crate) const WINDOWED_RATIO: [Word; 3] = [
    ("ratio", "ratio = 0.2"),
    ("reserve", "reserve = 100"),
    ("window", "window = \"10s\""),
];

pub(crate) const TOKEN_BUCKET: [Word; 3] = [
    ("capacity", "capacity = 500"),
    ("cost", "cost = { transient = 14, throttling = 5, timeout = 14 }"),
    ("reward", "reward = 1"),
];

pub(crate) const COST: [Word; 3] = [
    ("transient", "transient = 14"),
    ("throttling", "throttling = 5"),
    ("timeout", "timeout = 14"),
];

pub(crate) const GRPC_THROTTLE: [Word; 2] = [("max_tokens", "max_tokens = 10"), ("token_ratio", "token_ratio = 0.1")];

pub(crate) const ADAPTIVE_THROTTLE: [Word; 3] = [
    ("multiplier", "multiplier = 2.0"),
    ("window", "window = \"2m\""),
    ("seed", "seed = 7"),
];

/// The kinds of limits: types and algorithms of [`persevere_limit`].
pub(crate) const LIMIT: [Word; 4] = [
    ("bulkhead", "bulkhead = 10"),
    ("pause", "pause = { at_most = \"60s\" }"),
    ("gradient2", "gradient2 = { highest = 500 }"),
    ("aimd", "aimd = { highest = 500 }"),
];

pub(crate) const PAUSE: [Word; 2] = [
    ("at_most", "at_most = \"60s\""),
    ("first_within", "first_within = \"10s\""),
];

pub(crate) const GRADIENT2: [Word; 4] = [
    ("lowest", "lowest = 1"),
    ("highest", "highest = 200"),
    ("tolerance", "tolerance = 1.5"),
    ("window", "window = \"1s\""),
];

pub(crate) const AIMD: [Word; 4] = [
    ("lowest", "lowest = 20"),
    ("highest", "highest = 200"),
    ("slowest", "slowest = \"5s\""),
    ("window", "window = \"1s\""),
];

/// The settings of a hedge: methods of [`Hedge`](persevere_hedge::Hedge) and of [`Latency`](persevere_hedge::Latency).
pub(crate) const HEDGE: [Word; 5] = [
    ("at", "at = 0.95"),
    ("after", "after = \"20ms\""),
    ("floor", "floor = \"2ms\""),
    ("window", "window = \"30s\""),
    ("minimum_samples", "minimum_samples = 100"),
];

/// The bounds that hold for every policy.
pub(crate) const REVIEW: [Word; 2] = [
    ("max_worst_case", "max_worst_case = \"60s\""),
    ("max_amplification", "max_amplification = 20"),
];

/// The curves of a backoff, and their own settings.
pub(crate) const BACKOFF: [Word; 9] = [
    ("fixed", "fixed = \"1s\""),
    ("linear", "linear = \"100ms\""),
    ("exponential", "exponential = \"100ms\""),
    ("fibonacci", "fibonacci = \"100ms\""),
    ("decorrelated", "decorrelated = \"100ms\""),
    ("schedule", "schedule = [\"100ms\", \"1s\"]"),
    ("factor", "factor = 1.5"),
    ("first_fixed", "first_fixed = true"),
    ("repeat_last", "repeat_last = true"),
];

pub(crate) const CURVES: [&str; 6] = [
    "fixed",
    "linear",
    "exponential",
    "fibonacci",
    "decorrelated",
    "schedule",
];

pub(crate) const PROPORTIONAL: [Word; 1] = [("proportional", "proportional = 0.5")];

/// Settings of which a table can have one. A later source that sets one removes the others of an earlier source.
pub(crate) const EXCLUSIVE: [&[&str]; 7] = [
    &["max_attempts", "max_retries", "unlimited_attempts"],
    &["over_calls", "over"],
    &["open_for", "open_with"],
    &["windowed_ratio", "token_bucket", "grpc_throttle", "adaptive_throttle"],
    &["bulkhead", "pause", "gradient2", "aimd"],
    &["at", "after"],
    &CURVES,
];

/// Names from other libraries, and their meanings here.
const MEANT: [(&[&str], &str); 27] = [
    (
        &["attempt", "attempts", "tries", "max_tries", "times"],
        "`max_attempts`",
    ),
    (&["retries", "max_retry"], "`max_retries`"),
    (&["unlimited", "forever", "infinite"], "`unlimited_attempts`"),
    (
        &[
            "delay",
            "base",
            "base_delay",
            "initial_delay",
            "wait",
            "interval",
            "strategy",
        ],
        "`backoff`",
    ),
    (&["cap", "max_backoff", "max_wait", "max_interval"], "`max_delay`"),
    (
        &["max_duration", "max_time", "max_elapsed_time", "deadline"],
        "`max_elapsed`",
    ),
    (
        &["timeout", "total_timeout", "run_timeout"],
        "`attempt_timeout` or `max_elapsed`? A limit of one run is set where it runs: `.timeout(..)`",
    ),
    (&["exact_hints"], "`spread_hints = 0.0`"),
    (&["policy", "policies", "retries", "retry_policy"], "`retry`"),
    (&["breakers", "circuit_breaker", "circuit_breakers"], "`breaker`"),
    (&["budgets", "retry_budget"], "`budget`"),
    (
        &["threshold", "failures", "max_failures", "failure_threshold"],
        "`consecutive_failures`",
    ),
    (&["rate", "error_rate", "failure_ratio"], "`failure_rate`"),
    (&["minimum", "min_calls", "minimum_number_of_calls"], "`minimum_calls`"),
    (
        &["reset_timeout", "open_time", "wait_duration", "cooldown"],
        "`open_for`",
    ),
    (&["multiplier"], "`factor`"),
    (&["ratio", "reserve"], "`windowed_ratio`"),
    (&["capacity", "tokens"], "`token_bucket`"),
    (&["limits", "bulkhead", "bulkheads", "rate_limit"], "`limit`"),
    (&["hedges", "hedging"], "`hedge`"),
    (
        &["concurrency", "max_concurrent", "max_calls", "permits", "calls"],
        "`bulkhead`",
    ),
    (&["adaptive", "adaptive_limit", "gradient"], "`gradient2`"),
    (&["min", "min_limit", "minimum"], "`lowest`"),
    (&["max", "max_limit", "maximum"], "`highest`"),
    (&["quantile", "percentile"], "`at`"),
    (&["delay", "wait"], "`after`"),
    (&["samples", "min_samples"], "`minimum_samples`"),
];

/// Settings that only code can set.
const IN_CODE: [(&[&str], &str); 3] = [
    (
        &["max_hedges", "hedges"],
        "a hedge of a file makes one further call: more are set in code, by `Hedge::max_hedges`",
    ),
    (
        &[
            "retry_if",
            "classify",
            "classify_with",
            "on",
            "classify_outcome",
            "classify_outcome_with",
        ],
        "what is retried is set where the policy is used: `policies.get(..)?.current().retry_if(..)`",
    ),
    (
        &[
            "sleeper",
            "observe",
            "on_retry",
            "on_event",
            "breaker",
            "budget",
            "budget_by",
        ],
        "a run takes it where it runs: `policies.get(..)?.current().on(sleeper).breaker(..)`",
    ),
];

/// The example of a setting.
pub(crate) fn example(words: &[Word], name: &str) -> &'static str {
    words
        .iter()
        .find(|(known, _)| *known == name)
        .map_or("", |(_, example)| example)
}

/// "did you mean `max_attempts`?", or all the names.
pub(crate) fn suggestion(name: &str, noun: &str, words: &[Word]) -> String {
    let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
    let is_here = |meant: &str| known.iter().any(|known| meant.contains(&format!("`{known}")));
    let meant = MEANT.iter().filter(|(names, _)| names.contains(&name));
    if let Some((_, meant)) = meant.into_iter().find(|(_, meant)| is_here(meant)) {
        let end = if meant.contains('?') { "" } else { "?" };
        return format!("did you mean {meant}{end}");
    }
    let in_code = IN_CODE.iter().find(|(names, _)| names.contains(&name));
    match in_code {
        Some((_, advice)) if noun == "setting" => (*advice).to_owned(),
        _ => {
            let nouns = match noun.split_once(' ') {
                Some((first, rest)) => format!("{first}s {rest}"),
                None => format!("{noun}s"),
            };
            nearest::suggestion(name, &nouns, &known)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn meant_names_are_settings() {
        let all = [
            &SECTIONS[..],
            &RETRY,
            &BREAKER,
            &BUDGET,
            &BACKOFF,
            &LIMIT,
            &AIMD,
            &HEDGE,
        ];
        for (names, meant) in MEANT {
            let is_known = all
                .iter()
                .any(|words| words.iter().any(|(known, _)| meant.contains(&format!("`{known}"))));
            assert!(is_known, "{names:?} mean {meant}");
        }
    }

    #[test]
    fn unknown_name_suggests_a_setting_of_its_table() {
        for (name, words, suggested) in [
            ("attempts", &RETRY[..], "did you mean `max_attempts`?"),
            ("max_delays", &RETRY, "did you mean `max_delay`?"),
            (
                "timeout",
                &RETRY,
                "did you mean `attempt_timeout` or `max_elapsed`? A limit",
            ),
            ("multiplier", &BACKOFF, "did you mean `factor`?"),
            ("ratio", &BUDGET, "did you mean `windowed_ratio`?"),
            ("ratio", &RETRY, "the settings are `max_attempts`, `max_retries`"),
            ("retry_if", &RETRY, "what is retried is set where"),
            ("sleeper", &BREAKER, "a run takes it"),
            ("limits", &SECTIONS, "did you mean `limit`?"),
            ("hedging", &SECTIONS, "did you mean `hedge`?"),
            ("max_concurrent", &LIMIT, "did you mean `bulkhead`?"),
            ("max", &AIMD, "did you mean `highest`?"),
            ("quantile", &HEDGE, "did you mean `at`?"),
            ("delay", &HEDGE, "did you mean `after`?"),
            ("max_hedges", &HEDGE, "a hedge of a file makes one"),
        ] {
            let suggestion = suggestion(name, "setting", words);
            assert!(suggestion.starts_with(suggested), "{name}: {suggestion}");
        }
    }
}
