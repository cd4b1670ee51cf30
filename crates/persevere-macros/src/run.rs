//! The settings of the run: its timeout, its observers and its guards.

use crate::args::{Args, Budget};
use crate::value::calling;
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned;

/// The settings of the run in the expansion.
#[derive(Default)]
pub(crate) struct Setters {
    /// Statements before the run, so that temporaries live as long as the run.
    pub(crate) before: TokenStream,
    /// The calls of the setters of the run.
    pub(crate) calls: TokenStream,
}

/// The settings of the run of `args`, for errors of this type.
pub(crate) fn setters(args: &Args, error: &TokenStream) -> Setters {
    let hygiene = Span::mixed_site();
    let mut setters = Setters::default();
    if let Some((_, limit)) = &args.timeout {
        setters.calls.extend(quote_spanned!(hygiene=> .timeout(#limit)));
    }
    if let Some(on_retry) = &args.on_retry {
        let site = hygiene.located_at(on_retry.span());
        let closure = calling(on_retry, &["attempt", "error", "delay"]);
        setters
            .calls
            .extend(quote_spanned!(site=> .on_retry::<#error, _>(#closure)));
    }
    if let Some(on_event) = &args.on_event {
        let site = hygiene.located_at(on_event.span());
        let closure = calling(on_event, &["event"]);
        setters
            .calls
            .extend(quote_spanned!(site=> .on_event::<#error, _>(#closure)));
    }
    if let Some(observer) = &args.observe {
        let site = hygiene.located_at(observer.span());
        setters.before.extend(quote_spanned!(site=> let observer = #observer;));
        setters.calls.extend(quote_spanned!(site=> .observe(observer)));
    }
    if let Some((_, pace)) = &args.pace {
        let site = hygiene.located_at(pace.span());
        setters.before.extend(quote_spanned!(site=> let pace = #pace;));
        setters.calls.extend(quote_spanned!(site=> .pace(pace)));
    }
    if let Some((_, bulkhead)) = &args.bulkhead {
        let site = hygiene.located_at(bulkhead.span());
        setters.before.extend(quote_spanned!(site=> let bulkhead = #bulkhead;));
        setters.calls.extend(quote_spanned!(site=> .bulkhead(bulkhead)));
    }
    if let Some((_, breaker)) = &args.breaker {
        let site = hygiene.located_at(breaker.span());
        setters.before.extend(quote_spanned!(site=> let breaker = #breaker;));
        setters.calls.extend(quote_spanned!(site=> .breaker(breaker)));
    }
    if let Some(Budget { budget, class_of }) = &args.budget {
        let site = hygiene.located_at(budget.span());
        setters.before.extend(quote_spanned!(site=> let budget = #budget;));
        setters.calls.extend(match class_of {
            Some(class_of) => {
                let site = site.located_at(class_of.span());
                let closure = calling(class_of, &["error"]);
                quote_spanned!(site=> .budget_by::<_, #error, _>(budget, #closure))
            }
            None => quote_spanned!(site=> .budget(budget)),
        });
    }
    setters
}
