//! The value of a setting: a literal that is checked at compile time, or an expression.

use persevere_core::duration;
use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use std::fmt::Display;
use std::ops::RangeInclusive;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Ident, Lit, Result, UnOp};

/// The value of a setting.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) tokens: TokenStream,
    /// Whether the value is a literal, so that it may be part of a constant.
    pub(crate) is_literal: bool,
}

impl ToTokens for Value {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

impl Value {
    fn literal(tokens: TokenStream) -> Value {
        Value {
            tokens,
            is_literal: true,
        }
    }

    fn expression(expression: &Expr) -> Value {
        Value {
            tokens: expression.to_token_stream(),
            is_literal: false,
        }
    }
}

/// An expression, without the invisible parentheses that a macro by example puts around it.
pub(crate) fn expression(input: ParseStream<'_>) -> Result<Expr> {
    Expr::parse(input).map(visible)
}

fn visible(mut expression: Expr) -> Expr {
    while let Expr::Group(group) = expression {
        expression = *group.expr;
    }
    expression
}

/// An expression, with literals apart.
enum Written {
    Literal(Lit),
    /// A literal with a minus sign before it.
    Negative(Span),
    Expression(Expr),
}

impl Written {
    fn of(expression: Expr) -> Written {
        match visible(expression) {
            Expr::Lit(literal) => Written::Literal(literal.lit),
            Expr::Unary(unary) if matches!((&unary.op, &*unary.expr), (UnOp::Neg(_), Expr::Lit(_))) => {
                Written::Negative(unary.span())
            }
            expression => Written::Expression(expression),
        }
    }

    fn parse(input: ParseStream<'_>) -> Result<Written> {
        expression(input).map(Written::of)
    }
}

/// A duration: text such as `"100ms"`, or an expression of type `Duration`.
pub(crate) fn duration(input: ParseStream<'_>) -> Result<Value> {
    duration_of(expression(input)?)
}

/// See [`duration`].
pub(crate) fn duration_of(expression: Expr) -> Result<Value> {
    const WANTED: &str =
        "a duration is text with a unit, or an expression of type `Duration`: write \"100ms\" or \"1.5s\"";
    match Written::of(expression) {
        Written::Literal(Lit::Str(text)) => {
            let duration = duration::parse(&text.value()).map_err(|error| Error::new(text.span(), error))?;
            let (seconds, nanos) = (duration.as_secs(), duration.subsec_nanos());
            Ok(Value::literal(
                quote_spanned!(text.span()=> ::core::time::Duration::new(#seconds, #nanos)),
            ))
        }
        Written::Literal(other) => Err(Error::new(other.span(), WANTED)),
        Written::Negative(span) => Err(Error::new(span, WANTED)),
        Written::Expression(expression) => Ok(Value::expression(&expression)),
    }
}

/// The number of attempts: a whole number of at least 1, or an expression of type `u32`, of which 0 counts as 1.
pub(crate) fn max_attempts(input: ParseStream<'_>) -> Result<Value> {
    const WANTED: &str =
        "`max_attempts` must be a whole number of at least 1 (1 means no retries): write `max_attempts = 3`";
    match Written::parse(input)? {
        Written::Literal(Lit::Int(number)) => match number.base10_parse::<u32>() {
            Ok(0) => Err(Error::new(number.span(), WANTED)),
            Ok(_) => Ok(Value::literal(number.to_token_stream())),
            Err(_) => Err(Error::new(
                number.span(),
                "`max_attempts` must be at most `u32::MAX` (which means no limit): write `max_attempts = u32::MAX`",
            )),
        },
        Written::Literal(other) => Err(Error::new(other.span(), WANTED)),
        Written::Negative(span) => Err(Error::new(span, WANTED)),
        Written::Expression(expression) => {
            let site = Span::mixed_site().located_at(expression.span());
            Ok(Value {
                tokens: quote_spanned!(site=> {
                    let attempts: u32 = #expression;
                    if attempts == 0 { 1 } else { attempts }
                }),
                is_literal: false,
            })
        }
    }
}

/// A seed: an expression of type `u64`.
pub(crate) fn seed(input: ParseStream<'_>) -> Result<Value> {
    const WANTED: &str = "`seed` must be a whole number of type `u64`: write `seed = 7`";
    match Written::parse(input)? {
        Written::Literal(Lit::Int(number)) => match number.base10_parse::<u64>() {
            Ok(_) => Ok(Value::literal(number.to_token_stream())),
            Err(_) => Err(Error::new(number.span(), WANTED)),
        },
        Written::Literal(other) => Err(Error::new(other.span(), WANTED)),
        Written::Negative(span) => Err(Error::new(span, WANTED)),
        Written::Expression(expression) => Ok(Value::expression(&expression)),
    }
}

/// The factor of an exponential backoff: a number of at least 1, or an expression of type `f64`.
pub(crate) fn factor(input: ParseStream<'_>) -> Result<Value> {
    float(
        input,
        1.0..=f64::MAX,
        "a backoff factor must be a finite number of at least 1: write `factor = 2.0`",
    )
}

/// The ratio of a proportional jitter: a number from 0 to 1, or an expression of type `f64`.
pub(crate) fn ratio(input: ParseStream<'_>) -> Result<Value> {
    float(
        input,
        0.0..=1.0,
        "a jitter ratio must be within 0.0..=1.0: write `proportional(0.5)`",
    )
}

fn float(input: ParseStream<'_>, allowed: RangeInclusive<f64>, wanted: impl Display) -> Result<Value> {
    let (number, span) = match Written::parse(input)? {
        // A whole number is as clear.
        Written::Literal(Lit::Int(number)) => (number.base10_parse::<f64>(), number.span()),
        Written::Literal(Lit::Float(number)) => (number.base10_parse::<f64>(), number.span()),
        Written::Literal(other) => return Err(Error::new(other.span(), wanted)),
        Written::Negative(span) => return Err(Error::new(span, wanted)),
        Written::Expression(expression) => return Ok(Value::expression(&expression)),
    };
    match number {
        Ok(number) if allowed.contains(&number) => {
            let mut literal = Literal::f64_unsuffixed(number);
            literal.set_span(span);
            Ok(Value::literal(literal.to_token_stream()))
        }
        _ => Err(Error::new(span, wanted)),
    }
}

/// A closure that calls `callable` with these parameters.
///
/// A closure of the caller stays as it is, since its parameters get their types from the setting's bound. Anything else
/// is called from a closure, so that a mismatch is one message at its name instead of one for each bound.
pub(crate) fn calling(callable: &Expr, parameters: &[&str]) -> TokenStream {
    let site = Span::mixed_site().located_at(callable.span());
    let parameters: Vec<_> = parameters.iter().map(|name| Ident::new(name, site)).collect();
    match callable {
        Expr::Closure(_) => callable.to_token_stream(),
        Expr::Path(_) => quote_spanned!(site=> move |#(#parameters),*| #callable(#(#parameters),*)),
        _ => quote_spanned!(site=> {
            let callable = #callable;
            move |#(#parameters),*| callable(#(#parameters),*)
        }),
    }
}
