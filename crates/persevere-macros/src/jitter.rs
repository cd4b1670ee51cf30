//! The setting `jitter`.

use crate::choice::{unknown, word};
use crate::value::{self, Value};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::parse::ParseStream;
use syn::{Error, Ident, Path, Result, parenthesized};

/// How delays are spread.
#[derive(Clone)]
pub(crate) enum Jitter {
    /// A variant without a value.
    Plain(Ident),
    /// By a ratio.
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
                    return Err(content.error("`proportional` takes one ratio: remove this"));
                }
                return Ok(Jitter::Proportional(ratio));
            }
            "proportional" => {
                return Err(Error::new(
                    name.span(),
                    "`proportional` takes its ratio: write `proportional(0.5)`",
                ));
            }
            _ => {
                let known = ["none", "full", "equal", "proportional"];
                return Err(unknown(&name, "jitter", known, Self::WANTED));
            }
        };
        Ok(Jitter::Plain(Ident::new(variant, Span::mixed_site())))
    }

    /// Whether all values are literals.
    pub(crate) fn is_literal(&self) -> bool {
        match self {
            Jitter::Plain(_) => true,
            Jitter::Proportional(ratio) => ratio.is_literal,
        }
    }

    /// An expression of the jitter.
    pub(crate) fn value(&self, krate: &Path) -> TokenStream {
        match self {
            Jitter::Plain(variant) => quote_spanned!(Span::mixed_site()=> #krate::__private::Jitter::#variant),
            Jitter::Proportional(ratio) => {
                quote_spanned!(Span::mixed_site()=> #krate::__private::Jitter::proportional(#ratio))
            }
        }
    }
}
