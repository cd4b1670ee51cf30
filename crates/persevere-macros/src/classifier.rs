//! The errors that are retried: `retry_if`, `classify`, `classify_with` and `on`.

use crate::output::bare;
use crate::value::{calling, expression};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Pat, Path, Result, Token, Type, bracketed};

/// The errors that are retried.
#[derive(Clone)]
pub(crate) enum Classifier {
    /// The errors that a predicate holds for.
    RetryIf(Expr),
    /// A value that implements `Classifier`.
    Classify(Expr),
    /// A function from an error to a `Verdict`.
    ClassifyWith(Expr),
    /// The errors that match a pattern.
    On(Patterns),
}

/// Patterns for the error, and for its `kind()`.
#[derive(Clone)]
pub(crate) struct Patterns {
    errors: Vec<Pat>,
    kinds: Vec<Pat>,
}

impl Classifier {
    pub(crate) fn parse_classify(input: ParseStream<'_>) -> Result<Classifier> {
        match expression(input)? {
            Expr::Closure(closure) => Err(Error::new(
                closure.span(),
                "`classify` takes a value that implements `Classifier`: for a closure that returns a `Verdict`, write \
                 `classify_with = ..`",
            )),
            classifier => Ok(Classifier::Classify(classifier)),
        }
    }

    pub(crate) fn parse_on(input: ParseStream<'_>) -> Result<Classifier> {
        const WANTED: &str =
            "`on` takes patterns in brackets: write `on = [io::ErrorKind::TimedOut, MyError::Busy(..)]`";
        if !input.peek(syn::token::Bracket) {
            return Err(input.error(WANTED));
        }
        let content;
        let brackets = bracketed!(content in input);
        let all = Punctuated::<Pat, Token![,]>::parse_terminated_with(&content, Pat::parse_multi)?;
        if all.is_empty() {
            return Err(Error::new(
                brackets.span.join(),
                "an empty `on` retries no error: write a pattern, or `max_attempts = 1` for no retries",
            ));
        }
        let mut patterns = Patterns {
            errors: Vec::new(),
            kinds: Vec::new(),
        };
        for pattern in all {
            match pattern {
                Pat::Or(alternatives) => {
                    for case in alternatives.cases {
                        patterns.push(case)?;
                    }
                }
                pattern => patterns.push(pattern)?,
            }
        }
        Ok(Classifier::On(patterns))
    }

    /// An expression of the classifier, for errors of this type.
    pub(crate) fn value(&self, krate: &Path, error: &TokenStream) -> TokenStream {
        let site = Span::mixed_site();
        let located = |expression: &Expr| site.located_at(expression.span());
        match self {
            Classifier::RetryIf(predicate) => {
                let closure = calling(predicate, &["error"]);
                quote_spanned!(located(predicate)=> #krate::__private::when::<#error, _>(#closure))
            }
            Classifier::ClassifyWith(function) => {
                let closure = calling(function, &["error"]);
                quote_spanned!(located(function)=> #krate::__private::judge::<#error, _>(#closure))
            }
            Classifier::Classify(classifier) => quote!(#classifier),
            Classifier::On(patterns) => {
                let error_value = quote_spanned!(site=> error);
                let matches = patterns.matches(&error_value, error);
                quote_spanned!(site=> #krate::__private::when::<#error, _>(|#error_value| #matches))
            }
        }
    }
}

impl Patterns {
    fn push(&mut self, pattern: Pat) -> Result<()> {
        if let Pat::Ident(name) = &pattern {
            if name.subpat.is_none() {
                return Err(Error::new(
                    pattern.span(),
                    format!(
                        "`{0}` alone may be a variable, which matches every error: write its path, such as \
                         `MyError::{0}` or `self::{0}`",
                        name.ident
                    ),
                ));
            }
        }
        if is_of_kind(&pattern) {
            self.kinds.push(pattern);
        } else {
            self.errors.push(pattern);
        }
        Ok(())
    }

    fn matches(&self, value: &TokenStream, error: &TokenStream) -> TokenStream {
        let Patterns { errors, kinds } = self;
        let site = Span::mixed_site();
        // An `ErrorKind` has no `kind()`.
        let error_is_kind = syn::parse2::<Type>(error.clone()).is_ok_and(|error| match bare(&error) {
            Type::Path(path) => path.path.segments.last().is_some_and(|last| last.ident == "ErrorKind"),
            _ => false,
        });
        let arms = |patterns: &[Pat], place: TokenStream| {
            let arms = patterns.iter().map(|pattern| quote_spanned!(site=> #pattern => true,));
            quote_spanned!(site=> match #place {
                #(#arms)*
                #[allow(unreachable_patterns)]
                _ => false,
            })
        };
        match (errors.as_slice(), kinds.as_slice()) {
            (errors, []) => arms(errors, quote!(#value)),
            (errors, kinds) if error_is_kind => arms(&[errors, kinds].concat(), quote!(#value)),
            (errors, kinds) => {
                let span = kinds.first().map_or(site, |kind| site.located_at(kind.span()));
                let kind = arms(kinds, quote_spanned!(span=> #value.kind()));
                if errors.is_empty() {
                    return kind;
                }
                let error = arms(errors, quote!(#value));
                quote_spanned!(site=> #error || #kind)
            }
        }
    }
}

/// Whether a pattern names a variant of an `ErrorKind`, so that it is for `error.kind()`.
fn is_of_kind(pattern: &Pat) -> bool {
    let path = match pattern {
        Pat::Path(pattern) => &pattern.path,
        Pat::TupleStruct(pattern) => &pattern.path,
        Pat::Struct(pattern) => &pattern.path,
        Pat::Paren(pattern) => return is_of_kind(&pattern.pat),
        _ => return false,
    };
    path.segments
        .iter()
        .rev()
        .nth(1)
        .is_some_and(|segment| segment.ident == "ErrorKind")
}
