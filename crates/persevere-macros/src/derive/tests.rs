//! What is said of errors that do not say what to do, and what the implementation has of those that do.

use super::*;

/// What is said of this.
fn refusal(item: &str) -> String {
    match syn::parse_str(item).and_then(implementation) {
        Ok(implementation) => format!("none, but {implementation}"),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn each_says_one_thing_that_there_is() {
    for (item, words) in [
        (
            "enum E { #[retryable(transient)] A, B }",
            "is `B` worth another attempt?",
        ),
        ("struct E;", "is `E` worth another attempt?"),
        (
            "enum E { #[retryable(transitory)] A }",
            "there is no `transitory`: write ",
        ),
        (
            "enum E { #[retryable(transient, permanent)] A }",
            "write `#[retryable(transient)]`, ",
        ),
        ("enum E { #[retryable(1)] A }", "write `#[retryable(transient)]`, "),
        ("enum E { #[retryable] A }", "write `#[retryable(transient)]`, "),
        (
            "enum E { #[retryable(transient)] #[retryable(permanent)] A }",
            "there is one instruction for each",
        ),
        (
            "#[retryable(transient, permanent)] struct E;",
            "there is one instruction for each",
        ),
        (
            "#[retryable(transparent)] enum E { A(u8) }",
            "each variant has fields of its own",
        ),
        (
            "#[retryable(after = 0)] enum E { A(u8) }",
            "each variant has fields of its own",
        ),
        ("union E { a: u8 }", "a union does not know what it holds"),
    ] {
        let refusal = refusal(item);
        assert!(refusal.starts_with(words), "{item}: {refusal}");
    }
}

#[test]
fn fields_are_found_or_asked_for() {
    for (fields, words) in [
        ("#[retryable(after)] A(u8)", "say which field holds the wait"),
        (
            "#[retryable(after = delay)] A { wait: u8, code: u8 }",
            "there is no field `delay`: write one of `wait`, `code`",
        ),
        (
            "#[retryable(after = 2)] A(u8, u8)",
            "there is no field `2`: write one of `0`, `1`",
        ),
        ("#[retryable(after = 0)] A", "there is no field `0`, nor any other"),
        (
            "#[retryable(transparent)] A(u8, u8)",
            "`transparent` asks the field that the error comes from",
        ),
        (
            "#[retryable(transparent)] A",
            "`transparent` asks the field that the error comes from",
        ),
        (
            "#[retryable(transparent)] A { cause: u8, code: u8 }",
            "`transparent` asks the field that the error comes from",
        ),
    ] {
        let refusal = refusal(&format!("enum E {{ {fields} }}"));
        assert!(refusal.starts_with(words), "{fields}: {refusal}");
    }
}

/// A bound is for what a type is generic over: of any other, the compiler knows already.
#[test]
fn generic_types_alone_are_bounded() {
    let bound = |item: &str| {
        let implementation = retryable(item.parse().unwrap()).to_string();
        implementation.contains("where Inner : :: persevere :: __private :: Retryable")
    };
    assert!(bound("#[retryable(transparent)] struct E<Inner>(Inner);"));
    assert!(!bound("#[retryable(transparent)] struct E(Inner);"));
}
