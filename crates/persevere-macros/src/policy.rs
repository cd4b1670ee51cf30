//! The policy of the loop, from what the attribute says of it.

use crate::args::{Args, Settings};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, Path};

/// What stands for the policy.
pub(crate) struct Place {
    /// Statements before.
    pub(crate) before: TokenStream,
    /// An expression of a type that is a policy's.
    pub(crate) value: TokenStream,
}

/// The policy that `args` say, for errors of this type.
pub(crate) fn of(args: &Args, error: &TokenStream) -> Place {
    let krate = &args.krate;
    let site = Span::mixed_site();
    let mut place = match &args.policy {
        Some(policy) => given(policy, &args.settings, krate),
        None => built(&args.settings, krate),
    };
    if let Some(classifier) = &args.classifier {
        let (policy, classifier) = (place.value, classifier.value(krate, error));
        place.value = quote_spanned!(site=> #krate::__private::judged(#policy, #classifier));
    }
    place
}

/// A policy of the settings alone. If they are literals, it is a constant.
fn built(settings: &Settings, krate: &Path) -> Place {
    let site = Span::mixed_site();
    let base = match &settings.backoff {
        Some(backoff) => backoff.policy(krate),
        None => quote_spanned!(site=> #krate::__private::Policy::DEFAULT),
    };
    let setters = settings.setters(krate);
    let value = if settings.are_literals() {
        quote_spanned!(site=> #krate::__private::Policy::inlined(|| &const { #base #setters }))
    } else {
        quote_spanned!(site=> #base #setters)
    };
    Place {
        before: TokenStream::new(),
        value,
    }
}

/// The policy that is given, where it stands, with the settings on top.
fn given(policy: &Expr, settings: &Settings, krate: &Path) -> Place {
    let site = Span::mixed_site().located_at(policy.span());
    let mut place = match policy {
        Expr::Path(_) => Place {
            before: TokenStream::new(),
            value: quote_spanned!(site=> #krate::__private::Policy::inlined(|| &#policy)),
        },
        _ => Place {
            before: quote_spanned!(site=> let policy = #policy;),
            value: quote_spanned!(site=> #krate::__private::Policy::inlined(|| &policy)),
        },
    };
    let setters = settings.setters(krate);
    if !setters.is_empty() {
        let given = place.value;
        place.before.extend(quote_spanned!(site=>
            let given = #given;
            let limits = #krate::__private::limits_of(&given) #setters;
        ));
        place.value = quote_spanned!(site=> #krate::__private::limited(given, limits));
    }
    if let Some(backoff) = &settings.backoff {
        let (given, backoff) = (place.value, backoff.value(krate));
        place.value = quote_spanned!(site=> #krate::__private::curved(#given, #backoff));
    }
    place
}

impl Settings {
    fn are_literals(&self) -> bool {
        let values = [&self.attempts, &self.max_delay, &self.max_elapsed, &self.seed];
        let timeout = self.attempt_timeout.as_ref().map(|(_, timeout)| timeout);
        values
            .into_iter()
            .flatten()
            .chain(timeout)
            .all(|value| value.is_literal)
            && self.backoff.as_ref().is_none_or(|backoff| backoff.is_literal())
            && self.jitter.as_ref().is_none_or(|jitter| jitter.is_literal())
    }

    /// The calls that set everything but the backoff.
    fn setters(&self, krate: &Path) -> TokenStream {
        let site = Span::mixed_site();
        let mut setters = TokenStream::new();
        if let Some(attempts) = &self.attempts {
            setters.extend(quote_spanned!(site=> .max_attempts(#attempts)));
        }
        if let Some(cap) = &self.max_delay {
            setters.extend(quote_spanned!(site=> .max_delay(#cap)));
        }
        if let Some(limit) = &self.max_elapsed {
            setters.extend(quote_spanned!(site=> .max_elapsed(#limit)));
        }
        if let Some((_, timeout)) = &self.attempt_timeout {
            setters.extend(quote_spanned!(site=> .attempt_timeout(#timeout)));
        }
        if let Some(jitter) = &self.jitter {
            let jitter = jitter.value(krate);
            setters.extend(quote_spanned!(site=> .jitter(#jitter)));
        }
        if let Some(seed) = &self.seed {
            setters.extend(quote_spanned!(site=> .seed(#seed)));
        }
        setters
    }
}
