//! The settings between the parentheses of `#[retry(..)]`.

mod words;

use crate::backoff::Backoff;
use crate::classifier::Classifier;
use crate::jitter::Jitter;
use crate::value::{self, Value, expression};
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, Path, Result, Token, parenthesized, parse_quote};

/// The settings of one attribute.
pub(crate) struct Args {
    /// The path of `persevere`.
    pub(crate) krate: Path,
    pub(crate) policy: Option<Expr>,
    pub(crate) settings: Settings,
    pub(crate) classifier: Option<Classifier>,
    /// The limit of the whole run, with the place of its name.
    pub(crate) timeout: Option<(Span, Value)>,
    pub(crate) on_retry: Option<Expr>,
    pub(crate) on_event: Option<Expr>,
    pub(crate) observe: Option<Expr>,
    /// With the places of their names, as the breaker.
    pub(crate) pace: Option<(Span, Expr)>,
    pub(crate) bulkhead: Option<(Span, Expr)>,
    pub(crate) breaker: Option<(Span, Expr)>,
    pub(crate) budget: Option<Budget>,
    pub(crate) sleeper: Option<Expr>,
    pub(crate) clones: Vec<Ident>,
}

/// The settings of the policy.
#[derive(Default)]
pub(crate) struct Settings {
    pub(crate) backoff: Option<Backoff>,
    pub(crate) max_attempts: Option<Value>,
    pub(crate) max_delay: Option<Value>,
    pub(crate) max_elapsed: Option<Value>,
    /// With the place of its name.
    pub(crate) attempt_timeout: Option<(Span, Value)>,
    pub(crate) jitter: Option<Jitter>,
    pub(crate) max_hint: Option<Value>,
    pub(crate) clamp_hints: bool,
    pub(crate) retry_rejected: bool,
    pub(crate) seed: Option<Value>,
}

/// A budget, with the function that classes its failures, if there is one.
pub(crate) struct Budget {
    pub(crate) budget: Expr,
    pub(crate) class_of: Option<Expr>,
}

impl Default for Args {
    fn default() -> Args {
        Args {
            krate: parse_quote!(::persevere),
            policy: None,
            settings: Settings::default(),
            classifier: None,
            timeout: None,
            on_retry: None,
            on_event: None,
            observe: None,
            pace: None,
            bulkhead: None,
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
                    "a setting starts with its name: write `max_attempts = 3` or `backoff = exponential(\"100ms\")`",
                )
            })?;
            let Some(example) = words::example(&key) else {
                return Err(words::unknown(&key));
            };
            if seen.contains(&key) {
                return Err(Error::new(key.span(), format!("`{key}` is set twice: remove one")));
            }
            if let Some(conflict) = words::conflict(&key, &seen) {
                return Err(conflict);
            }
            args.set(&key, example, input)?;
            if !input.is_empty() && !input.peek(Token![,]) {
                return Err(input.error("settings are separated by commas: write `,` before this"));
            }
            input.parse::<Option<Token![,]>>()?;
            seen.push(key);
        }
        Ok(args)
    }
}

impl Args {
    fn set(&mut self, key: &Ident, example: &str, input: ParseStream<'_>) -> Result<()> {
        match key.to_string().as_str() {
            "clamp_hints" => {
                self.settings.clamp_hints = true;
                flag(key, input)
            }
            "retry_rejected" => {
                self.settings.retry_rejected = true;
                flag(key, input)
            }
            "clone" => {
                self.clones = clones(key, input)?;
                Ok(())
            }
            "budget_by" => {
                self.budget = Some(budget_by(key, example, input)?);
                Ok(())
            }
            name => {
                equals(key, example, input)?;
                self.set_value(name, key.span(), input)
            }
        }
    }

    /// Sets what stands behind the `=`.
    fn set_value(&mut self, name: &str, place: Span, input: ParseStream<'_>) -> Result<()> {
        let settings = &mut self.settings;
        match name {
            "backoff" => settings.backoff = Some(Backoff::parse(input)?),
            "max_attempts" => settings.max_attempts = Some(value::max_attempts(input)?),
            "max_delay" => settings.max_delay = Some(value::duration(input)?),
            "max_elapsed" => settings.max_elapsed = Some(value::duration(input)?),
            "attempt_timeout" => settings.attempt_timeout = Some((place, value::duration(input)?)),
            "jitter" => settings.jitter = Some(Jitter::parse(input)?),
            "max_hint" => settings.max_hint = Some(value::duration(input)?),
            "seed" => settings.seed = Some(value::seed(input)?),
            "policy" => self.policy = Some(expression(input)?),
            "retry_if" => self.classifier = Some(Classifier::RetryIf(expression(input)?)),
            "classify" => self.classifier = Some(Classifier::parse_classify(input)?),
            "classify_with" => self.classifier = Some(Classifier::ClassifyWith(expression(input)?)),
            "on" => self.classifier = Some(Classifier::parse_on(input)?),
            "timeout" => self.timeout = Some((place, value::duration(input)?)),
            "on_retry" => self.on_retry = Some(expression(input)?),
            "on_event" => self.on_event = Some(expression(input)?),
            "observe" => self.observe = Some(expression(input)?),
            "pace" => self.pace = Some((place, expression(input)?)),
            "bulkhead" => self.bulkhead = Some((place, expression(input)?)),
            "breaker" => self.breaker = Some((place, expression(input)?)),
            "budget" => {
                self.budget = Some(Budget {
                    budget: expression(input)?,
                    class_of: None,
                });
            }
            "sleeper" => self.sleeper = Some(expression(input)?),
            "crate" => self.krate = input.call(Path::parse_mod_style)?,
            _ => return Err(words::unknown(&Ident::new(name, place))),
        }
        Ok(())
    }
}

/// Consumes the `=` behind `key`, and makes sure that a value follows.
fn equals(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<()> {
    let missing = || Error::new(key.span(), format!("`{key}` takes a value: write `{example}`"));
    if !input.peek(Token![=]) || input.peek(Token![==]) {
        return Err(missing());
    }
    input.parse::<Token![=]>()?;
    if input.is_empty() || input.peek(Token![,]) {
        return Err(missing());
    }
    Ok(())
}

/// Makes sure that nothing stands behind a setting that is its name alone.
fn flag(key: &Ident, input: ParseStream<'_>) -> Result<()> {
    if input.is_empty() || input.peek(Token![,]) {
        return Ok(());
    }
    Err(Error::new(
        key.span(),
        format!("`{key}` takes no value: write `{key}` alone, or leave it out"),
    ))
}

/// A budget and the function that classes its failures, in parentheses.
fn budget_by(key: &Ident, example: &str, input: ParseStream<'_>) -> Result<Budget> {
    let wanted = || {
        Error::new(
            key.span(),
            format!("`budget_by` takes a budget and a function from an error to its `Class`: write `{example}`"),
        )
    };
    if !input.peek(syn::token::Paren) {
        return Err(wanted());
    }
    let content;
    parenthesized!(content in input);
    let both = Punctuated::<Expr, Token![,]>::parse_terminated_with(&content, expression)?;
    let [budget, class_of] = both.into_iter().collect::<Vec<_>>().try_into().map_err(|_| wanted())?;
    Ok(Budget {
        budget,
        class_of: Some(class_of),
    })
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
                "`self` cannot be cloned: take `&self`, and clone in the body the fields that it consumes",
            ));
        }
        if names.contains(&name) {
            return Err(Error::new(name.span(), format!("`{name}` is named twice: remove one")));
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

    #[test]
    fn example_of_every_setting_is_accepted() {
        for (key, example) in words::SETTINGS {
            assert!(syn::parse_str::<Args>(example).is_ok(), "{example}");
            let alone = syn::parse_str::<Args>(key).err().map(|error| error.to_string());
            match key {
                "clamp_hints" | "retry_rejected" => assert_eq!(alone, None),
                "clone" | "budget_by" => assert!(alone.unwrap().contains(example), "{key}"),
                _ => assert_eq!(alone.unwrap(), format!("`{key}` takes a value: write `{example}`")),
            }
        }
    }

    /// Whether the attribute takes the text as a duration, and with which error if not.
    fn as_setting(text: &str) -> std::result::Result<(), String> {
        let literal = proc_macro2::Literal::string(text);
        let tokens = quote::quote!(max_delay = #literal);
        syn::parse2::<Args>(tokens).map(drop).map_err(|error| error.to_string())
    }

    proptest::proptest! {
        #[test]
        fn durations_are_those_of_the_core(
            text in proptest::prop_oneof![".*", "([0-9]{0,3}(\\.[0-9]{0,3})?(h|m|s|ms|us|ns|d)?){1,4}"],
        ) {
            let of_core = persevere_core::duration::parse(&text).map(drop).map_err(|error| error.to_string());
            proptest::prop_assert_eq!(as_setting(&text), of_core);
        }
    }
}
