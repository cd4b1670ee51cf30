//! The names of the settings: names that exist, names that exclude each other, and names from elsewhere.

use persevere_core::nearest::suggestion;
use syn::{Error, Ident};

/// Every setting with an example, in the order of the documentation.
pub(super) const SETTINGS: [(&str, &str); 27] = [
    ("max_attempts", "max_attempts = 3"),
    ("backoff", "backoff = exponential(\"100ms\")"),
    ("max_delay", "max_delay = \"5s\""),
    ("max_elapsed", "max_elapsed = \"30s\""),
    ("timeout", "timeout = \"30s\""),
    ("attempt_timeout", "attempt_timeout = \"2s\""),
    ("jitter", "jitter = full"),
    ("max_hint", "max_hint = \"60s\""),
    ("clamp_hints", "clamp_hints"),
    ("retry_rejected", "retry_rejected"),
    ("seed", "seed = 7"),
    ("policy", "policy = POLICY"),
    ("retry_if", "retry_if = is_transient"),
    ("classify", "classify = ByError"),
    ("classify_with", "classify_with = verdict_of"),
    ("on", "on = [MyError::Busy(..)]"),
    ("on_retry", "on_retry = log_retry"),
    ("on_event", "on_event = log_event"),
    ("observe", "observe = &OBSERVER"),
    ("pace", "pace = &PAUSE"),
    ("bulkhead", "bulkhead = &CALLS"),
    ("breaker", "breaker = &BREAKER"),
    ("budget", "budget = &BUDGET"),
    ("budget_by", "budget_by(&BUDGET, class_of)"),
    ("sleeper", "sleeper = TokioSleeper"),
    ("clone", "clone(request, body)"),
    ("crate", "crate = my_crate::persevere"),
];

/// Settings of which a function can have one.
const EXCLUSIVE: [&[&str]; 2] = [
    &["retry_if", "classify", "classify_with", "on"],
    &["budget", "budget_by"],
];

/// Names from elsewhere, with the settings that they mean.
const MEANT: [(&[&str], &str); 17] = [
    (
        &["attempt", "attempts", "tries", "max_tries", "times"],
        "`max_attempts`",
    ),
    (
        &["retry", "retries", "max_retry", "max_retries"],
        "`max_attempts`, which counts the first attempt too",
    ),
    (
        &["when", "if", "condition", "predicate", "filter", "retry_when"],
        "`retry_if`",
    ),
    (&["retry_on", "errors", "kinds"], "`on`"),
    (&["classifier"], "`classify`"),
    (
        &[
            "delay",
            "base",
            "base_delay",
            "initial_delay",
            "wait",
            "interval",
            "strategy",
            "schedule",
        ],
        "`backoff`",
    ),
    (
        &["fixed", "linear", "exponential", "fibonacci", "decorrelated"],
        "`backoff`",
    ),
    (&["cap", "max_backoff", "max_wait", "max_interval"], "`max_delay`"),
    (&["deadline", "total_timeout", "run_timeout"], "`timeout`"),
    (&["max_duration", "max_time", "max_elapsed_time"], "`max_elapsed`"),
    (&["notify", "before_retry", "log"], "`on_retry`"),
    (&["pause", "rate", "rate_limit", "wait_for"], "`pace`"),
    (&["limit", "concurrency", "semaphore", "max_concurrent"], "`bulkhead`"),
    (&["gate"], "`breaker`, which takes any gate"),
    (&["circuit_breaker"], "`breaker`"),
    (&["runtime", "executor", "timer"], "`sleeper`"),
    (
        &["classify_outcome", "classify_outcome_with"],
        "`policy = POLICY.classify_outcome(..)`",
    ),
];

/// How `key` is written, `None` if it is not a setting.
pub(super) fn example(key: &Ident) -> Option<&'static str> {
    SETTINGS
        .iter()
        .find(|(known, _)| key == known)
        .map(|(_, example)| *example)
}

/// The error for a name that is not a setting.
pub(super) fn unknown(key: &Ident) -> Error {
    let name = key.to_string();
    let meant = MEANT.iter().find(|(names, _)| names.contains(&name.as_str()));
    let suggestion = match meant {
        Some((_, meant)) => format!("did you mean {meant}?"),
        None => suggestion(&name, "settings", &SETTINGS.map(|(known, _)| known)),
    };
    Error::new(key.span(), format!("unknown setting `{name}`: {suggestion}"))
}

/// The error for a setting that excludes an earlier setting.
pub(super) fn conflict(key: &Ident, before: &[Ident]) -> Option<Error> {
    let group = EXCLUSIVE.iter().find(|group| group.iter().any(|name| key == name))?;
    let other = before.iter().find(|other| group.iter().any(|name| *other == name))?;
    let group: Vec<_> = group.iter().map(|name| format!("`{name}`")).collect();
    Some(Error::new(
        key.span(),
        format!(
            "`{key}` conflicts with `{other}`: write only one of {}",
            group.join(", ")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    #[test]
    fn meant_names_are_not_settings() {
        for name in MEANT.iter().flat_map(|(names, _)| *names) {
            assert!(!SETTINGS.iter().any(|(known, _)| known == name), "{name}");
        }
    }

    #[test]
    fn unknown_name_suggests_a_setting() {
        for (name, suggestion) in [
            ("attempts", "did you mean `max_attempts`?"),
            (
                "max_retries",
                "did you mean `max_attempts`, which counts the first attempt too?",
            ),
            ("when", "did you mean `retry_if`?"),
            ("if", "did you mean `retry_if`?"),
            ("delay", "did you mean `backoff`?"),
            ("cap", "did you mean `max_delay`?"),
            ("deadline", "did you mean `timeout`?"),
            ("max_atempts", "did you mean `max_attempts`?"),
            ("back_off", "did you mean `backoff`?"),
            ("time_out", "did you mean `timeout`?"),
            ("observer", "did you mean `observe`?"),
            ("clones", "did you mean `clone`?"),
            ("pause", "did you mean `pace`?"),
            ("concurrency", "did you mean `bulkhead`?"),
            ("bulk_head", "did you mean `bulkhead`?"),
            ("gate", "did you mean `breaker`, which takes any gate?"),
            (
                "classify_outcome",
                "did you mean `policy = POLICY.classify_outcome(..)`?",
            ),
            ("colour", "the settings are `max_attempts`, `backoff`, "),
        ] {
            let error = unknown(&Ident::new(name, Span::call_site())).to_string();
            let expected = format!("unknown setting `{name}`: {suggestion}");
            assert!(error.starts_with(&expected), "{error}");
        }
    }
}
