//! The expansion: a loop over the machine with the body of the function in it.

#[cfg(test)]
mod tests;

use crate::args::Args;
use crate::clones::{self, Clones};
use crate::function::{Body, Function, with_receiver};
use crate::output::Output;
use crate::policy::{self, Place};
use crate::run::{self, Setters};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Result};

/// The function with the loop; or the unchanged function with an error, so that its callers still compile.
pub(crate) fn retry(arguments: TokenStream, item: TokenStream) -> TokenStream {
    expanded(arguments, item.clone()).unwrap_or_else(|error| {
        let error = error.into_compile_error();
        quote!(#error #item)
    })
}

fn expanded(arguments: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let mut function: Function = syn::parse2(item)?;
    let receiver = match &function.body {
        Body::Boxed(boxed) => boxed.receiver(),
        Body::Plain(_) => None,
    };
    let arguments = match receiver {
        Some(receiver) => with_receiver(arguments, &receiver),
        None => arguments,
    };
    let args: Args = syn::parse2(arguments)?;
    let output = Output::of_type(function.output()?, &args.krate)?;
    check(&args, &function, &output)?;
    let clones = clones::of(&args.clones, &mut function)?;

    let start = start(&args, &function, &output);
    let attempts = attempts(&args, &function, &output, &clones);
    let Function {
        attributes,
        visibility,
        signature,
        body,
        ..
    } = function;
    let body = match body {
        Body::Plain(_) => quote!(#start #attempts),
        Body::Boxed(boxed) => {
            let (constructor, prelude) = (boxed.constructor, boxed.prelude);
            quote!(#constructor(async move { #(#prelude)* #start #attempts }))
        }
    };
    Ok(quote!(#(#attributes)* #visibility #signature { #body }))
}

/// Checks that this function can have these settings.
fn check(args: &Args, function: &Function, output: &Output) -> Result<()> {
    let gates = [
        ("pace", &args.pace),
        ("bulkhead", &args.bulkhead),
        ("breaker", &args.breaker),
    ];
    for (name, gate) in gates {
        if let (Some((key, _)), false) = (gate, output.is_whole) {
            return Err(Error::new(
                *key,
                format!(
                    "`{name}` needs a function that returns `Result<T, RetryError<E>>`, because a rejected attempt has \
                     no `E`: change the return type"
                ),
            ));
        }
    }
    if let (Some((key, _)), true, false) = (&args.timeout, function.is_async(), output.is_whole) {
        return Err(Error::new(
            *key,
            "`timeout` needs an async function that returns `Result<T, RetryError<E>>`, because an attempt that times \
             out has no `E`: change the return type, or write `max_elapsed`, which lets the last attempt finish",
        ));
    }
    let Some((key, _)) = args.settings.attempt_timeout else {
        return Ok(());
    };
    if !function.is_async() {
        return Err(Error::new(
            key,
            "`attempt_timeout` needs an async function, because a blocking attempt cannot be interrupted: set the \
             timeout of the socket, or call `run_blocking_with`, which passes each attempt its limit",
        ));
    }
    if !output.is_whole {
        return Err(Error::new(
            key,
            "`attempt_timeout` needs a function that returns `Result<T, RetryError<E>>`, because an attempt that times \
             out has no `E`: change the return type",
        ));
    }
    Ok(())
}

/// The statements before the first attempt.
fn start(args: &Args, function: &Function, output: &Output) -> TokenStream {
    let (krate, error) = (&args.krate, &output.error);
    let site = Span::mixed_site();
    let Place { before, value } = policy::of(args, error);
    let sleeper = match &args.sleeper {
        Some(sleeper) => quote!(#sleeper),
        None if function.is_async() => quote_spanned!(site=> #krate::__private::async_sleeper!()),
        None => quote_spanned!(site=> #krate::__private::thread_sleeper!()),
    };
    let Setters { before: held, calls } = run::setters(args, error);
    let attempt = &output.attempt;
    let ending = if output.is_whole {
        quote!(explained)
    } else {
        quote!(bare)
    };
    let attempts = quote_spanned!(site.located_at(output.span)=>
        let mut attempts = #krate::__private::#ending(run, outcome_of);
        let mut next = #krate::__private::begin(&mut attempts, outcome_of);
    );
    quote_spanned!(site=>
        #before
        let sleeper = #sleeper;
        #held
        let run = #krate::__private::run(#value, sleeper) #calls;
        let outcome_of = #krate::__private::outcome_of::<#attempt>();
        #attempts
    )
}

/// The loop.
fn attempts(args: &Args, function: &Function, output: &Output, clones: &Clones) -> TokenStream {
    let krate = &args.krate;
    let site = Span::mixed_site();
    let waits = match &args.sleeper {
        Some(sleeper) => site.located_at(sleeper.span()),
        None => site,
    };
    let before = &clones.before;
    let outcome = if function.is_async() {
        async_attempt(args, function, output, clones)
    } else {
        blocking_attempt(args, function, output, clones)
    };
    let settle = quote_spanned!(site.located_at(output.span)=>
        #krate::__private::settle(&mut attempts, outcome_of, outcome)
    );
    let pause = if function.is_async() {
        quote_spanned!(waits=> #krate::__private::pause(&mut attempts, delay).await)
    } else {
        quote_spanned!(waits=> #krate::__private::pause_blocking(&attempts, delay))
    };
    // The output is returned before anything is awaited, so that it has no place in the future.
    quote_spanned!(site=>
        loop {
            let delay = match #krate::__private::Next::into_flow(next) {
                ::core::ops::ControlFlow::Break(output) => return output,
                ::core::ops::ControlFlow::Continue(delay) => delay,
            };
            next = match delay {
                ::core::option::Option::None => {
                    #before
                    #outcome
                    #settle
                }
                ::core::option::Option::Some(delay) => {
                    #pause;
                    #krate::__private::woke(&mut attempts, outcome_of, delay)
                }
            };
        }
    )
}

/// The statements of a blocking attempt, which bind `outcome`.
fn blocking_attempt(args: &Args, function: &Function, output: &Output, clones: &Clones) -> TokenStream {
    let (krate, attempt, within, body) = (&args.krate, &output.attempt, &clones.within, body(function));
    let site = Span::mixed_site();
    // The place of the body, so that errors about the closure point there.
    let place = site.located_at(function.place);
    let called = quote_spanned!(place=>
        #krate::__private::called(&mut attempts, outcome_of, || -> #attempt { #within #body })
    );
    quote_spanned!(site=> let outcome = #called;)
}

/// The statements of an async attempt, which bind `outcome`.
fn async_attempt(args: &Args, function: &Function, output: &Output, clones: &Clones) -> TokenStream {
    let (krate, attempt, within, body) = (&args.krate, &output.attempt, &clones.within, body(function));
    let site = Span::mixed_site();
    // Before the body, so that its type is known from the start.
    let returns = quote_spanned!(site=>
        #[allow(unreachable_code, clippy::all)]
        if false {
            let never: #attempt = loop {};
            return never;
        }
    );
    // The place of the body, so that errors about the block point there.
    let future = quote_spanned!(site.located_at(function.place)=> async { #returns #within #body });
    quote_spanned!(site=>
        let outcome = {
            let attempt = ::core::pin::pin!(#future);
            #krate::__private::awaited(&mut attempts, outcome_of, attempt).await
        };
    )
}

/// The tokens of the body, unchanged.
fn body(function: &Function) -> &TokenStream {
    match &function.body {
        Body::Plain(body) => body,
        Body::Boxed(boxed) => &boxed.body,
    }
}
