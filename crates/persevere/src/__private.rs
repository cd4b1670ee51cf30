//! What the expansion of `#[retry]` names: the core's part, and the sleepers that it takes unless told otherwise.

pub use persevere_core::__private::*;

pub use crate::{__async_sleeper as async_sleeper, __thread_sleeper as thread_sleeper};

/// The sleeper of a blocking function.
#[cfg(feature = "std")]
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_sleeper {
    () => {
        $crate::ThreadSleeper
    };
}

/// Without threads there is none.
#[cfg(not(feature = "std"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __thread_sleeper {
    () => {
        ::core::compile_error!(
            "a blocking function sleeps on its thread, which takes the feature `std` of `persevere`: turn it on, or write `sleeper = ..`"
        )
    };
}

/// The sleeper of an async function.
#[cfg(feature = "futures-timer")]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_sleeper {
    () => {
        $crate::FuturesTimerSleeper
    };
}

/// Without a timer there is none.
#[cfg(not(feature = "futures-timer"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __async_sleeper {
    () => {
        ::core::compile_error!(
            "an async function sleeps by futures-timer, which takes the feature `futures-timer` of `persevere`: turn it on, or name the sleeper of your runtime, as in `sleeper = TokioSleeper`"
        )
    };
}
