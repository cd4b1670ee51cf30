//! The expansion: a loop over the machine, with the function's body in it.

#[cfg(test)]
mod tests;

use crate::args::Args;
use crate::clones::{self, Clones};
use crate::function::{Body, Function, with_receiver};
use crate::output::Output;
use crate::policy::{self, Place};
use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Result};

/// The function with the loop, or, with what is wrong, the function as it is.
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

/// What a setting asks for and this function cannot have.
fn check(args: &Args, function: &Function, output: &Output) -> Result<()> {
    if let (Some((key, _)), false) = (&args.breaker, output.is_whole) {
        return Err(Error::new(
            *key,
            "an attempt that the breaker does not let through has no error to return: declare the function to return \
             `Result<T, RetryError<E>>`",
        ));
    }
    let Some((key, _)) = args.settings.attempt_timeout else {
        return Ok(());
    };
    if !function.is_async() {
        return Err(Error::new(
            key,
            "a blocking attempt cannot be cut off from outside: remove `attempt_timeout` and set the timeout of the \
             socket, or use `Policy::on(..).run_blocking_with(..)`, which tells each attempt what it may take",
        ));
    }
    if !output.is_whole {
        return Err(Error::new(
            key,
            "an attempt that is cut off has no error to return: declare the function to return \
             `Result<T, RetryError<E>>`",
        ));
    }
    Ok(())
}

/// Everything before the first attempt.
fn start(args: &Args, function: &Function, output: &Output) -> TokenStream {
    let (krate, error) = (&args.krate, &output.error);
    let site = Span::mixed_site();
    let Place { before, value } = policy::of(args, error);
    let sleeper = match &args.sleeper {
        Some(sleeper) => quote!(#sleeper),
        None if function.is_async() => quote_spanned!(site=> #krate::__private::async_sleeper!()),
        None => quote_spanned!(site=> #krate::__private::thread_sleeper!()),
    };
    let on_retry = args.on_retry.as_ref().map(|on_retry| {
        let site = site.located_at(on_retry.span());
        quote_spanned!(site=> .on_retry::<#error, _>(#on_retry))
    });
    // In statements of their own, so that what they borrow lives as long as the run.
    let (observer, observe) = match &args.observe {
        Some(observer) => (
            quote_spanned!(site=> let observer = #observer;),
            quote_spanned!(site.located_at(observer.span())=> .observe(observer)),
        ),
        None => Default::default(),
    };
    let breaker = args.breaker.as_ref().map(|(_, breaker)| {
        let site = site.located_at(breaker.span());
        (
            quote_spanned!(site=> let breaker = #breaker;),
            quote_spanned!(site=> .breaker(breaker)),
        )
    });
    let budget = args.budget.as_ref().map(|budget| {
        let site = site.located_at(budget.span());
        (
            quote_spanned!(site=> let budget = #budget;),
            quote_spanned!(site=> .budget(budget)),
        )
    });
    let (breaker, guard) = breaker.unzip();
    let (budget, spend) = budget.unzip();
    let attempt = &output.attempt;
    let ending = if output.is_whole { quote!(explained) } else { quote!(bare) };
    let returns = site.located_at(output.span);
    let attempts = quote_spanned!(returns=>
        let mut attempts = #krate::__private::#ending(run, outcome_of);
        let mut next = #krate::__private::begin(&mut attempts, outcome_of);
    );
    quote_spanned!(site=>
        #before
        let sleeper = #sleeper;
        #observer
        #breaker
        #budget
        let run = #krate::__private::run(#value, sleeper) #on_retry #observe #guard #spend;
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
        awaited(args, function, output, clones)
    } else {
        called(args, function, output, clones)
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

/// A blocking attempt.
fn called(args: &Args, function: &Function, output: &Output, clones: &Clones) -> TokenStream {
    let (krate, attempt, within, body) = (&args.krate, &output.attempt, &clones.within, body(function));
    let site = Span::mixed_site();
    // Where the body is, so that the compiler's messages about the closure stand there.
    let closure = quote_spanned!(site.located_at(function.place)=> || -> #attempt { #within #body });
    quote_spanned!(site=>
        let outcome = #krate::__private::called(&mut attempts, outcome_of, #closure);
    )
}

/// An async attempt.
fn awaited(args: &Args, function: &Function, output: &Output, clones: &Clones) -> TokenStream {
    let (krate, attempt, within, body) = (&args.krate, &output.attempt, &clones.within, body(function));
    let site = Span::mixed_site();
    // Before the body, so that the type of its result is known in it.
    let returns = quote_spanned!(site=>
        #[allow(unreachable_code, clippy::all)]
        if false {
            let never: #attempt = loop {};
            return never;
        }
    );
    // Where the body is, so that the compiler's messages about the block stand there.
    let future = quote_spanned!(site.located_at(function.place)=> async { #returns #within #body });
    quote_spanned!(site=>
        let outcome = {
            let attempt = ::core::pin::pin!(#future);
            #krate::__private::awaited(&mut attempts, outcome_of, attempt).await
        };
    )
}

/// The retried body, unchanged.
fn body(function: &Function) -> &TokenStream {
    match &function.body {
        Body::Plain(body) => body,
        Body::Boxed(boxed) => &boxed.body,
    }
}
