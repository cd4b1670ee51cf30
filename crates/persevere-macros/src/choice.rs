//! The words of settings with a choice, such as `backoff` and `jitter`.

use persevere_core::nearest::nearest;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Error, Ident, Result, Token};

/// The word that names the choice. Paths and method calls are errors.
pub(crate) fn word(input: ParseStream<'_>, wanted: &str) -> Result<Ident> {
    let word = input
        .call(Ident::parse_any)
        .map_err(|error| Error::new(error.span(), wanted))?;
    if input.peek(Token![::]) || input.peek(Token![.]) {
        return Err(Error::new(word.span(), wanted));
    }
    Ok(word)
}

/// The error for a word that is not among the choices.
pub(crate) fn unknown<'k>(word: &Ident, kind: &str, known: impl IntoIterator<Item = &'k str>, wanted: &str) -> Error {
    let message = match nearest(&word.to_string(), known) {
        Some(known) => format!("unknown {kind} `{word}`: did you mean `{known}`?"),
        None => format!("unknown {kind} `{word}`: {wanted}"),
    };
    Error::new(word.span(), message)
}
