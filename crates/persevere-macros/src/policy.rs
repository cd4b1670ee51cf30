//! The policy of the loop, built from the settings.

use crate::args::{Args, Settings};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;
use syn::{Expr, Path};

/// The policy in the expansion.
pub(crate) struct Place {
    /// Statements before the run.
    pub(crate) before: TokenStream,
    /// An expression of the policy.
    pub(crate) value: TokenStream,
}

/// The policy of `args`, for errors of this type.
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

/// A policy of the settings alone, which is a constant if all are literals.
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

/// The policy of the setting `policy`, with the other settings on top.
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
        let values = [
            &self.max_attempts,
            &self.max_delay,
            &self.max_elapsed,
            &self.max_hint,
            &self.seed,
        ];
        let timeout = self.attempt_timeout.as_ref().map(|(_, timeout)| timeout);
        values
            .into_iter()
            .flatten()
            .chain(timeout)
            .all(|value| value.is_literal)
            && self.backoff.as_ref().is_none_or(|backoff| backoff.is_literal())
            && self.jitter.as_ref().is_none_or(|jitter| jitter.is_literal())
    }

    /// The calls of the policy's setters, except for the backoff.
    fn setters(&self, krate: &Path) -> TokenStream {
        let site = Span::mixed_site();
        let mut setters = TokenStream::new();
        if let Some(attempts) = &self.max_attempts {
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
        if let Some(longest) = &self.max_hint {
            setters.extend(quote_spanned!(site=> .max_hint(#longest)));
        }
        if self.clamp_hints {
            setters.extend(quote_spanned!(site=> .clamp_hints(true)));
        }
        if self.retry_rejected {
            setters.extend(quote_spanned!(site=> .retry_rejected(true)));
        }
        if let Some(seed) = &self.seed {
            setters.extend(quote_spanned!(site=> .seed(#seed)));
        }
        setters
    }
}
