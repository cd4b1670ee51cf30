//! Rejected errors with the start of their messages, and the bounds of the implementation.

use super::*;

/// Asserts that deriving for `item` is an error that starts with `message`.
#[track_caller]
fn rejected(item: &str, message: &str) {
    let verdict = |input: &DeriveInput| {
        let Container { default, krate } = Container::of(&input.attrs)?;
        verdict(input, default.as_ref(), &krate, &mut Vec::new())
    };
    let error = match syn::parse_str(item).and_then(|input| verdict(&input)) {
        Ok(verdict) => panic!("{item}: accepted as {verdict}"),
        Err(error) => error.to_string(),
    };
    assert!(error.starts_with(message), "{item}: {error}");
}

#[test]
fn missing_or_unknown_instruction_is_rejected() {
    for (item, message) in [
        (
            "enum E { #[retryable(transient)] A, B }",
            "variant `B` has no verdict: write ",
        ),
        ("struct E;", "struct `E` has no verdict: write "),
        (
            "enum E { #[retryable(temporary)] A }",
            "unknown instruction `temporary`: write ",
        ),
        (
            "enum E { #[retryable(transiant)] A }",
            "unknown instruction `transiant`: did you mean `transient`?",
        ),
        (
            "enum E { #[retryable(transient, permanent)] A }",
            "a variant takes one instruction",
        ),
        ("enum E { #[retryable(1)] A }", "an instruction is a word: write "),
        ("enum E { #[retryable] A }", "there is no instruction: write "),
        (
            "enum E { #[retryable(transient)] #[retryable(permanent)] A }",
            "there is an instruction already",
        ),
        (
            "#[retryable(transient, permanent)] struct E;",
            "there is an instruction already",
        ),
        (
            "#[retryable(transparent)] enum E { A(u8) }",
            "an enum takes `transient` or `permanent` alone",
        ),
        (
            "#[retryable(after = 0)] enum E { A(u8) }",
            "an enum takes `transient` or `permanent` alone",
        ),
        ("union E { a: u8 }", "a union has no variants to match"),
    ] {
        rejected(item, message);
    }
}

#[test]
fn missing_or_unknown_field_is_rejected() {
    for (fields, message) in [
        (
            "#[retryable(after)] A(u8)",
            "`after` takes the field that holds the wait",
        ),
        (
            "#[retryable(after = delay)] A { wait: u8, code: u8 }",
            "unknown field `delay`: the fields are `wait`, `code`",
        ),
        (
            "#[retryable(after = retry_aftr)] A { code: u8, retry_after: u8 }",
            "unknown field `retry_aftr`: did you mean `retry_after`?",
        ),
        (
            "#[retryable(after = 2)] A(u8, u8)",
            "unknown field `2`: the fields are `0`, `1`",
        ),
        ("#[retryable(after = 0)] A", "unknown field `0`: there are no fields"),
        (
            "#[retryable(transparent)] A(u8, u8)",
            "`transparent` needs the field of the source",
        ),
        (
            "#[retryable(transparent)] A",
            "`transparent` needs the field of the source",
        ),
        (
            "#[retryable(transparent)] A { cause: u8, code: u8 }",
            "`transparent` needs the field of the source",
        ),
    ] {
        rejected(&format!("enum E {{ {fields} }}"), message);
    }
}

/// Without generics, the compiler checks the field itself.
#[test]
fn only_generic_type_is_bounded() {
    let bound = |item: &str| {
        let implementation = retryable(item.parse().unwrap()).to_string();
        implementation.contains("where Inner : :: persevere :: __private :: Retryable")
    };
    assert!(bound("#[retryable(transparent)] struct E<Inner>(Inner);"));
    assert!(!bound("#[retryable(transparent)] struct E(Inner);"));
}

/// A mistake is reported once: whoever needs the implementation finds it.
#[test]
fn implementation_is_there_in_spite_of_a_mistake() {
    let derived = retryable("enum E { A }".parse().unwrap()).to_string();
    assert!(
        derived.contains("compile_error") && derived.contains("Retryable for E"),
        "{derived}"
    );
}
