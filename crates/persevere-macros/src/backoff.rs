//! The setting `backoff`.

use crate::choice::{unknown, word};
use crate::value::{self, Value};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Path, Result, Token, parenthesized};

/// How delays grow.
#[derive(Clone)]
pub(crate) enum Backoff {
    /// By a rule, from a first delay.
    Curve {
        curve: Curve,
        base: Value,
        factor: Option<Value>,
    },
    /// As in a list.
    Schedule { delays: Delays, repeat_last: bool },
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Curve {
    Fixed,
    Linear,
    Exponential,
    Fibonacci,
    Decorrelated,
}

/// The delays of a schedule.
#[derive(Clone)]
pub(crate) enum Delays {
    /// One by one.
    Each(Vec<Value>),
    /// An expression of a type that is `AsRef<[Duration]>`.
    All(Expr),
}

impl Curve {
    const ALL: [(&'static str, Curve); 5] = [
        ("fixed", Curve::Fixed),
        ("linear", Curve::Linear),
        ("exponential", Curve::Exponential),
        ("fibonacci", Curve::Fibonacci),
        ("decorrelated", Curve::Decorrelated),
    ];

    /// The name of its type, and of its constructor of a policy.
    fn names(self) -> (Ident, Ident) {
        let (constructor, type_name) = match self {
            Curve::Fixed => ("fixed", "Fixed"),
            Curve::Linear => ("linear", "Linear"),
            Curve::Exponential => ("exponential", "Exponential"),
            Curve::Fibonacci => ("fibonacci", "Fibonacci"),
            Curve::Decorrelated => ("decorrelated", "Decorrelated"),
        };
        (
            Ident::new(type_name, Span::mixed_site()),
            Ident::new(constructor, Span::mixed_site()),
        )
    }
}

impl Backoff {
    const WANTED: &'static str = "a backoff is `fixed(\"1s\")`, `linear(\"100ms\")`, `exponential(\"100ms\")`, \
        `exponential(\"100ms\", factor = 1.5)`, `fibonacci(\"100ms\")`, `decorrelated(\"100ms\")` or \
        `schedule([\"100ms\", \"1s\"])`; for any other, write `policy = Policy::new(..)`";

    pub(crate) fn parse(input: ParseStream<'_>) -> Result<Backoff> {
        let name = word(input, Self::WANTED)?;
        let curve = Curve::ALL
            .iter()
            .find(|(known, _)| name == known)
            .map(|(_, curve)| *curve);
        if curve.is_none() && name != "schedule" {
            let known = Curve::ALL.iter().map(|(known, _)| *known).chain(["schedule"]);
            return Err(unknown(&name, "backoff", known, Self::WANTED));
        }
        let missing = |place| {
            let message = if curve.is_none() {
                "`schedule` takes a list of delays: write `schedule([\"100ms\", \"1s\"])`".to_owned()
            } else {
                format!("`{name}` takes its first delay: write `{name}(\"100ms\")`")
            };
            Error::new(place, message)
        };
        if !input.peek(syn::token::Paren) {
            return Err(missing(name.span()));
        }
        let content;
        let parens = parenthesized!(content in input);
        if content.is_empty() {
            return Err(missing(parens.span.join()));
        }
        let backoff = match curve {
            Some(curve) => Self::parse_curve(&name, curve, &content)?,
            None => Self::parse_schedule(&content)?,
        };
        if !content.is_empty() {
            return Err(content.error(format!("`{name}` takes nothing more: remove this")));
        }
        Ok(backoff)
    }

    fn parse_curve(name: &Ident, curve: Curve, content: ParseStream<'_>) -> Result<Backoff> {
        let base = value::duration(content)?;
        let mut factor = None;
        if content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty() {
            let key: Ident = content.call(Ident::parse_any)?;
            if key != "factor" {
                return Err(Error::new(
                    key.span(),
                    format!(
                        "unknown setting `{key}` of a backoff: remove it, or write it behind the backoff, as in \
                         `backoff = {name}(\"100ms\"), max_delay = \"5s\"`"
                    ),
                ));
            }
            if curve != Curve::Exponential {
                return Err(Error::new(
                    key.span(),
                    format!("`{name}` has no factor: remove it, or write `exponential(.., factor = ..)`"),
                ));
            }
            content.parse::<Token![=]>()?;
            factor = Some(value::factor(content)?);
            content.parse::<Option<Token![,]>>()?;
        }
        Ok(Backoff::Curve { curve, base, factor })
    }

    fn parse_schedule(content: ParseStream<'_>) -> Result<Backoff> {
        let list = value::expression(content)?;
        let place = list.span();
        let delays = match list {
            Expr::Array(array) if array.elems.is_empty() => {
                return Err(Error::new(
                    array.bracket_token.span.join(),
                    "an empty schedule allows no retry: write a delay, or `max_attempts = 1` for no retries",
                ));
            }
            Expr::Array(array) => Delays::Each(array.elems.into_iter().map(value::duration_of).collect::<Result<_>>()?),
            Expr::Lit(_) => {
                return Err(Error::new(
                    place,
                    "the delays of a schedule are a list: write `schedule([\"100ms\", \"1s\"])`",
                ));
            }
            expression => Delays::All(expression),
        };
        let mut repeat_last = false;
        if content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty() {
            let key: Ident = content.call(Ident::parse_any)?;
            if key != "repeat_last" {
                return Err(Error::new(
                    key.span(),
                    "behind its delays, a schedule takes `repeat_last` alone: write \
                     `schedule([\"100ms\", \"1s\"], repeat_last)`",
                ));
            }
            repeat_last = true;
            content.parse::<Option<Token![,]>>()?;
        }
        Ok(Backoff::Schedule { delays, repeat_last })
    }

    /// Whether all values are literals.
    pub(crate) fn is_literal(&self) -> bool {
        match self {
            Backoff::Curve { base, factor, .. } => {
                base.is_literal && factor.as_ref().is_none_or(|factor| factor.is_literal)
            }
            Backoff::Schedule { delays, .. } => match delays {
                Delays::Each(delays) => delays.iter().all(|delay| delay.is_literal),
                Delays::All(_) => false,
            },
        }
    }

    /// An expression of a policy with this backoff, by the constructor of its name.
    pub(crate) fn policy(&self, krate: &Path) -> TokenStream {
        let site = Span::mixed_site();
        match self {
            Backoff::Curve { curve, base, factor } => {
                let (_, constructor) = curve.names();
                let factor = factor.as_ref().map(|factor| quote_spanned!(site=> .factor(#factor)));
                quote_spanned!(site=> #krate::__private::Policy::#constructor(#base) #factor)
            }
            Backoff::Schedule {
                delays,
                repeat_last: false,
            } => quote_spanned!(site=> #krate::__private::Policy::schedule(#delays)),
            Backoff::Schedule { repeat_last: true, .. } => {
                let schedule = self.value(krate);
                quote_spanned!(site=> #krate::__private::Policy::new(#schedule))
            }
        }
    }

    /// An expression of the backoff.
    pub(crate) fn value(&self, krate: &Path) -> TokenStream {
        let site = Span::mixed_site();
        match self {
            Backoff::Curve { curve, base, factor } => {
                let (type_name, _) = curve.names();
                let factor = factor.as_ref().map(|factor| quote_spanned!(site=> .factor(#factor)));
                quote_spanned!(site=> #krate::__private::backoff::#type_name::new(#base) #factor)
            }
            Backoff::Schedule { delays, repeat_last } => {
                let repeat_last = repeat_last.then(|| quote_spanned!(site=> .repeat_last()));
                quote_spanned!(site=> #krate::__private::backoff::Schedule::new(#delays) #repeat_last)
            }
        }
    }
}

impl ToTokens for Delays {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Delays::Each(delays) => tokens.extend(quote_spanned!(Span::mixed_site()=> [#(#delays),*])),
            Delays::All(expression) => expression.to_tokens(tokens),
        }
    }
}
