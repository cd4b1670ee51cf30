//! Rejected settings with the start of their messages. The UI tests of the attribute pin the rest, and the place.

use super::PLAIN;
use crate::expand::expanded;

/// Asserts that the expansion is an error that starts with `message`.
#[track_caller]
pub(super) fn rejected(arguments: &str, function: &str, message: &str) {
    let error = match expanded(arguments.parse().unwrap(), function.parse().unwrap()) {
        Ok(expansion) => panic!("#[retry({arguments})] {function}: accepted as {expansion}"),
        Err(error) => error.to_string(),
    };
    assert!(error.starts_with(message), "#[retry({arguments})] {function}: {error}");
}

#[test]
fn malformed_setting_is_rejected() {
    for (arguments, message) in [
        (
            "attempts = 3",
            "unknown setting `attempts`: did you mean `max_attempts`?",
        ),
        ("if = is_busy", "unknown setting `if`: did you mean `retry_if`?"),
        ("\"3 times\"", "a setting starts with its name"),
        ("max_attempts", "`max_attempts` takes a value: write `max_attempts = 3`"),
        ("max_attempts == 3", "`max_attempts` takes a value"),
        ("max_attempts(3)", "`max_attempts` takes a value"),
        ("max_attempts =", "`max_attempts` takes a value"),
        ("max_attempts = , seed = 7", "`max_attempts` takes a value"),
        ("max_attempts = 3 seed = 7", "settings are separated by commas"),
        (
            "max_attempts = 3, seed = 7, max_attempts = 3",
            "`max_attempts` is set twice",
        ),
        (
            "clamp_hints = true",
            "`clamp_hints` takes no value: write `clamp_hints`",
        ),
        ("retry_rejected()", "`retry_rejected` takes no value"),
        ("clamp_hints, clamp_hints", "`clamp_hints` is set twice"),
    ] {
        rejected(arguments, PLAIN, message);
    }
}

#[test]
fn conflicting_settings_are_rejected() {
    for (arguments, message) in [
        (
            "retry_if = a, max_attempts = 3, on = [E::A]",
            "`on` conflicts with `retry_if`: write only one of `retry_if`, `classify`, `classify_with`, `on`",
        ),
        ("classify = a, retry_if = b", "`retry_if` conflicts with `classify`"),
        ("on = [E::A], classify = a", "`classify` conflicts with `on`"),
        (
            "classify_with = a, classify = a",
            "`classify` conflicts with `classify_with`",
        ),
        (
            "budget = &A, budget_by(&B, class_of)",
            "`budget_by` conflicts with `budget`: write only one of `budget`, `budget_by`",
        ),
    ] {
        rejected(arguments, PLAIN, message);
    }
}

#[test]
fn unknown_backoff_is_rejected() {
    for (value, message) in [
        ("quadratic(\"1s\")", "unknown backoff `quadratic`: a backoff is "),
        (
            "exponental(\"1s\")",
            "unknown backoff `exponental`: did you mean `exponential`?",
        ),
        ("shedule([])", "unknown backoff `shedule`: did you mean `schedule`?"),
        ("fixed::new(\"1s\")", "a backoff is "),
        ("fixed.clone()", "a backoff is "),
        ("3", "a backoff is "),
        ("linear", "`linear` takes its first delay: write `linear(\"100ms\")`"),
        ("linear()", "`linear` takes its first delay"),
        ("linear(\"1s\", factor = 2)", "`linear` has no factor"),
        (
            "exponential(\"1s\", cap = \"5s\")",
            "unknown setting `cap` of a backoff",
        ),
        (
            "exponential(\"1s\" factor = 2)",
            "`exponential` takes nothing more: remove this",
        ),
        ("exponential(\"1s\", factor = 2, 3)", "`exponential` takes nothing more"),
        ("schedule", "`schedule` takes a list of delays"),
        ("schedule()", "`schedule` takes a list of delays"),
        ("schedule([])", "an empty schedule allows no retry"),
        ("schedule(\"1s\", \"2s\")", "the delays of a schedule are a list"),
        ("schedule([1])", "a duration is text with a unit"),
        (
            "schedule([\"1s\"], repeat)",
            "behind its delays, a schedule takes `repeat_last` alone",
        ),
        ("schedule([\"1s\"], repeat_last, 3)", "`schedule` takes nothing more"),
    ] {
        rejected(&format!("backoff = {value}"), PLAIN, message);
    }
}

#[test]
fn unknown_jitter_is_rejected() {
    for (value, message) in [
        ("some", "unknown jitter `some`: jitter is "),
        ("equl", "unknown jitter `equl`: did you mean `equal`?"),
        ("full::new()", "jitter is "),
        ("full.into()", "jitter is "),
        ("proportional", "`proportional` takes its ratio"),
        ("proportional(0.5, 0.5)", "`proportional` takes one ratio"),
    ] {
        rejected(&format!("jitter = {value}"), PLAIN, message);
    }
}

#[test]
fn number_out_of_bounds_is_rejected() {
    for (arguments, message) in [
        (
            "max_attempts = 0",
            "`max_attempts` must be a whole number of at least 1",
        ),
        (
            "max_attempts = -1",
            "`max_attempts` must be a whole number of at least 1",
        ),
        (
            "max_attempts = 2.5",
            "`max_attempts` must be a whole number of at least 1",
        ),
        ("max_attempts = 4294967296", "`max_attempts` must be at most `u32::MAX`"),
        ("seed = -7", "`seed` must be a whole number"),
        ("seed = 18446744073709551616", "`seed` must be a whole number"),
        ("jitter = proportional(1.5)", "a jitter ratio must be within 0.0..=1.0"),
        ("jitter = proportional(-0.5)", "a jitter ratio must be within 0.0..=1.0"),
        (
            "backoff = exponential(\"1s\", factor = 0.5)",
            "a backoff factor must be a finite number of at least 1",
        ),
        (
            "backoff = exponential(\"1s\", factor = true)",
            "a backoff factor must be a finite number of at least 1",
        ),
    ] {
        rejected(arguments, PLAIN, message);
    }
}

#[test]
fn malformed_duration_is_rejected() {
    for (value, message) in [
        ("5", "a duration is text with a unit"),
        ("-5", "a duration is text with a unit"),
        ("\"5\"", "the duration has no unit after its number"),
        ("\"5min\"", "the duration has an unknown unit"),
        ("\"5 s\"", "a duration is a decimal number right before its unit"),
        ("\"0.5ns\"", "the duration has a fraction of a nanosecond"),
        ("\"18446744073709551616s\"", "the duration is too long"),
    ] {
        for setting in ["max_delay", "max_elapsed", "max_hint", "timeout"] {
            rejected(&format!("{setting} = {value}"), PLAIN, message);
        }
    }
}

#[test]
fn malformed_classifier_is_rejected() {
    for (arguments, message) in [
        ("on = E::A", "`on` takes patterns in brackets"),
        ("on = []", "an empty `on` retries no error"),
        (
            "on = [E::A, busy]",
            "`busy` alone may be a variable, which matches every error: write its path, such as `MyError::busy`",
        ),
        ("on = [E::A | busy]", "`busy` alone may be a variable"),
        (
            "classify = |error| Verdict::Retry",
            "`classify` takes a value that implements `Classifier`",
        ),
    ] {
        rejected(arguments, PLAIN, message);
    }
}

#[test]
fn malformed_budget_is_rejected() {
    for arguments in [
        "budget_by",
        "budget_by = &BUDGET",
        "budget_by(&BUDGET)",
        "budget_by(&BUDGET, class_of, 3)",
    ] {
        rejected(arguments, PLAIN, "`budget_by` takes a budget and a function");
    }
}

#[test]
fn unknown_argument_to_clone_is_rejected() {
    for (arguments, message) in [
        ("clone", "`clone` takes the names of arguments"),
        ("clone = request", "`clone` takes the names of arguments"),
        ("clone()", "`clone` takes the names of arguments"),
        ("clone(1)", "`clone` takes the names of arguments"),
        ("clone(self)", "`self` cannot be cloned"),
        ("clone(body, body)", "`body` is named twice"),
        ("clone(reqest)", "unknown argument `reqest`: did you mean `request`?"),
        ("clone(b)", "unknown argument `b`: the arguments are `request`, `body`"),
    ] {
        rejected(arguments, PLAIN, message);
    }
    rejected(
        "clone(b)",
        "fn f(&self) -> Result<u8, E> { Ok(1) }",
        "unknown argument `b`: the function has no argument to clone",
    );
}
