//! The instructions of `#[retryable(..)]`.

use persevere_core::nearest::nearest;
use proc_macro2::Span;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Ident, Member, Path, Result, Token, parse_quote};

/// An instruction with its place.
pub(crate) struct Instruction {
    pub(crate) kind: Kind,
    pub(crate) span: Span,
}

/// The rule for the verdict of an error.
pub(crate) enum Kind {
    Transient,
    Permanent,
    After(Member),
    Transparent,
}

/// The instructions for the whole type.
pub(crate) struct Container {
    pub(crate) default: Option<Instruction>,
    /// The path of `persevere`.
    pub(crate) krate: Path,
}

const WANTED: &str = "write `#[retryable(transient)]`, `#[retryable(permanent)]`, `#[retryable(after = field)]` or \
    `#[retryable(transparent)]`";

impl Container {
    /// Reads the attributes above a type.
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
    /// Reads the attributes above a variant.
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
                        Err(input.error("a variant takes one instruction: remove this"))
                    }
                })
                .map_err(|error| match attribute.meta {
                    syn::Meta::List(_) => error,
                    _ => Error::new(attribute.span(), format!("there is no instruction: {WANTED}")),
                })?;
        }
        Ok(instruction)
    }

    fn parse(input: ParseStream<'_>, earlier: &mut Option<Instruction>) -> Result<()> {
        let name: Ident = input
            .call(Ident::parse_any)
            .map_err(|error| Error::new(error.span(), format!("an instruction is a word: {WANTED}")))?;
        let kind = match name.to_string().as_str() {
            "transient" => Kind::Transient,
            "permanent" => Kind::Permanent,
            "transparent" => Kind::Transparent,
            "after" => {
                if input.parse::<Option<Token![=]>>()?.is_none() {
                    return Err(Error::new(
                        name.span(),
                        "`after` takes the field that holds the wait: write `#[retryable(after = field)]`, or `after = 0` for a tuple",
                    ));
                }
                Kind::After(input.parse()?)
            }
            unknown => {
                let message = match nearest(unknown, ["transient", "permanent", "transparent", "after", "crate"]) {
                    Some(known) => format!("unknown instruction `{name}`: did you mean `{known}`?"),
                    None => format!("unknown instruction `{name}`: {WANTED}"),
                };
                return Err(Error::new(name.span(), message));
            }
        };
        if earlier.is_some() {
            return Err(Error::new(
                name.span(),
                "there is an instruction already: remove one of them",
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
