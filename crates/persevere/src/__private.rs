//! The names in the expansion of `#[retry]`: the names of the core, and the default sleepers.

pub use persevere_core::__private::*;

pub use crate::{__async_sleeper as async_sleeper, __thread_sleeper as thread_sleeper};

/// The default sleeper of a blocking function.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_sleeper {
    () => {
        $crate::ThreadSleeper
    };
}

/// Without threads there is no default.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_sleeper {
    () => {
        ::core::compile_error!(
            "the default sleeper of a blocking function is `ThreadSleeper`, which needs the feature `std` of `persevere`: enable the feature, or write `sleeper = ..`"
        )
    };
}

/// The default sleeper of an async function.
#[cfg(feature = "futures-timer")]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_sleeper {
    () => {
        $crate::FuturesTimerSleeper
    };
}

/// Without futures-timer there is no default.
#[cfg(not(feature = "futures-timer"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_sleeper {
    () => {
        ::core::compile_error!(
            "the default sleeper of an async function is `FuturesTimerSleeper`, which needs the feature `futures-timer` of `persevere`: enable the feature, or write the sleeper of your runtime, such as `sleeper = TokioSleeper`"
        )
    };
}
