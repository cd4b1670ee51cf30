//! Whatever is written, the expansion is code.

use super::*;
use proptest::prelude::*;

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
