//! Lints find nothing in the expansion.

#![deny(warnings, future_incompatible, nonstandard_style, rust_2018_idioms, rust_2021_compatibility, unused)]
#![deny(elided_lifetimes_in_paths, explicit_outlives_requirements, let_underscore_drop, macro_use_extern_crate)]
#![deny(meta_variable_misuse, missing_docs, non_ascii_idents, redundant_lifetimes, single_use_lifetimes)]
#![deny(trivial_casts, trivial_numeric_casts, unit_bindings, unreachable_pub, unsafe_code, unused_extern_crates)]
#![deny(unused_import_braces, unused_lifetimes, unused_macro_rules, unused_qualifications, unused_results)]
#![deny(variant_size_differences)]

use persevere::{Policy, RetryError, Retryable, TokioSleeper, backoff::Exponential, retry};
use std::io;

static POLICY: Policy<Exponential> = Policy::exponential(std::time::Duration::from_millis(1));

#[retry]
fn bare() -> io::Result<()> {
    Ok(())
}

#[retry(max_attempts = 2, on = [io::ErrorKind::TimedOut], clone(text))]
fn blocking(text: String) -> io::Result<String> {
    Ok(text)
}

#[retry(policy = POLICY, max_attempts = 2, backoff = fixed("1s"), retry_if = |_| true, on_retry = |_, _, _| ())]
fn whole(text: &str) -> Result<usize, RetryError<io::Error>> {
    let number: usize = text.parse().map_err(io::Error::other)?;
    Ok(number)
}

#[retry(policy = POLICY, sleeper = TokioSleeper, clone(text))]
async fn asynchronous(mut text: String) -> Result<String, RetryError<io::Error>> {
    text.push('a');
    std::future::ready(()).await;
    Ok(text)
}

#[retry]
async fn diverging() -> Result<u32, RetryError<io::Error>> {
    panic!("never called")
}

#[retry]
fn diverging_too() -> Result<u32, RetryError<io::Error>> {
    loop {
        return Ok(7);
    }
}

#[derive(Debug, Retryable)]
#[retryable(permanent)]
enum Fault {
    #[retryable(transient)]
    Busy,
    Broken,
}

fn main() {
    bare().unwrap();
    assert_eq!(blocking("a".to_owned()).unwrap(), "a");
    assert_eq!(whole("7").unwrap(), 7);
    assert_eq!(diverging_too().unwrap(), 7);
    drop(asynchronous("a".to_owned()));
    drop(diverging());
    assert!(Fault::Busy.verdict().is_retry() && !Fault::Broken.verdict().is_retry());
}
