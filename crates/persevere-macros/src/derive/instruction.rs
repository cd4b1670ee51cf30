//! What `#[retryable(..)]` says.

use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Ident, Member, Path, Result, Token, parse_quote};

/// What to do about an error, and where that is said.
pub(crate) struct Instruction {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// What to do about an error.
pub(crate) enum Kind {
    Transient,
    Permanent,
    After(Member),
    Transparent,
}

/// What is said of the whole type.
pub(crate) struct Container {
    pub(crate) default: Option<Instruction>,
    /// Where `persevere` is.
    pub(crate) krate: Path,
}

const WANTED: &str = "write `#[retryable(transient)]`, `#[retryable(permanent)]`, `#[retryable(after = field)]` or \
    `#[retryable(transparent)]`";

impl Container {
    /// What the attributes before a type say.
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Container> {
        let mut container = Container {
            default: None,
            krate: parse_quote!(::persevere),
        };
        for attribute in retryable(attributes) {
            attribute.parse_args_with(|input: ParseStream<'_>| {
                while !input.is_empty() {
                    if input.peek(Token![crate]) {
                        input.parse::<Token![crate]>()?;
                        input.parse::<Token![=]>()?;
                        container.krate = input.call(Path::parse_mod_style)?;
                    } else {
                        Instruction::parse(input, &mut container.default)?;
                    }
                    if !input.is_empty() {
                        input.parse::<Token![,]>()?;
                    }
                }
                Ok(())
            })?;
        }
        Ok(container)
    }
}

impl Instruction {
    /// What the attributes before a variant say.
    pub(crate) fn of(attributes: &[Attribute]) -> Result<Option<Instruction>> {
        let mut instruction = None;
        for attribute in retryable(attributes) {
            attribute
                .parse_args_with(|input: ParseStream<'_>| {
                    Instruction::parse(input, &mut instruction)?;
                    input.parse::<Option<Token![,]>>()?;
                    if input.is_empty() {
                        Ok(())
                    } else {
                        Err(input.error(WANTED))
                    }
                })
                .map_err(|error| match attribute.meta {
                    syn::Meta::List(_) => error,
                    _ => Error::new(attribute.span(), WANTED),
                })?;
        }
        Ok(instruction)
    }

    fn parse(input: ParseStream<'_>, earlier: &mut Option<Instruction>) -> Result<()> {
        let name: Ident = input
            .call(Ident::parse_any)
            .map_err(|error| Error::new(error.span(), WANTED))?;
        let kind = match name.to_string().as_str() {
            "transient" => Kind::Transient,
            "permanent" => Kind::Permanent,
            "transparent" => Kind::Transparent,
            "after" => {
                if input.parse::<Option<Token![=]>>()?.is_none() {
                    return Err(Error::new(
                        name.span(),
                        "say which field holds the wait: write `#[retryable(after = field)]`, or `after = 0` for a tuple",
                    ));
                }
                Kind::After(input.parse()?)
            }
            _ => return Err(Error::new(name.span(), format!("there is no `{name}`: {WANTED}"))),
        };
        if earlier.is_some() {
            return Err(Error::new(
                name.span(),
                "there is one instruction for each: remove this",
            ));
        }
        *earlier = Some(Instruction {
            kind,
            span: name.span(),
        });
        Ok(())
    }
}

fn retryable(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("retryable"))
}
