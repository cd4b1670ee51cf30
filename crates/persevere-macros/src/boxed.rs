//! What `#[async_trait]` makes of an async function: a boxed future, with the body in it.
//!
//! It stands on the trait or the implementation, so it has always been at work before an attribute on a method.

use crate::output::inside;
use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::Parser;
use syn::spanned::Spanned;
use syn::{Block, Error, Expr, Ident, Pat, Result, Stmt, Type, TypeParamBound};

/// The parts of a boxed async function.
pub(crate) struct Boxed {
    /// What makes a boxed future of a future: `Box::pin`.
    pub(crate) constructor: Expr,
    /// What gets the arguments into the future.
    pub(crate) prelude: Vec<Stmt>,
    /// What it is a future of.
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

/// The parts of `body`, whose function returns `output`.
pub(crate) fn parse(body: TokenStream, output: &Type) -> Result<Boxed> {
    let parts = Block::parse_within.parse2(body).ok().and_then(parts);
    parts.ok_or_else(|| {
        Error::new(
            output.span(),
            "`#[retry]` retries functions that return a `Result`, and the boxed futures of `#[async_trait]`, but this is \
             neither: write `async fn .. -> Result<T, E>`, with the attributes that rewrite it below `#[retry]`",
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
    /// The name that stands for `self` in the body.
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
