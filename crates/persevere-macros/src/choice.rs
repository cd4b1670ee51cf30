//! Settings that are one of a few words: `backoff` and `jitter`.

use crate::value::{self, Value};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, Path, Result, Token, parenthesized};

/// How delays grow.
#[derive(Clone)]
pub(crate) struct Backoff {
    curve: Curve,
    base: Value,
    factor: Option<Value>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Curve {
    Fixed,
    Linear,
    Exponential,
    Fibonacci,
    Decorrelated,
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

/// The word that a choice is made by.
fn word(input: ParseStream<'_>, wanted: &str) -> Result<Ident> {
    let word = input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), wanted))?;
    // The first word of a path or a method call is none of ours.
    if input.peek(Token![::]) || input.peek(Token![.]) {
        return Err(Error::new(word.span(), wanted));
    }
    Ok(word)
}

impl Backoff {
    const WANTED: &'static str = "a backoff is `fixed(\"1s\")`, `linear(\"100ms\")`, `exponential(\"100ms\")`, \
        `exponential(\"100ms\", factor = 1.5)`, `fibonacci(\"100ms\")` or `decorrelated(\"100ms\")`; \
        for any other, write `policy = Policy::new(..)`";

    pub(crate) fn parse(input: ParseStream<'_>) -> Result<Backoff> {
        let name = word(input, Self::WANTED)?;
        let curve = Curve::ALL.iter().find(|(known, _)| name == known);
        let Some((_, curve)) = curve else {
            return Err(Error::new(name.span(), Self::WANTED));
        };
        if !input.peek(syn::token::Paren) {
            return Err(Error::new(
                name.span(),
                format!("say how long the first delay is: write `{name}(\"100ms\")`"),
            ));
        }
        let content;
        let parens = parenthesized!(content in input);
        if content.is_empty() {
            return Err(Error::new(
                parens.span.join(),
                format!("say how long the first delay is: write `{name}(\"100ms\")`"),
            ));
        }
        let base = value::duration(&content)?;
        let mut factor = None;
        if content.parse::<Option<Token![,]>>()?.is_some() && !content.is_empty() {
            let key: Ident = content.call(Ident::parse_any)?;
            if key != "factor" {
                return Err(Error::new(
                    key.span(),
                    format!(
                        "after its first delay a backoff takes `factor` alone: write `{name}(\"100ms\", factor = 1.5)`"
                    ),
                ));
            }
            if *curve != Curve::Exponential {
                return Err(Error::new(
                    key.span(),
                    format!(
                        "only an exponential backoff has a factor: write `exponential(.., factor = ..)`, or leave it out of `{name}`"
                    ),
                ));
            }
            content.parse::<Token![=]>()?;
            factor = Some(value::factor(&content)?);
            content.parse::<Option<Token![,]>>()?;
        }
        if !content.is_empty() {
            return Err(content.error("there is nothing more to say of a backoff: remove this"));
        }
        Ok(Backoff {
            curve: *curve,
            base,
            factor,
        })
    }

    /// Whether it is made of literals alone.
    pub(crate) fn is_literal(&self) -> bool {
        self.base.is_literal && self.factor.as_ref().is_none_or(|factor| factor.is_literal)
    }

    /// A policy with this backoff, and whatever its constructor sets beside it.
    pub(crate) fn policy(&self, krate: &Path) -> TokenStream {
        let (base, (_, constructor)) = (&self.base, self.curve.names());
        match &self.factor {
            Some(factor) => {
                quote_spanned!(Span::mixed_site()=> #krate::__private::Policy::exponential(#base).factor(#factor))
            }
            None => quote_spanned!(Span::mixed_site()=> #krate::__private::Policy::#constructor(#base)),
        }
    }

    /// The backoff alone.
    pub(crate) fn value(&self, krate: &Path) -> TokenStream {
        let (base, (type_name, _)) = (&self.base, self.curve.names());
        let factor = self
            .factor
            .as_ref()
            .map(|factor| quote_spanned!(Span::mixed_site()=> .factor(#factor)));
        quote_spanned!(Span::mixed_site()=> #krate::__private::backoff::#type_name::new(#base) #factor)
    }
}

/// How delays are spread.
#[derive(Clone)]
pub(crate) enum Jitter {
    /// One of the words, as the name of its variant.
    Plain(Ident),
    /// By a share.
    Proportional(Value),
}

impl Jitter {
    const WANTED: &'static str = "jitter is `none`, `full`, `equal` or `proportional(0.5)`";

    pub(crate) fn parse(input: ParseStream<'_>) -> Result<Jitter> {
        let name = word(input, Self::WANTED)?;
        let variant = match name.to_string().as_str() {
            "none" => "None",
            "full" => "Full",
            "equal" => "Equal",
            "proportional" if input.peek(syn::token::Paren) => {
                let content;
                parenthesized!(content in input);
                let ratio = value::ratio(&content)?;
                if !content.is_empty() {
                    return Err(content.error("a jitter takes one ratio: remove this"));
                }
                return Ok(Jitter::Proportional(ratio));
            }
            _ => return Err(Error::new(name.span(), Self::WANTED)),
        };
        Ok(Jitter::Plain(Ident::new(variant, Span::mixed_site())))
    }

    /// Whether it is made of literals alone.
    pub(crate) fn is_literal(&self) -> bool {
        match self {
            Jitter::Plain(_) => true,
            Jitter::Proportional(ratio) => ratio.is_literal,
        }
    }

    /// The jitter.
    pub(crate) fn value(&self, krate: &Path) -> TokenStream {
        match self {
            Jitter::Plain(variant) => quote_spanned!(Span::mixed_site()=> #krate::__private::Jitter::#variant),
            Jitter::Proportional(ratio) => {
                quote_spanned!(Span::mixed_site()=> #krate::__private::Jitter::proportional(#ratio))
            }
        }
    }
}
