//! Rejected functions, and settings that they cannot have, with the start of their messages.

use super::rejected::rejected;
use super::{BOXED, PLAIN};
use crate::expand::expanded;

/// `#[async_trait]` binds the arguments again, and `self` by another name.
#[test]
fn names_of_async_trait_are_not_suggested() {
    let error = expanded("clone(request)".parse().unwrap(), BOXED.parse().unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "unknown argument `request`: the arguments are `a`");
}

#[test]
fn setting_that_needs_another_function_is_rejected() {
    let asynchronous = format!("async {PLAIN}");
    for name in ["pace", "bulkhead", "breaker"] {
        let message = format!("`{name}` needs a function that returns `Result<T, RetryError<E>>`");
        rejected(&format!("{name} = &GATE"), PLAIN, &message);
    }
    rejected(
        "attempt_timeout = \"1s\"",
        PLAIN,
        "`attempt_timeout` needs an async function",
    );
    rejected(
        "attempt_timeout = \"1s\"",
        &asynchronous,
        "`attempt_timeout` needs a function that returns `Result<T, RetryError<E>>`",
    );
    rejected(
        "timeout = \"1s\"",
        &asynchronous,
        "`timeout` needs an async function that returns `Result<T, RetryError<E>>`",
    );
}

#[test]
fn item_that_is_not_a_function_is_rejected() {
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
        rejected("", item, "`#[retry]` works on functions alone");
    }
    for front in ["const", "const async", "const unsafe", "const extern \"C\""] {
        rejected("", &format!("{front} {PLAIN}"), "a `const fn` cannot be retried");
    }
    rejected(
        "",
        "fn f() -> Result<u8, E>;",
        "`f` cannot be retried here, because it has no body",
    );
}

#[test]
fn function_without_result_is_rejected() {
    const NOTHING: &str = "`#[retry]` needs a function that returns a `Result`, and this one returns nothing";
    const OTHER: &str = "`#[retry]` needs a function that returns a `Result`: write `Result<T, E>`";
    const FUTURE: &str = "`#[retry]` needs a function that returns a `Result`, and this one returns a future";
    for (output, message) in [
        ("", NOTHING),
        ("-> Option<u8>", OTHER),
        ("-> [u8; 2]", OTHER),
        ("-> impl Future<Output = Result<u8, E>>", FUTURE),
        ("-> Pin<Box<F>>", FUTURE),
        ("-> Pin<Box<dyn Other + Send>>", FUTURE),
    ] {
        rejected("", &format!("fn f() {output} {{ g() }}"), message);
    }
}

/// Each differs in one thing from the output of `#[async_trait]`.
#[test]
fn boxed_future_not_of_async_trait_is_rejected() {
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
        rejected(
            "",
            &BOXED.replace(own, other),
            "`#[retry]` needs a function that returns a `Result`, and of boxed futures it reads those of `#[async_trait]`",
        );
    }
}
