//! What is retried: `when`, `classify` and `on`.

use crate::output::bare;
use crate::value::expression;
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Pat, Path, Result, Token, Type, bracketed};

/// What is retried.
#[derive(Clone)]
pub(crate) enum Classifier {
    /// The errors that a predicate holds for.
    When(Expr),
    /// What a closure that returns a verdict says, or a classifier.
    Classify(Expr),
    /// The errors that match.
    On(Patterns),
}

/// Patterns over the error, and over its kind.
#[derive(Clone)]
pub(crate) struct Patterns {
    errors: Vec<Pat>,
    kinds: Vec<Pat>,
}

impl Classifier {
    pub(crate) fn parse_when(input: ParseStream<'_>) -> Result<Classifier> {
        expression(input).map(Classifier::When)
    }

    pub(crate) fn parse_classify(input: ParseStream<'_>) -> Result<Classifier> {
        expression(input).map(Classifier::Classify)
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
            return Err(Error::new(brackets.span.join(), WANTED));
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

    /// The classifier, for errors of this type.
    pub(crate) fn value(&self, krate: &Path, error: &TokenStream) -> TokenStream {
        let site = Span::mixed_site();
        let located = |expression: &Expr| site.located_at(expression.span());
        match self {
            Classifier::When(predicate) => {
                quote_spanned!(located(predicate)=> #krate::__private::when::<#error, _>(#predicate))
            }
            Classifier::Classify(closure @ Expr::Closure(_)) => {
                quote_spanned!(located(closure)=> #krate::__private::judge::<#error, _>(#closure))
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
                        "a bare name may match every error: write its path, as in `MyError::{0}` or `self::{0}`",
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
        // Where the error is an `ErrorKind` itself, it has no kind.
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

/// Whether a pattern names a variant of an `ErrorKind`: then it is for what `error.kind()` returns.
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
