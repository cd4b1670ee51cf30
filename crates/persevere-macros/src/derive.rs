//! `#[derive(Retryable)]`: errors that classify themselves.

mod instruction;
#[cfg(test)]
mod tests;

use instruction::{Container, Instruction, Kind};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Error, Fields, Ident, Index, Member, Path, Result, Type, parse_quote};

/// The implementation of `Retryable`, or what is wrong.
pub(crate) fn retryable(item: TokenStream) -> TokenStream {
    syn::parse2(item)
        .and_then(implementation)
        .unwrap_or_else(Error::into_compile_error)
}

fn implementation(mut input: DeriveInput) -> Result<TokenStream> {
    let Container { default, krate } = Container::of(&input.attrs)?;
    let mut forwarded = Vec::new();
    let verdict = match &input.data {
        Data::Enum(data) => {
            let mut arms = Vec::new();
            for variant in &data.variants {
                let own = Instruction::of(&variant.attrs)?;
                let Some(instruction) = own.as_ref().or(default.as_ref()) else {
                    return Err(Error::new(
                        variant.ident.span(),
                        format!(
                            "is `{}` worth another attempt? Write `#[retryable(transient)]`, `#[retryable(permanent)]`, \
                             `#[retryable(after = field)]` or `#[retryable(transparent)]` before it, or one of the first \
                             two before the enum for all that say nothing",
                            variant.ident
                        ),
                    ));
                };
                let name = &variant.ident;
                let arm = arm(
                    &parse_quote!(Self::#name),
                    &variant.fields,
                    instruction,
                    &krate,
                    &mut forwarded,
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
            let Some(instruction) = &default else {
                return Err(Error::new(
                    input.ident.span(),
                    format!(
                        "is `{}` worth another attempt? Write `#[retryable(transient)]`, `#[retryable(permanent)]`, \
                         `#[retryable(after = field)]` or `#[retryable(transparent)]` before it",
                        input.ident
                    ),
                ));
            };
            let arm = arm(&parse_quote!(Self), &data.fields, instruction, &krate, &mut forwarded)?;
            quote!(match self { #arm })
        }
        Data::Union(data) => {
            return Err(Error::new(
                data.union_token.span(),
                "a union does not know what it holds: write `impl Retryable` by hand, or derive it for an enum",
            ));
        }
    };
    if let (Data::Enum(_), Some(instruction)) = (&input.data, &default) {
        if matches!(instruction.kind, Kind::After(_) | Kind::Transparent) {
            return Err(Error::new(
                instruction.span,
                "each variant has fields of its own: write this before a variant, and `transient` or `permanent` here",
            ));
        }
    }
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

/// The fields by their names or numbers.
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
    let shown = |member: &Member| match member {
        Member::Named(name) => format!("`{name}`"),
        Member::Unnamed(index) => format!("`{}`", index.index),
    };
    let known: Vec<_> = members(fields).iter().map(|(member, _)| shown(member)).collect();
    if known.is_empty() {
        return format!(
            "there is no field {}, nor any other: give it one of type `Duration`",
            shown(member)
        );
    }
    format!("there is no field {}: write one of {}", shown(member), known.join(", "))
}

/// The field that holds what this error comes from: marked as such, called `source`, or the only one.
fn source(fields: &Fields, span: Span) -> Result<(Member, &Type)> {
    let members = members(fields);
    let is_marked = |field: &syn::Field| {
        field
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("from") || attribute.path().is_ident("source"))
    };
    let marked = members.iter().find(|(_, field)| is_marked(field));
    let called = || {
        members
            .iter()
            .find(|(_, field)| field.ident.as_ref().is_some_and(|name| name == "source"))
    };
    let only = || members.first().filter(|_| members.len() == 1);
    match marked.or_else(called).or_else(only) {
        Some((member, field)) => Ok((member.clone(), &field.ty)),
        None => Err(Error::new(
            span,
            "`transparent` asks the field that the error comes from: mark it with `#[source]` or `#[from]`, call it \
             `source`, or have no other",
        )),
    }
}
