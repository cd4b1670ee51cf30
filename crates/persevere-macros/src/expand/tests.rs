//! The tokens of the expansion, for any settings and any function.

mod rejected;
mod rejected_functions;

use super::*;
use proptest::prelude::*;

/// A valid function.
const PLAIN: &str = "fn f(request: u8, body: u8) -> Result<u8, E> { Ok(request) }";

/// The output of `#[async_trait]` for a method.
const BOXED: &str = "fn f(&self, a: u8) -> Pin<Box<dyn Future<Output = Result<u8, E>> + '_>> { Box::pin(async move { \
    let a = a; let __self = self; let ret: Result<u8, E> = { Ok(a) }; ret }) }";

const FUNCTIONS: [&str; 12] = [
    "fn f(a: u8, mut r#type: (u8,)) -> Result<u8, E> { Ok(a) }",
    "async fn f(&mut self, (a, b): (u8, u8)) -> Result<u8, RetryError<E>> { Ok(a) }",
    "pub(crate) unsafe fn f<'a, T: ?Sized>(self, a: &'a T) -> io::Result<impl Read + 'a> where T: Read { a }",
    "fn f(&self, a: u8) -> Pin<Box<dyn Future<Output = Result<u8, E>> + Send + '_>> { Box::pin(async move { \
     let __self = self; let mut a = a; let __ret: Result<u8, E> = { Ok(a) }; #[allow(unreachable_code)] __ret }) }",
    "fn f() -> Pin<Box<dyn Future<Output = ()>>> { Box::pin(async {}) }",
    "fn f() -> fmt::Result { #![allow(unused)] Ok(()) }",
    "fn f() -> Result<(), E>;",
    "fn f() -> ! { loop {} }",
    "const fn f() -> Result<(), E> { Ok(()) }",
    "struct F(Result<(), E>);",
    "fn f(",
    "",
];

/// The settings come first.
const WORDS: [&str; 46] = [
    "max_attempts",
    "backoff",
    "max_delay",
    "max_elapsed",
    "timeout",
    "attempt_timeout",
    "jitter",
    "max_hint",
    "clamp_hints",
    "seed",
    "policy",
    "retry_if",
    "classify",
    "classify_with",
    "on",
    "on_retry",
    "on_event",
    "observe",
    "budget_by",
    "sleeper",
    "clone",
    "crate",
    "self",
    "r#type",
    "a",
    "fixed",
    "exponential",
    "schedule",
    "repeat_last",
    "factor",
    "proportional",
    "full",
    "=",
    ",",
    "::",
    ".",
    "-",
    "0",
    "1.5",
    "\"100ms\"",
    "\"no\"",
    "|e| true",
    "&",
    "_",
    "[]",
    "[\"1s\", a]",
];

/// Settings of these words, sometimes in parentheses.
fn arguments() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&WORDS[..]).prop_map(str::to_owned);
    let group = |inner: BoxedStrategy<String>| {
        (inner, prop::sample::select(vec!["()", "[]", "{}"]))
            .prop_map(|(inner, braces)| format!("{}{inner}{}", &braces[..1], &braces[1..]))
    };
    let setting = (0..22usize, word.clone()).prop_map(|(key, value)| format!("{} = {value},", WORDS[key]));
    let text = prop::collection::vec(prop_oneof![3 => setting, 2 => word], 0..6).prop_map(|words| words.join(" "));
    let text = text.boxed();
    (text.clone(), prop::option::of(group(text))).prop_map(|(text, inner)| text + &inner.unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_settings_expand_without_panic(arguments in arguments(), function in prop::sample::select(&FUNCTIONS[..])) {
        let (Ok(arguments), Ok(function)) = (arguments.parse(), function.parse()) else {
            return Ok(());
        };
        prop_assert!(!retry(arguments, function).is_empty());
    }
}

#[test]
fn body_is_expanded_once_and_unchanged() {
    let function = |body: &str| format!("fn f() -> Result<u8, E> {{ {body} }}").parse::<TokenStream>();
    let body = "let word = 1 ; for x in 0 .. 3 { g ! (x ? @ word) ; } Ok (7)";
    let expanded = retry(TokenStream::new(), function(body).unwrap()).to_string();
    let body = body.parse::<TokenStream>().unwrap().to_string();
    assert_eq!(expanded.matches(&body).count(), 1, "{expanded}");
    assert_eq!(expanded.matches("fn f").count(), 1, "{expanded}");
}

/// The expansion of valid settings and a valid function.
#[track_caller]
fn expansion(arguments: &str, function: &str) -> String {
    match expanded(arguments.parse().unwrap(), function.parse().unwrap()) {
        Ok(expansion) => expansion.to_string(),
        Err(error) => panic!("#[retry({arguments})] {function}: {error}"),
    }
}

#[test]
fn policy_of_literals_is_a_constant() {
    for (setting, literal, expression) in [
        ("max_attempts = $", "3", "THREE"),
        ("max_hint = $", "\"1s\"", "SECOND"),
        ("backoff = fixed($)", "\"1s\"", "SECOND"),
        ("backoff = exponential($, factor = 3)", "\"1s\"", "SECOND"),
        ("backoff = exponential(\"1s\", factor = $,)", "3", "three()"),
        ("backoff = linear($,)", "\"1s\"", "*second"),
        ("backoff = schedule([\"1s\", $])", "\"2s\"", "SECOND"),
        ("backoff = schedule($, repeat_last)", "[\"1s\", \"2s\"]", "DELAYS"),
        ("max_delay = $", "\"1s\"", "SECOND"),
        ("max_elapsed = $", "\"1s\"", "SECOND"),
        ("attempt_timeout = $", "\"1s\"", "SECOND"),
        ("jitter = proportional($)", "0.5", "-HALF"),
        ("jitter = $", "equal", "proportional(1.0 / 2.0)"),
        ("seed = $", "7", "!0"),
    ] {
        let function = "async fn f() -> Result<u8, RetryError<E>> { Ok(1) }";
        let is_constant = |value: &str| expansion(&setting.replace('$', value), function).contains("const {");
        assert!(is_constant(literal), "{setting}");
        assert!(!is_constant(expression), "{setting}");
    }
}

#[test]
fn pattern_of_error_kind_matches_the_kind() {
    let matches_kind =
        |pattern: &str, function: &str| expansion(&format!("on = [{pattern}]"), function).contains(". kind ()");
    for kind in [
        "io::ErrorKind::TimedOut",
        "ErrorKind::Busy(..)",
        "ErrorKind::Busy { .. }",
        "(ErrorKind::Busy)",
        "E::Busy | ErrorKind::Busy",
    ] {
        assert!(matches_kind(kind, PLAIN), "{kind}");
        // An `ErrorKind` has no `kind()`.
        assert!(
            !matches_kind(kind, "fn f() -> Result<u8, (io::ErrorKind)> { Ok(1) }"),
            "{kind}"
        );
        assert!(
            matches_kind(kind, "fn f() -> Result<u8, [io::ErrorKind; 1]> { Ok(1) }"),
            "{kind}"
        );
    }
    for error in [
        "E::Busy",
        "E::Busy(..)",
        "E::Busy { .. }",
        "(E::Busy)",
        "E::ErrorKind",
        "1..=3",
    ] {
        assert!(!matches_kind(error, PLAIN), "{error}");
    }
}

#[test]
fn clone_has_the_conditions_of_its_argument() {
    let function = "fn f(#[cfg(x)] a: u8, #[cfg(y)] b: u8, c: u8, #[cfg(z)] d: u8) -> Result<u8, E> { Ok(1) }";
    let conditions = |name: &str, function: &str| {
        let expansion = expansion(&format!("clone({name})"), function);
        ["x", "y", "z"].map(|condition| expansion.matches(&format!("cfg ({condition})")).count())
    };
    // In the signature, and at the clone.
    for (name, counts) in [("a", [2, 1, 1]), ("b", [1, 2, 1]), ("c", [1, 1, 1]), ("d", [1, 1, 2])] {
        assert_eq!(conditions(name, function), counts, "{name}");
        // An async attempt makes the clone in one statement, and binds it in another.
        let counts = counts.map(|count| if count == 2 { 3 } else { count });
        assert_eq!(conditions(name, &format!("async {function}")), counts, "{name}");
    }
}

#[test]
fn self_has_the_name_of_async_trait() {
    let expansion = expansion("seed = self.seed, max_attempts = self::attempts()", BOXED);
    assert!(expansion.contains("__self . seed"), "{expansion}");
    assert!(expansion.contains("self :: attempts"), "{expansion}");
    assert!(!expansion.contains("__self :: attempts"), "{expansion}");
}

#[test]
fn unsafe_function_is_expanded() {
    for front in ["unsafe", "pub unsafe extern \"C\"", "async unsafe"] {
        let expansion = expansion("", &format!("{front} {PLAIN}"));
        assert!(expansion.contains("loop {"), "{expansion}");
    }
}

/// The error of a `Result` is its second type. The error of an alias is an associated type.
#[test]
fn error_type_of_alias_is_projected() {
    let is_projected = |output: &str| {
        let expansion = expansion("on_retry = log", &format!("fn f() -> {output} {{ g() }}"));
        expansion.contains("as :: persevere :: __private :: Outcome > :: Error")
    };
    for named in [
        "Result<u8, E>",
        "(core::result::Result<u8, E>)",
        "Result<u8, RetryError<E>>",
    ] {
        assert!(!is_projected(named), "{named}");
    }
    for alias in ["io::Result<u8>", "fmt::Result", "SwappedResult<E, u8>"] {
        assert!(is_projected(alias), "{alias}");
    }
}
