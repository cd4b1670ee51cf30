//! The return type, which decides the steps of the loop.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{Error, GenericArgument, Path, PathArguments, PathSegment, Result, Type};

/// The return type of a function.
pub(crate) struct Output {
    /// The type of one attempt, with `_` for `impl Trait`.
    pub(crate) attempt: TokenStream,
    /// The type of its error, or `_` if it has no name.
    pub(crate) error: TokenStream,
    /// Whether the function returns the `RetryError`.
    pub(crate) is_whole: bool,
    pub(crate) span: Span,
}

impl Output {
    /// Reads a declared return type.
    pub(crate) fn of_type(declared: &Type, krate: &Path) -> Result<Output> {
        let declared = bare(declared);
        let span = declared.span();
        let last = match declared {
            Type::Path(path) => path.path.segments.last(),
            _ => None,
        };
        let Some(last) = last.filter(|last| last.ident.to_string().ends_with("Result")) else {
            return Err(Error::new(span, not_a_result(declared)));
        };
        let site = Span::mixed_site().located_at(span);
        let arguments = type_arguments(last);
        if let [value, error] = arguments.as_slice() {
            if let Some(inner) = inside(error, "RetryError") {
                let (value, error) = (named(value), named(inner));
                return Ok(Output {
                    attempt: quote_spanned!(site=> ::core::result::Result<#value, #error>),
                    error,
                    is_whole: true,
                    span,
                });
            }
        }
        let error = match arguments.as_slice() {
            [_, error] if last.ident == "Result" => named(error),
            _ => {
                let declared = replaced(declared, &quote_spanned!(site=> ()));
                quote_spanned!(site=> <#declared as #krate::__private::Outcome>::Error)
            }
        };
        Ok(Output {
            attempt: named(declared),
            error,
            is_whole: false,
            span,
        })
    }
}

const FUTURE: &str = "`#[retry]` needs a function that returns a `Result`, and this one returns a future: write \
    `async fn .. -> Result<T, E>`";

fn not_a_result(declared: &Type) -> &'static str {
    match declared {
        Type::ImplTrait(_) => FUTURE,
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "Pin") => FUTURE,
        _ => {
            "`#[retry]` needs a function that returns a `Result`: write `Result<T, E>`, `Result<T, RetryError<E>>`, or \
             an alias whose name ends with `Result`"
        }
    }
}

/// The type without parentheses around it, visible or not.
pub(crate) fn bare(mut declared: &Type) -> &Type {
    loop {
        declared = match declared {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            bare => return bare,
        };
    }
}

/// The types between the angle brackets.
fn type_arguments(segment: &PathSegment) -> Vec<&Type> {
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => arguments
            .args
            .iter()
            .filter_map(|argument| match argument {
                GenericArgument::Type(argument) => Some(argument),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// `T`, if the type is a path to `name` with `T` alone between its angle brackets.
pub(crate) fn inside<'t>(outer: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = bare(outer) else {
        return None;
    };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    match type_arguments(last).as_slice() {
        [inner] => Some(inner),
        _ => None,
    }
}

/// The type with `_` for each `impl Trait`, which cannot be named in a body.
fn named(declared: &Type) -> TokenStream {
    let span = declared.span();
    replaced(declared, &quote_spanned!(span=> _))
}

/// The type with `by` for each `impl Trait`.
fn replaced(declared: &Type, by: &TokenStream) -> TokenStream {
    struct Replace<'a>(&'a TokenStream);

    impl VisitMut for Replace<'_> {
        fn visit_type_mut(&mut self, node: &mut Type) {
            if let Type::ImplTrait(_) = node {
                *node = Type::Verbatim(self.0.clone());
            } else {
                visit_mut::visit_type_mut(self, node);
            }
        }
    }

    let mut declared = declared.clone();
    Replace(by).visit_type_mut(&mut declared);
    declared.into_token_stream()
}
