//! `#[derive(Retryable)]`: errors that classify themselves.

mod instruction;
#[cfg(test)]
mod tests;

use instruction::{Container, Instruction, Kind};
use persevere_core::nearest::{listed, suggestion};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, Index, Member, Path, Result, Type, parse_quote};

/// The implementation of `Retryable`, or a compile error.
pub(crate) fn retryable(item: TokenStream) -> TokenStream {
    syn::parse2(item)
        .and_then(implementation)
        .unwrap_or_else(Error::into_compile_error)
}

fn implementation(mut input: DeriveInput) -> Result<TokenStream> {
    let Container { default, krate } = Container::of(&input.attrs)?;
    let mut forwarded = Vec::new();
    // With a mistake inside, the implementation is there all the same, so that its users get no further message.
    let verdict = verdict(&input, default.as_ref(), &krate, &mut forwarded).unwrap_or_else(Error::into_compile_error);
    if !input.generics.params.is_empty() {
        let bounds = &mut input.generics.make_where_clause().predicates;
        for forwarded in forwarded {
            bounds.push(parse_quote!(#forwarded: #krate::__private::Retryable));
        }
    }
    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    Ok(quote! {
        #[automatically_derived]
        impl #impl_generics #krate::__private::Retryable for #name #type_generics #where_clause {
            fn verdict(&self) -> #krate::__private::Verdict {
                #verdict
            }
        }
    })
}

/// The verdict of a value, by its variant.
fn verdict(
    input: &DeriveInput,
    default: Option<&Instruction>,
    krate: &Path,
    forwarded: &mut Vec<Type>,
) -> Result<TokenStream> {
    let verdict = match &input.data {
        Data::Enum(data) => {
            let mut arms = Vec::new();
            for variant in &data.variants {
                let own = Instruction::of(&variant.attrs)?;
                let Some(instruction) = own.as_ref().or(default) else {
                    return Err(Error::new(
                        variant.ident.span(),
                        format!(
                            "variant `{}` has no verdict: write `#[retryable(transient)]`, `#[retryable(permanent)]`, \
                             `#[retryable(after = field)]` or `#[retryable(transparent)]` above it, or one of the first \
                             two above the enum as the default",
                            variant.ident
                        ),
                    ));
                };
                let name = &variant.ident;
                let arm = arm(
                    &parse_quote!(Self::#name),
                    &variant.fields,
                    instruction,
                    krate,
                    forwarded,
                )?;
                arms.push(arm);
            }
            if arms.is_empty() {
                quote!(match *self {})
            } else {
                quote!(match self { #(#arms)* })
            }
        }
        Data::Struct(data) => {
            let Some(instruction) = default else {
                return Err(Error::new(
                    input.ident.span(),
                    format!(
                        "struct `{}` has no verdict: write `#[retryable(transient)]`, `#[retryable(permanent)]`, \
                         `#[retryable(after = field)]` or `#[retryable(transparent)]` above it",
                        input.ident
                    ),
                ));
            };
            let arm = arm(&parse_quote!(Self), &data.fields, instruction, krate, forwarded)?;
            quote!(match self { #arm })
        }
        Data::Union(data) => {
            return Err(Error::new(
                data.union_token.span(),
                "a union has no variants to match: write `impl Retryable`, or derive it for an enum",
            ));
        }
    };
    if let (Data::Enum(_), Some(instruction)) = (&input.data, default) {
        if matches!(instruction.kind, Kind::After(_) | Kind::Transparent) {
            return Err(Error::new(
                instruction.span,
                "an enum takes `transient` or `permanent` alone, because the others name a field: write this above a variant",
            ));
        }
    }
    Ok(verdict)
}

/// The arm of a variant, or of a struct.
fn arm(
    path: &Path,
    fields: &Fields,
    instruction: &Instruction,
    krate: &Path,
    forwarded: &mut Vec<Type>,
) -> Result<TokenStream> {
    let site = Span::mixed_site();
    let everything = quote!(#path { .. });
    Ok(match &instruction.kind {
        Kind::Transient => quote_spanned!(site=> #everything => #krate::__private::Verdict::Retry,),
        Kind::Permanent => quote_spanned!(site=> #everything => #krate::__private::Verdict::Stop,),
        Kind::After(member) => {
            if !members(fields).iter().any(|(known, _)| known == member) {
                return Err(Error::new(member.span(), no_field(member, fields)));
            }
            let site = site.located_at(member.span());
            let field = Ident::new("field", site);
            quote_spanned!(site=> #path { #member: #field, .. } => #krate::__private::after(#field),)
        }
        Kind::Transparent => {
            let (member, field_type) = source(fields, instruction.span)?;
            let site = site.located_at(field_type.span());
            let field = Ident::new("field", site);
            forwarded.push(field_type.clone());
            quote_spanned!(site=> #path { #member: #field, .. } => #krate::__private::Retryable::verdict(#field),)
        }
    })
}

/// The fields with their names or indices.
fn members(fields: &Fields) -> Vec<(Member, &syn::Field)> {
    let member = |(index, field): (usize, &syn::Field)| match &field.ident {
        Some(name) => Member::Named(name.clone()),
        None => Member::Unnamed(Index {
            index: index as u32,
            span: field.span(),
        }),
    };
    fields
        .iter()
        .enumerate()
        .map(|(index, field)| (member((index, field)), field))
        .collect()
}

fn no_field(member: &Member, fields: &Fields) -> String {
    let name = |member: &Member| match member {
        Member::Named(name) => name.to_string(),
        Member::Unnamed(index) => index.index.to_string(),
    };
    let unknown = name(member);
    let known: Vec<_> = members(fields).iter().map(|(member, _)| name(member)).collect();
    if known.is_empty() {
        return format!("unknown field `{unknown}`: there are no fields, and `after` needs one of type `Duration`");
    }
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    let suggestion = match member {
        Member::Named(_) => suggestion(&unknown, "fields", &known),
        // An index has no spelling.
        Member::Unnamed(_) => listed("fields", &known),
    };
    format!("unknown field `{unknown}`: {suggestion}")
}

/// The field of the source: marked with an attribute, called `source`, or the only one.
fn source(fields: &Fields, span: Span) -> Result<(Member, &Type)> {
    let members = members(fields);
    let is_marked = |field: &syn::Field| {
        field
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("from") || attribute.path().is_ident("source"))
    };
    let marked = members.iter().find(|(_, field)| is_marked(field));
    let named = || {
        members
            .iter()
            .find(|(_, field)| field.ident.as_ref().is_some_and(|name| name == "source"))
    };
    let only = || members.first().filter(|_| members.len() == 1);
    match marked.or_else(named).or_else(only) {
        Some((member, field)) => Ok((member.clone(), &field.ty)),
        None => Err(Error::new(
            span,
            "`transparent` needs the field of the source: mark it with `#[source]` or `#[from]`, or call it `source`",
        )),
    }
}
