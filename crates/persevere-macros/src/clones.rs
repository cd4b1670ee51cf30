//! The setting `clone(..)`: the arguments that each attempt gets a clone of.

use crate::function::Function;
use persevere_core::nearest::suggestion;
use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote_spanned};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Error, FnArg, Ident, Pat, PatIdent, Result, Stmt, Token};

/// The statements that clone arguments.
#[derive(Default)]
pub(crate) struct Clones {
    /// Before an async attempt: these make the clones, so that its future owns them and borrows nothing.
    pub(crate) before: TokenStream,
    /// At the start of an attempt: these move the clones into it, or make them in a blocking attempt.
    pub(crate) within: TokenStream,
}

/// The statements for the arguments with these `names`.
pub(crate) fn of(names: &[Ident], function: &mut Function) -> Result<Clones> {
    let mut clones = Clones::default();
    for name in names {
        let (binding, conditions) = find(name, function)?;
        let site = Span::mixed_site().located_at(name.span());
        let Binding {
            name: argument,
            mutability,
        } = binding;
        // Resolves as the argument does, with the place of the setting.
        let mut original = argument.clone();
        original.set_span(argument.span().located_at(name.span()));
        let clone = format_ident!("clone_of_{}", name, span = site);
        let cloned = quote_spanned!(site=> ::core::clone::Clone::clone(&#original));
        let owned = if function.is_async() {
            clones.before.extend(quote_spanned!(site=>
                #(#conditions)*
                let #clone = #cloned;
            ));
            quote_spanned!(site=> #clone)
        } else {
            cloned
        };
        clones.within.extend(quote_spanned!(site=>
            #(#conditions)*
            let #mutability #argument = #owned;
        ));
    }
    Ok(clones)
}

/// A name that an argument binds.
struct Binding {
    name: Ident,
    mutability: Option<Token![mut]>,
}

/// The binding of `name` and its `#[cfg(..)]`s. A `mut` moves from the binding to the clone.
fn find(name: &Ident, function: &mut Function) -> Result<(Binding, Vec<Attribute>)> {
    let mut search = Search {
        name,
        others: Vec::new(),
        found: None,
    };
    let mut conditions = Vec::new();
    for argument in &mut function.signature.inputs {
        if let FnArg::Typed(argument) = argument {
            let before = search.found.is_some();
            search.visit_pat_mut(&mut argument.pat);
            if search.found.is_some() && !before {
                conditions = argument
                    .attrs
                    .iter()
                    .filter(|attribute| attribute.path().is_ident("cfg"))
                    .cloned()
                    .collect();
            }
        }
    }
    for statement in function.prelude() {
        if let Stmt::Local(local) = statement {
            search.visit_pat_mut(&mut local.pat);
        }
    }
    let Search { found, others, .. } = search;
    match found {
        Some(found) => Ok((found, conditions)),
        None => Err(Error::new(name.span(), unknown(name, &others))),
    }
}

fn unknown(name: &Ident, others: &[Ident]) -> String {
    if others.is_empty() {
        return format!("unknown argument `{name}`: the function has no argument to clone");
    }
    let others: Vec<_> = others.iter().map(Ident::to_string).collect();
    let others: Vec<_> = others.iter().map(String::as_str).collect();
    format!(
        "unknown argument `{name}`: {}",
        suggestion(&name.to_string(), "arguments", &others)
    )
}

/// A search for a name in patterns.
struct Search<'a> {
    name: &'a Ident,
    others: Vec<Ident>,
    found: Option<Binding>,
}

impl VisitMut for Search<'_> {
    fn visit_pat_mut(&mut self, pattern: &mut Pat) {
        if let Pat::Ident(PatIdent { ident, mutability, .. }) = pattern {
            if ident == self.name {
                let earlier = self.found.take().and_then(|found| found.mutability);
                self.found = Some(Binding {
                    name: ident.clone(),
                    mutability: mutability.take().or(earlier),
                });
            } else if ident != "__self" && !self.others.contains(ident) {
                self.others.push(ident.clone());
            }
        }
        visit_mut::visit_pat_mut(self, pattern);
    }
}
