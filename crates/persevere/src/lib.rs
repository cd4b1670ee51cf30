//! One retry policy, on any executor or none.
#![no_std]
#![forbid(unsafe_code)]

#[cfg(feature = "async-std")]
pub use persevere_async_std::AsyncStdSleeper;
#[cfg(feature = "embedded-hal")]
pub use persevere_blocking::DelaySleeper;
#[cfg(feature = "std")]
pub use persevere_blocking::{CancellableThreadSleeper, ThreadSleeper};
pub use persevere_core::*;
#[cfg(feature = "futures-timer")]
pub use persevere_futures_timer::FuturesTimerSleeper;
#[cfg(feature = "smol")]
pub use persevere_smol::SmolSleeper;
#[cfg(feature = "tokio")]
pub use persevere_tokio::TokioSleeper;
