//! The function below the attribute.

use crate::boxed::{self, Boxed};
use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{AttrStyle, Attribute, Error, Result, ReturnType, Signature, Stmt, Token, Type, Visibility, braced};

/// A function with a body.
pub(crate) struct Function {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    pub(crate) body: Body,
    /// The place of the body.
    pub(crate) place: Span,
}

/// The body of a function.
pub(crate) enum Body {
    /// The tokens between the braces, unchanged.
    Plain(TokenStream),
    /// The boxed future that `#[async_trait]` made of an async function.
    Boxed(Box<Boxed>),
}

const NOT_A_FUNCTION: &str = "`#[retry]` works on functions alone: write it above the `fn` that is to be retried";

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> Result<Function> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility: Visibility = input.parse()?;
        let signature = signature(input)?;
        if let Some(constness) = signature.constness {
            return Err(Error::new(
                constness.span(),
                "a `const fn` cannot be retried, because it cannot wait: remove `const`",
            ));
        }
        if input.peek(Token![;]) {
            return Err(Error::new(
                signature.ident.span(),
                format!(
                    "`{}` cannot be retried here, because it has no body: write `#[retry]` above its implementations",
                    signature.ident
                ),
            ));
        }
        let content;
        let braces = braced!(content in input);
        // In the expansion the body is not the start of a block, so inner attributes move before the function.
        for mut attribute in content.call(Attribute::parse_inner)? {
            attribute.style = AttrStyle::Outer;
            attributes.push(attribute);
        }
        let body: TokenStream = content.parse()?;
        let body = match (&signature.asyncness, &signature.output) {
            (None, ReturnType::Type(_, output)) if boxed::is_boxed_future(output) => {
                Body::Boxed(Box::new(boxed::parse(body, output)?))
            }
            _ => Body::Plain(body),
        };
        Ok(Function {
            attributes,
            visibility,
            signature,
            body,
            place: braces.span.join(),
        })
    }
}

/// The signature, or the error for another item than a function.
fn signature(input: ParseStream<'_>) -> Result<Signature> {
    let item = input.fork();
    let is_other = item.peek(Token![struct])
        || item.peek(Token![enum])
        || item.peek(Token![union])
        || item.peek(Token![trait])
        || item.peek(Token![impl])
        || item.peek(Token![mod])
        || item.peek(Token![type])
        || item.peek(Token![static])
        || item.peek(Token![use])
        || item.peek(Token![let])
        || (item.peek(Token![unsafe]) && (item.peek2(Token![impl]) || item.peek2(Token![trait])))
        || (item.peek(Token![const]) && !is_const_fn(&item));
    if is_other {
        return Err(Error::new(item.span(), NOT_A_FUNCTION));
    }
    input.parse()
}

fn is_const_fn(item: ParseStream<'_>) -> bool {
    item.peek2(Token![fn]) || item.peek2(Token![async]) || item.peek2(Token![unsafe]) || item.peek2(Token![extern])
}

impl Function {
    /// Whether its callers `.await` it.
    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some() || matches!(self.body, Body::Boxed(_))
    }

    /// The type that it returns, or the output of the future that it returns.
    pub(crate) fn output(&self) -> Result<&Type> {
        match (&self.body, &self.signature.output) {
            (Body::Boxed(boxed), _) => Ok(&boxed.output),
            (_, ReturnType::Type(_, output)) => Ok(output),
            (_, ReturnType::Default) => Err(Error::new(
                self.signature.ident.span(),
                "`#[retry]` needs a function that returns a `Result`, and this one returns nothing: write `-> Result<(), E>`",
            )),
        }
    }

    /// The statements before the first attempt.
    pub(crate) fn prelude(&mut self) -> &mut [Stmt] {
        match &mut self.body {
            Body::Boxed(boxed) => &mut boxed.prelude,
            Body::Plain(_) => &mut [],
        }
    }
}

/// The settings, with `self` replaced by its name in the body.
pub(crate) fn with_receiver(arguments: TokenStream, receiver: &Ident) -> TokenStream {
    let mut trees = arguments.into_iter().peekable();
    let mut renamed = TokenStream::new();
    while let Some(tree) = trees.next() {
        let is_path = matches!(trees.peek(), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
        renamed.extend([match tree {
            TokenTree::Ident(name) if name == "self" && !is_path => {
                TokenTree::Ident(Ident::new(&receiver.to_string(), name.span()))
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), with_receiver(group.stream(), receiver));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            tree => tree,
        }]);
    }
    renamed
}
