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

/// Checks that this function can have what the settings say.
fn check(args: &Args, function: &Function, output: &Output) -> Result<()> {
    if let (Some((key, _)), false) = (&args.breaker, output.is_whole) {
        return Err(Error::new(
            *key,
            "`breaker` needs a function that returns `Result<T, RetryError<E>>`, because a rejected attempt has no `E`: \
             change the return type",
        ));
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

/// The module with the steps for this return type.
fn steps(args: &Args, output: &Output) -> TokenStream {
    let krate = &args.krate;
    let site = Span::mixed_site().located_at(output.span);
    if output.is_whole {
        quote_spanned!(site=> #krate::__private::whole)
    } else {
        quote_spanned!(site=> #krate::__private::plain)
    }
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
    let steps = steps(args, output);
    let run = if function.is_async() {
        quote_spanned!(site=> #krate::__private::run)
    } else {
        quote_spanned!(site=> #krate::__private::run_blocking)
    };
    let begin = if output.is_whole {
        quote_spanned!(site=>
            if let ::core::result::Result::Err(error) = #steps::begin(&mut run, error_of) {
                return ::core::result::Result::Err(error);
            }
        )
    } else {
        quote_spanned!(site=> #steps::begin(&mut run, error_of);)
    };
    quote_spanned!(site=>
        #before
        let sleeper = #sleeper;
        #held
        let mut run = #run(#value, sleeper) #calls;
        let error_of = #krate::__private::error_of::<#error>();
        #begin
    )
}

/// The loop.
fn attempts(args: &Args, function: &Function, output: &Output, clones: &Clones) -> TokenStream {
    let (krate, error) = (&args.krate, &output.error);
    let site = Span::mixed_site();
    let waits = match &args.sleeper {
        Some(sleeper) => site.located_at(sleeper.span()),
        None => site,
    };
    let (steps, before) = (steps(args, output), &clones.before);
    let outcome = if function.is_async() {
        async_attempt(args, function, output, clones)
    } else {
        blocking_attempt(args, function, output, clones)
    };
    let outcome_site = site.located_at(output.span);
    let settled = quote_spanned!(outcome_site=> #steps::settle::<_, _, _, _, _, #error>(&mut run, error_of, outcome));
    let pause = if function.is_async() {
        quote_spanned!(waits=> #krate::__private::pause(&mut run, delay).await)
    } else {
        quote_spanned!(waits=> #krate::__private::pause_blocking(&mut run, delay))
    };
    let pause = if output.is_whole {
        quote_spanned!(site=>
            if #pause {
                return ::core::result::Result::Err(#steps::cancelled(&run));
            }
        )
    } else {
        quote_spanned!(site=> #pause;)
    };
    // A block of its own, so that the outcome is dropped before the wait.
    let attempt = quote_spanned!(site=> {
        #before
        #outcome
        match #settled {
            ::core::ops::ControlFlow::Break(result) => return result,
            ::core::ops::ControlFlow::Continue(delay) => delay,
        }
    });
    let delay = match (args.breaker.is_some() || args.budget.is_some(), output.is_whole) {
        (false, _) => attempt,
        (true, false) => quote_spanned!(site=> {
            #steps::enter(&mut run);
            #attempt
        }),
        (true, true) => quote_spanned!(site=>
            match #steps::enter(&mut run, error_of) {
                ::core::result::Result::Ok(()) => #attempt,
                ::core::result::Result::Err(::core::result::Result::Ok(delay)) => delay,
                ::core::result::Result::Err(::core::result::Result::Err(error)) => {
                    return ::core::result::Result::Err(error);
                }
            }
        ),
    };
    quote_spanned!(site=>
        loop {
            let delay = #delay;
            #pause
        }
    )
}

/// The statements of a blocking attempt, which bind `outcome`.
fn blocking_attempt(args: &Args, function: &Function, output: &Output, clones: &Clones) -> TokenStream {
    let (krate, attempt, within, body) = (&args.krate, &output.attempt, &clones.within, body(function));
    let site = Span::mixed_site();
    let outcome = if output.is_whole {
        quote_spanned!(site=> ::core::option::Option::Some(outcome))
    } else {
        quote_spanned!(site=> outcome)
    };
    // The place of the body, so that errors about the closure point there.
    let place = site.located_at(function.place);
    let called = quote_spanned!(place=> #krate::__private::call(|| -> #attempt { #within #body }));
    quote_spanned!(site=>
        let outcome = #called;
        let outcome = #outcome;
    )
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
    if !output.is_whole {
        return quote_spanned!(site=> let outcome: #attempt = #future.await;);
    }
    if args.policy.is_none() && args.settings.attempt_timeout.is_none() && args.timeout.is_none() {
        return quote_spanned!(site=>
            let outcome: #attempt = #future.await;
            let outcome = ::core::option::Option::Some(outcome);
        );
    }
    quote_spanned!(site=>
        let outcome = {
            let attempt = ::core::pin::pin!(#future);
            let cut_off = ::core::pin::pin!(#krate::__private::cut_off(&run));
            #krate::__private::within(attempt, cut_off).await
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
