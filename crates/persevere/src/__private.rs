//! Items that the expansion of `#[retry]` names: the core's steps and the default sleepers.

pub use persevere_core::__private::*;

pub use crate::{__async_sleeper as async_sleeper, __thread_sleeper as thread_sleeper};

/// Names the default sleeper of a blocking function.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_sleeper {
    () => {
        $crate::ThreadSleeper
    };
}

/// Rejects a blocking function without a sleeper: the default needs threads.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_sleeper {
    () => {
        ::core::compile_error!(
            "a blocking function without `sleeper` sleeps on its thread, which requires the feature `std` of `persevere`: enable it, or write `sleeper = ..`"
        )
    };
}

/// Names the default sleeper of an async function.
#[cfg(feature = "futures-timer")]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_sleeper {
    () => {
        $crate::FuturesTimerSleeper
    };
}

/// Rejects an async function without a sleeper: the default needs futures-timer.
#[cfg(not(feature = "futures-timer"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_sleeper {
    () => {
        ::core::compile_error!(
            "an async function without `sleeper` sleeps on futures-timer, which requires the feature `futures-timer` of `persevere`: enable it, or name your runtime's sleeper, as in `sleeper = TokioSleeper`"
        )
    };
}
