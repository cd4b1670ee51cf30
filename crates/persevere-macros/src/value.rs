//! The value of a setting: a literal that is checked here, or an expression.

use crate::duration;
use proc_macro2::{Literal, Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use std::fmt::Display;
use std::ops::RangeInclusive;
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Error, Expr, Lit, Result, UnOp};

/// What a setting is set to.
#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) tokens: TokenStream,
    /// Whether it is a literal, and so part of a constant.
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
    let mut expression = Expr::parse(input)?;
    while let Expr::Group(group) = expression {
        expression = *group.expr;
    }
    Ok(expression)
}

/// A literal, which may be negative, with its place.
enum Written {
    Literal(Lit),
    Negative(Span),
    Expression(Expr),
}

fn written(input: ParseStream<'_>) -> Result<Written> {
    Ok(match expression(input)? {
        Expr::Lit(literal) => Written::Literal(literal.lit),
        Expr::Unary(unary) if matches!((&unary.op, &*unary.expr), (UnOp::Neg(_), Expr::Lit(_))) => {
            Written::Negative(unary.span())
        }
        expression => Written::Expression(expression),
    })
}

/// A duration: `"100ms"`, or an expression of type `Duration`.
pub(crate) fn duration(input: ParseStream<'_>) -> Result<Value> {
    const WANTED: &str = "a duration is a text such as \"100ms\" or \"1.5s\", or an expression of type `Duration`";
    match written(input)? {
        Written::Literal(Lit::Str(text)) => {
            let duration = duration::parse(&text.value()).map_err(|bad| Error::new(text.span(), bad))?;
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

/// How many attempts: a whole number of at least 1, or an expression of type `u32`.
pub(crate) fn attempts(input: ParseStream<'_>) -> Result<Value> {
    const WANTED: &str = "`attempts` is a whole number of at least 1, which means no retry: write `attempts = 3`";
    match written(input)? {
        Written::Literal(Lit::Int(number)) => match number.base10_parse::<u32>() {
            Ok(0) => Err(Error::new(number.span(), WANTED)),
            Ok(_) => Ok(Value::literal(number.to_token_stream())),
            Err(_) => Err(Error::new(
                number.span(),
                "`attempts` is at most `u32::MAX`, which means no limit",
            )),
        },
        Written::Literal(other) => Err(Error::new(other.span(), WANTED)),
        Written::Negative(span) => Err(Error::new(span, WANTED)),
        Written::Expression(expression) => Ok(Value::expression(&expression)),
    }
}

/// A seed: an expression of type `u64`.
pub(crate) fn seed(input: ParseStream<'_>) -> Result<Value> {
    const WANTED: &str = "`seed` is a whole number of type `u64`: write `seed = 7`";
    match written(input)? {
        Written::Literal(Lit::Int(number)) => match number.base10_parse::<u64>() {
            Ok(_) => Ok(Value::literal(number.to_token_stream())),
            Err(_) => Err(Error::new(number.span(), WANTED)),
        },
        Written::Literal(other) => Err(Error::new(other.span(), WANTED)),
        Written::Negative(span) => Err(Error::new(span, WANTED)),
        Written::Expression(expression) => Ok(Value::expression(&expression)),
    }
}

/// By what an exponential backoff grows: a number of at least 1, or an expression of type `f64`.
pub(crate) fn factor(input: ParseStream<'_>) -> Result<Value> {
    float(
        input,
        1.0..=f64::MAX,
        "a backoff factor is a finite number of at least 1: write `factor = 2.0`",
    )
}

/// The share of a delay by which it is spread: a number from 0 to 1, or an expression of type `f64`.
pub(crate) fn ratio(input: ParseStream<'_>) -> Result<Value> {
    float(
        input,
        0.0..=1.0,
        "a jitter ratio is within 0.0..=1.0: write `proportional(0.5)`",
    )
}

fn float(input: ParseStream<'_>, allowed: RangeInclusive<f64>, wanted: impl Display) -> Result<Value> {
    let (number, span) = match written(input)? {
        // `factor = 3` says enough.
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
