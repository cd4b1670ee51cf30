//! The form of an async function after `#[async_trait]`: a boxed future with the body in it.
//!
//! `#[async_trait]` stands above the trait or the implementation, so it expands before an attribute on a method.

use crate::output::inside;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Error, Expr, Ident, Pat, Result, Stmt, Type, TypeParamBound};

/// The parts of a boxed async function.
pub(crate) struct Boxed {
    /// The function that boxes the future: `Box::pin`.
    pub(crate) constructor: Expr,
    /// The statements that move the arguments into the future.
    pub(crate) prelude: Vec<Stmt>,
    /// The output of the future.
    pub(crate) output: Type,
    /// The function's own body.
    pub(crate) body: TokenStream,
}

/// Whether this is `Pin<Box<dyn Future<..>>>`.
pub(crate) fn is_boxed_future(output: &Type) -> bool {
    let Some(Type::TraitObject(object)) = inside(output, "Pin").and_then(|pinned| inside(pinned, "Box")) else {
        return false;
    };
    object.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|last| last.ident == "Future"),
        _ => false,
    })
}

/// The parts of `body`, the body of a function that returns `output`.
pub(crate) fn parse(body: TokenStream, output: &Type) -> Result<Boxed> {
    let parts = Block::parse_within.parse2(body).ok().and_then(parts);
    parts.ok_or_else(|| {
        Error::new(
            output.span(),
            "`#[retry]` needs a function that returns a `Result`, and of boxed futures it reads those of \
             `#[async_trait]` alone: write `async fn .. -> Result<T, E>`, with attributes that rewrite it below `#[retry]`",
        )
    })
}

/// `Box::pin(async move { prelude.. let ret: Output = { body }; ret })`.
fn parts(statements: Vec<Stmt>) -> Option<Boxed> {
    let [Stmt::Expr(Expr::Call(call), None)] = statements.as_slice() else {
        return None;
    };
    let (Expr::Path(constructor), Some(Expr::Async(future)), 1) = (&*call.func, call.args.first(), call.args.len())
    else {
        return None;
    };
    if constructor.path.segments.last()?.ident != "pin" || future.capture.is_none() {
        return None;
    }
    let [prelude @ .., Stmt::Local(local), Stmt::Expr(Expr::Path(tail), None)] = future.block.stmts.as_slice() else {
        return None;
    };
    let Pat::Type(typed) = &local.pat else {
        return None;
    };
    let Pat::Ident(name) = &*typed.pat else {
        return None;
    };
    let Expr::Block(body) = &*local.init.as_ref()?.expr else {
        return None;
    };
    if !tail.path.is_ident(&name.ident) || body.label.is_some() {
        return None;
    }
    let body = &body.block.stmts;
    Some(Boxed {
        constructor: (*call.func).clone(),
        prelude: prelude.to_vec(),
        output: (*typed.ty).clone(),
        body: quote!(#(#body)*),
    })
}

impl Boxed {
    /// The name of `self` in the body.
    pub(crate) fn receiver(&self) -> Option<Ident> {
        self.prelude.iter().find_map(|statement| match statement {
            Stmt::Local(local) => match &local.pat {
                Pat::Ident(name) if name.ident == "__self" => Some(name.ident.clone()),
                _ => None,
            },
            _ => None,
        })
    }
}
