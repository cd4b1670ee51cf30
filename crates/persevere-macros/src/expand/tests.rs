//! The expansion: whatever is written, it is code; and what that code has in it.

mod refused;

use super::*;
use proptest::prelude::*;

/// A function with nothing wrong.
const PLAIN: &str = "fn f(request: u8, body: u8) -> Result<u8, E> { Ok(request) }";

/// What `#[async_trait]` makes of a method.
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

const WORDS: [&str; 36] = [
    "attempts",
    "backoff",
    "max_delay",
    "max_elapsed",
    "attempt_timeout",
    "jitter",
    "seed",
    "policy",
    "when",
    "classify",
    "on",
    "on_retry",
    "observe",
    "sleeper",
    "clone",
    "crate",
    "self",
    "r#type",
    "a",
    "fixed",
    "exponential",
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
];

/// Arguments of the words that mean something, in parentheses at times.
fn arguments() -> impl Strategy<Value = String> {
    let word = prop::sample::select(&WORDS[..]).prop_map(str::to_owned);
    let group = |inner: BoxedStrategy<String>| {
        (inner, prop::sample::select(vec!["()", "[]", "{}"]))
            .prop_map(|(inner, braces)| format!("{}{inner}{}", &braces[..1], &braces[1..]))
    };
    let setting = (0..16usize, word.clone()).prop_map(|(key, value)| format!("{} = {value},", WORDS[key]));
    let text = prop::collection::vec(prop_oneof![3 => setting, 2 => word], 0..6).prop_map(|words| words.join(" "));
    let text = text.boxed();
    (text.clone(), prop::option::of(group(text))).prop_map(|(text, inner)| text + &inner.unwrap_or_default())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is written, there is an answer: code or an error, which is code as well.
    #[test]
    fn nothing_panics(arguments in arguments(), function in prop::sample::select(&FUNCTIONS[..])) {
        let (Ok(arguments), Ok(function)) = (arguments.parse(), function.parse()) else {
            return Ok(());
        };
        prop_assert!(!retry(arguments, function).is_empty());
    }
}

/// The body is in the expansion once, word for word.
#[test]
fn the_body_is_there_once() {
    let function = |body: &str| format!("fn f() -> Result<u8, E> {{ {body} }}").parse::<TokenStream>();
    let body = "let word = 1 ; for x in 0 .. 3 { g ! (x ? @ word) ; } Ok (7)";
    let expanded = retry(TokenStream::new(), function(body).unwrap()).to_string();
    let body = body.parse::<TokenStream>().unwrap().to_string();
    assert_eq!(expanded.matches(&body).count(), 1, "{expanded}");
    assert_eq!(expanded.matches("fn f").count(), 1, "{expanded}");
}

/// The expansion of what is right.
#[track_caller]
fn expansion(arguments: &str, function: &str) -> String {
    match expanded(arguments.parse().unwrap(), function.parse().unwrap()) {
        Ok(expansion) => expansion.to_string(),
        Err(error) => panic!("#[retry({arguments})] {function}: {error}"),
    }
}

/// A policy of literals is a constant: one value that is none makes it none.
#[test]
fn literals_make_a_constant() {
    for (setting, literal, expression) in [
        ("attempts = $", "3", "THREE"),
        ("backoff = fixed($)", "\"1s\"", "SECOND"),
        ("backoff = exponential($, factor = 3)", "\"1s\"", "SECOND"),
        ("backoff = exponential(\"1s\", factor = $,)", "3", "three()"),
        ("backoff = linear($,)", "\"1s\"", "*second"),
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

/// Patterns over the kind of an error ask it for that, all others look at the error.
#[test]
fn kinds_are_asked_for() {
    let asks = |pattern: &str, function: &str| expansion(&format!("on = [{pattern}]"), function).contains(". kind ()");
    for kind in [
        "io::ErrorKind::TimedOut",
        "ErrorKind::Busy(..)",
        "ErrorKind::Busy { .. }",
        "(ErrorKind::Busy)",
        "E::Busy | ErrorKind::Busy",
    ] {
        assert!(asks(kind, PLAIN), "{kind}");
        // An `ErrorKind` itself has no kind.
        assert!(!asks(kind, "fn f() -> Result<u8, (io::ErrorKind)> { Ok(1) }"), "{kind}");
        assert!(
            asks(kind, "fn f() -> Result<u8, [io::ErrorKind; 1]> { Ok(1) }"),
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
        assert!(!asks(error, PLAIN), "{error}");
    }
}

/// What is there under a condition is cloned under that, and nothing else is.
#[test]
fn clones_have_the_conditions_of_their_arguments() {
    let function = "fn f(#[cfg(x)] a: u8, #[cfg(y)] b: u8, c: u8, #[cfg(z)] d: u8) -> Result<u8, E> { Ok(1) }";
    let conditions = |name: &str| {
        let expansion = expansion(&format!("clone({name})"), function);
        ["x", "y", "z"].map(|condition| expansion.matches(&format!("cfg ({condition})")).count())
    };
    // Once before the function, and where a clone is made and where it is bound.
    assert_eq!(conditions("a"), [3, 1, 1]);
    assert_eq!(conditions("b"), [1, 3, 1]);
    assert_eq!(conditions("c"), [1, 1, 1]);
    assert_eq!(conditions("d"), [1, 1, 3]);
}

/// In the body that `#[async_trait]` makes, `self` has another name, whatever is bound before it.
#[test]
fn self_is_what_async_trait_calls_it() {
    let expansion = expansion("seed = self.seed, attempts = self::attempts()", BOXED);
    assert!(expansion.contains("__self . seed"), "{expansion}");
    assert!(expansion.contains("self :: attempts"), "{expansion}");
    assert!(!expansion.contains("__self :: attempts"), "{expansion}");
}

/// Safety and linkage are no other item's.
#[test]
fn unsafe_functions_are_functions() {
    for front in ["unsafe", "pub unsafe extern \"C\"", "async unsafe"] {
        let expansion = expansion("", &format!("{front} {PLAIN}"));
        assert!(expansion.contains("loop {"), "{expansion}");
    }
}

/// The error of a `Result` is its second type. Which one an alias has is asked of the type.
#[test]
fn errors_are_named_where_they_can_be() {
    let is_asked = |output: &str| {
        let expansion = expansion("", &format!("fn f() -> {output} {{ g() }}"));
        expansion.contains("as :: persevere :: __private :: Outcome > :: Error")
    };
    for named in [
        "Result<u8, E>",
        "(core::result::Result<u8, E>)",
        "Result<u8, RetryError<E>>",
    ] {
        assert!(!is_asked(named), "{named}");
    }
    for alias in ["io::Result<u8>", "fmt::Result", "SwappedResult<E, u8>"] {
        assert!(is_asked(alias), "{alias}");
    }
}

/// A breaker and a budget are asked before each attempt, together and alone.
#[test]
fn each_guard_is_asked() {
    let asks = |arguments: &str, output: &str| {
        let expansion = expansion(arguments, &format!("fn f() -> Result<u8, {output}> {{ g() }}"));
        expansion.contains(":: enter (& mut run")
    };
    assert!(asks("budget = &BUDGET", "E"));
    for guards in [
        "breaker = &BREAKER",
        "budget = &BUDGET",
        "breaker = &BREAKER, budget = &BUDGET",
    ] {
        assert!(asks(guards, "RetryError<E>"), "{guards}");
    }
    assert!(!asks("", "E") && !asks("", "RetryError<E>"));
}
