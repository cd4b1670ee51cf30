//! What cannot be retried, and what is said of it. The tests of the attribute pin every word, and where it stands.

use super::{BOXED, PLAIN};
use crate::expand::expanded;

/// That this is refused with words that begin so.
#[track_caller]
fn refused(arguments: &str, function: &str, words: &str) {
    let refusal = match expanded(arguments.parse().unwrap(), function.parse().unwrap()) {
        Ok(expansion) => format!("none, but {expansion}"),
        Err(refusal) => refusal.to_string(),
    };
    assert!(
        refusal.starts_with(words),
        "#[retry({arguments})] {function}: {refusal}"
    );
}

#[test]
fn settings_have_a_name_and_a_value() {
    for (arguments, words) in [
        (
            "retries = 3",
            "there is no setting `retries`: write one of `attempts`, ",
        ),
        ("\"3 times\"", "a setting has a name"),
        ("attempts", "`attempts` takes a value: write `attempts = 3`"),
        ("attempts == 3", "`attempts` takes a value"),
        ("attempts(3)", "`attempts` takes a value"),
        ("attempts =", "`attempts` takes a value"),
        ("attempts = , seed = 7", "`attempts` takes a value"),
        ("attempts = 3 seed = 7", "settings are separated by commas"),
        ("attempts = 3, seed = 7, attempts = 3", "`attempts` is set twice"),
        (
            "when = a, attempts = 3, on = [E::A]",
            "`when` says already what is retried",
        ),
        ("classify = a, when = b", "`classify` says already what is retried"),
        ("on = [E::A], classify = a", "`on` says already what is retried"),
    ] {
        refused(arguments, PLAIN, words);
    }
}

#[test]
fn backoffs_and_jitters_are_among_those_there_are() {
    for (value, words) in [
        ("quadratic(\"1s\")", "a backoff is "),
        ("fixed::new(\"1s\")", "a backoff is "),
        ("fixed.clone()", "a backoff is "),
        ("3", "a backoff is "),
        ("linear", "say how long the first delay is: write `linear(\"100ms\")`"),
        ("linear()", "say how long the first delay is"),
        ("linear(\"1s\", factor = 2)", "only an exponential backoff has a factor"),
        (
            "exponential(\"1s\", cap = \"5s\")",
            "after its first delay a backoff takes `factor` alone",
        ),
        ("exponential(\"1s\" factor = 2)", "there is nothing more to say"),
        ("exponential(\"1s\", factor = 2, 3)", "there is nothing more to say"),
    ] {
        refused(&format!("backoff = {value}"), PLAIN, words);
    }
    for (value, words) in [
        ("some", "jitter is "),
        ("full::new()", "jitter is "),
        ("full.into()", "jitter is "),
        ("proportional", "jitter is "),
        ("proportional(0.5, 0.5)", "a jitter takes one ratio"),
    ] {
        refused(&format!("jitter = {value}"), PLAIN, words);
    }
}

#[test]
fn numbers_and_durations_are_within_bounds() {
    for (arguments, words) in [
        ("attempts = 0", "`attempts` is a whole number of at least 1"),
        ("attempts = -1", "`attempts` is a whole number of at least 1"),
        ("attempts = 2.5", "`attempts` is a whole number of at least 1"),
        ("attempts = 4294967296", "`attempts` is at most `u32::MAX`"),
        ("seed = -7", "`seed` is a whole number"),
        ("seed = 18446744073709551616", "`seed` is a whole number"),
        ("jitter = proportional(1.5)", "a jitter ratio is within 0.0..=1.0"),
        ("jitter = proportional(-0.5)", "a jitter ratio is within 0.0..=1.0"),
        (
            "backoff = exponential(\"1s\", factor = 0.5)",
            "a backoff factor is a finite number of at least 1",
        ),
        (
            "backoff = exponential(\"1s\", factor = true)",
            "a backoff factor is a finite number of at least 1",
        ),
        ("max_delay = 5", "a duration is a text such as "),
        ("max_delay = -5", "a duration is a text such as "),
        ("max_delay = \"5\"", "a duration ends with its unit"),
        (
            "max_delay = \"5 s\"",
            "a duration is a decimal number right before its unit",
        ),
        ("max_delay = \"0.5ns\"", "a duration is a whole number of nanoseconds"),
        (
            "max_delay = \"18446744073709551616s\"",
            "a duration is less than 2^64 seconds",
        ),
    ] {
        refused(arguments, PLAIN, words);
    }
}

#[test]
fn patterns_say_what_they_match() {
    refused("on = E::A", PLAIN, "`on` takes patterns in brackets");
    refused("on = []", PLAIN, "`on` takes patterns in brackets");
    refused(
        "on = [E::A, busy]",
        PLAIN,
        "a bare name may match every error: write its path, as in `MyError::busy`",
    );
    refused("on = [E::A | busy]", PLAIN, "a bare name may match every error");
}

#[test]
fn clones_are_of_arguments() {
    for (arguments, words) in [
        ("clone", "`clone` takes the names of arguments"),
        ("clone = request", "`clone` takes the names of arguments"),
        ("clone()", "`clone` takes the names of arguments"),
        ("clone(1)", "`clone` takes the names of arguments"),
        ("clone(self)", "`self` cannot be cloned"),
        ("clone(body, body)", "`body` is named twice"),
        (
            "clone(b)",
            "there is no argument `b` to clone: write one of `request`, `body`",
        ),
    ] {
        refused(arguments, PLAIN, words);
    }
    refused(
        "clone(b)",
        "fn f(&self) -> Result<u8, E> { Ok(1) }",
        "there is no argument `b` to clone: remove it",
    );
    // What `#[async_trait]` binds again, and instead of `self`, is no further argument.
    let known = expanded("clone(b)".parse().unwrap(), BOXED.parse().unwrap()).unwrap_err();
    assert_eq!(known.to_string(), "there is no argument `b` to clone: write one of `a`");
}

#[test]
fn what_has_no_error_to_return_is_not_cut_off_or_rejected() {
    let asynchronous = format!("async {PLAIN}");
    refused(
        "breaker = &BREAKER",
        PLAIN,
        "an attempt that the breaker does not let through has no error",
    );
    refused(
        "attempt_timeout = \"1s\"",
        PLAIN,
        "a blocking attempt cannot be cut off",
    );
    refused(
        "attempt_timeout = \"1s\"",
        &asynchronous,
        "an attempt that is cut off has no error",
    );
}

#[test]
fn only_functions_are_retried() {
    for item in [
        "struct A;",
        "enum A {}",
        "union A { a: u8 }",
        "trait A {}",
        "impl A {}",
        "mod a {}",
        "type A = u8;",
        "static A: u8 = 1;",
        "const A: u8 = 1;",
        "use a::b;",
        "let a = 1;",
        "unsafe impl A for B {}",
        "unsafe trait A {}",
    ] {
        refused("", item, "`#[retry]` goes on a function");
    }
    for front in ["const", "const async", "const unsafe", "const extern \"C\""] {
        refused("", &format!("{front} {PLAIN}"), "a `const fn` cannot wait");
    }
    refused("", "fn f() -> Result<u8, E>;", "`f` has no body to retry");
}

#[test]
fn only_results_are_retried() {
    const IS_ANOTHER: &str = "`#[retry]` retries functions that return a `Result`: write `Result<T, E>`";
    const IS_A_FUTURE: &str = "`#[retry]` retries functions that return a `Result`: for a future of one";
    for (output, words) in [
        (
            "",
            "`#[retry]` retries functions that return a `Result`: write `-> Result<(), E>`",
        ),
        ("-> Option<u8>", IS_ANOTHER),
        ("-> [u8; 2]", IS_ANOTHER),
        ("-> impl Future<Output = Result<u8, E>>", IS_A_FUTURE),
        ("-> Pin<Box<F>>", IS_A_FUTURE),
        ("-> Pin<Box<dyn Other + Send>>", IS_A_FUTURE),
    ] {
        refused("", &format!("fn f() {output} {{ g() }}"), words);
    }
}

/// Each differs in one thing from what `#[async_trait]` makes.
#[test]
fn boxed_futures_are_those_of_async_trait() {
    for (own, other) in [
        ("Box::pin(", "Box::new("),
        ("Box::pin(", "(Box::pin)("),
        ("async move {", "async {"),
        ("ret })", "a })"),
        ("= { Ok(a) }", "= 'a: { Ok(a) }"),
        ("= { Ok(a) }", "= Ok(a)"),
        ("let ret: Result<u8, E> =", "let ret ="),
        ("Box::pin(", "let b = 1; Box::pin("),
    ] {
        assert!(BOXED.contains(own), "{own}");
        refused(
            "",
            &BOXED.replace(own, other),
            "`#[retry]` retries functions that return a `Result`, and the boxed futures of `#[async_trait]`",
        );
    }
}
