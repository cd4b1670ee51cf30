//! The arguments of the attribute.

use crate::choice::{Backoff, Jitter};
use crate::classifier::Classifier;
use crate::value::{self, Value, expression};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Path, Result, Token, parenthesized, parse_quote};

/// Every key, as it is written.
const KEYS: [(&str, &str); 18] = [
    ("attempts", "attempts = 3"),
    ("backoff", "backoff = exponential(\"100ms\")"),
    ("max_delay", "max_delay = \"5s\""),
    ("max_elapsed", "max_elapsed = \"30s\""),
    ("attempt_timeout", "attempt_timeout = \"2s\""),
    ("jitter", "jitter = full"),
    ("seed", "seed = 7"),
    ("policy", "policy = TRANSIENT"),
    ("when", "when = is_transient"),
    ("classify", "classify = ByError"),
    ("on", "on = [MyError::Busy(..)]"),
    ("on_retry", "on_retry = log_retry"),
    ("observe", "observe = &observer"),
    ("breaker", "breaker = &BREAKER"),
    ("budget", "budget = &BUDGET"),
    ("sleeper", "sleeper = TokioSleeper"),
    ("clone", "clone(request)"),
    ("crate", "crate = my_crate::persevere"),
];

/// The keys of which there can be one.
const CLASSIFIERS: [&str; 3] = ["when", "classify", "on"];

/// What the attribute says.
pub(crate) struct Args {
    /// Where `persevere` is.
    pub(crate) krate: Path,
    pub(crate) policy: Option<Expr>,
    pub(crate) settings: Settings,
    pub(crate) classifier: Option<Classifier>,
    pub(crate) on_retry: Option<Expr>,
    pub(crate) observe: Option<Expr>,
    pub(crate) breaker: Option<(Span, Expr)>,
    pub(crate) budget: Option<Expr>,
    pub(crate) sleeper: Option<Expr>,
    pub(crate) clones: Vec<Ident>,
}

/// What the attribute says of the policy, value by value.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) backoff: Option<Backoff>,
    pub(crate) attempts: Option<Value>,
    pub(crate) max_delay: Option<Value>,
    pub(crate) max_elapsed: Option<Value>,
    pub(crate) attempt_timeout: Option<(Span, Value)>,
    pub(crate) jitter: Option<Jitter>,
    pub(crate) seed: Option<Value>,
}

impl Default for Args {
    fn default() -> Args {
        Args {
            krate: parse_quote!(::persevere),
            policy: None,
            settings: Settings::default(),
            classifier: None,
            on_retry: None,
            observe: None,
            breaker: None,
            budget: None,
            sleeper: None,
            clones: Vec::new(),
        }
    }
}

impl Parse for Args {
    fn parse(input: ParseStream<'_>) -> Result<Args> {
        let mut args = Args::default();
        let mut seen: Vec<Ident> = Vec::new();
        while !input.is_empty() {
            let key: Ident = input.call(Ident::parse_any).map_err(|error| {
                Error::new(
                    error.span(),
                    "a setting has a name: write `attempts = 3`, `backoff = exponential(\"100ms\")` or the like",
                )
            })?;
            let name = key.to_string();
            let Some((_, example)) = KEYS.iter().find(|(known, _)| *known == name) else {
                return Err(unknown(&key));
            };
            if seen.contains(&key) {
                return Err(Error::new(
                    key.span(),
                    format!("`{name}` is set twice: remove one of them"),
                ));
            }
            let other = seen
                .iter()
                .find(|other| CLASSIFIERS.iter().any(|known| *other == known));
            if let (true, Some(other)) = (CLASSIFIERS.contains(&name.as_str()), other) {
                return Err(Error::new(
                    key.span(),
                    format!("`{other}` says already what is retried: write one of `when`, `classify` and `on`"),
                ));
            }
            if name == "clone" {
                args.clones = clones(&key, input)?;
            } else {
                if !input.peek(Token![=]) || input.peek(Token![==]) {
                    return Err(Error::new(
                        key.span(),
                        format!("`{name}` takes a value: write `{example}`"),
                    ));
                }
                input.parse::<Token![=]>()?;
                if input.is_empty() || input.peek(Token![,]) {
                    return Err(Error::new(
                        key.span(),
                        format!("`{name}` takes a value: write `{example}`"),
                    ));
                }
                args.set(&key, input)?;
            }
            if !input.is_empty() && !input.peek(Token![,]) {
                return Err(input.error("settings are separated by commas: write a `,` before this"));
            }
            input.parse::<Option<Token![,]>>()?;
            seen.push(key);
        }
        Ok(args)
    }
}

impl Args {
    fn set(&mut self, key: &Ident, input: ParseStream<'_>) -> Result<()> {
        let settings = &mut self.settings;
        match key.to_string().as_str() {
            "attempts" => settings.attempts = Some(value::attempts(input)?),
            "backoff" => settings.backoff = Some(Backoff::parse(input)?),
            "max_delay" => settings.max_delay = Some(value::duration(input)?),
            "max_elapsed" => settings.max_elapsed = Some(value::duration(input)?),
            "attempt_timeout" => settings.attempt_timeout = Some((key.span(), value::duration(input)?)),
            "jitter" => settings.jitter = Some(Jitter::parse(input)?),
            "seed" => settings.seed = Some(value::seed(input)?),
            "policy" => self.policy = Some(expression(input)?),
            "when" => self.classifier = Some(Classifier::parse_when(input)?),
            "classify" => self.classifier = Some(Classifier::parse_classify(input)?),
            "on" => self.classifier = Some(Classifier::parse_on(input)?),
            "on_retry" => self.on_retry = Some(expression(input)?),
            "observe" => self.observe = Some(expression(input)?),
            "breaker" => self.breaker = Some((key.span(), expression(input)?)),
            "budget" => self.budget = Some(expression(input)?),
            "sleeper" => self.sleeper = Some(expression(input)?),
            "crate" => self.krate = input.call(Path::parse_mod_style)?,
            _ => return Err(unknown(key)),
        }
        Ok(())
    }
}

fn unknown(key: &Ident) -> Error {
    let known: Vec<_> = KEYS.iter().map(|(known, _)| format!("`{known}`")).collect();
    Error::new(
        key.span(),
        format!("there is no setting `{key}`: write one of {}", known.join(", ")),
    )
}

/// The names of the arguments that each attempt gets a clone of.
fn clones(key: &Ident, input: ParseStream<'_>) -> Result<Vec<Ident>> {
    const WANTED: &str = "`clone` takes the names of arguments: write `clone(request, body)`";
    if !input.peek(syn::token::Paren) {
        return Err(Error::new(key.span(), WANTED));
    }
    let content;
    parenthesized!(content in input);
    let mut names: Vec<Ident> = Vec::new();
    for name in Punctuated::<Ident, Token![,]>::parse_terminated_with(&content, Ident::parse_any)
        .map_err(|error| Error::new(error.span(), WANTED))?
    {
        if name == "self" {
            return Err(Error::new(
                name.span(),
                "`self` cannot be cloned for an attempt: take `&self`, and clone in the body what it consumes",
            ));
        }
        if names.contains(&name) {
            return Err(Error::new(
                name.span(),
                format!("`{name}` is named twice: remove one of them"),
            ));
        }
        names.push(name);
    }
    if names.is_empty() {
        return Err(Error::new(key.span(), WANTED));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each setting takes what its example says, which is what a message about it says to write.
    #[test]
    fn examples_are_taken() {
        for (key, example) in KEYS {
            assert!(syn::parse_str::<Args>(example).is_ok(), "{example}");
            let message = syn::parse_str::<Args>(key).err().unwrap().to_string();
            if key != "clone" {
                assert_eq!(message, format!("`{key}` takes a value: write `{example}`"));
            }
        }
    }
}
