//! The imports of most programs: `use persevere::prelude::*;`.
//!
//! Traits are imported as `_`, for their methods only.
//!
//! ```
//! use persevere::prelude::*;
//! use std::{io, time::Duration};
//!
//! static PATIENT: Policy = Policy::exponential(Duration::from_millis(10)).jitter(Jitter::Full);
//!
//! let answer = PATIENT.on(ThreadSleeper).run_blocking(|| Ok::<_, io::Error>(42))?;
//! # assert_eq!(answer, 42);
//! # Ok::<(), RetryError<io::Error>>(())
//! ```

#[cfg(feature = "async-std")]
pub use crate::AsyncStdSleeper;
#[cfg(feature = "embedded-hal")]
pub use crate::DelaySleeper;
#[cfg(feature = "futures-timer")]
pub use crate::FuturesTimerSleeper;
#[cfg(feature = "smol")]
pub use crate::SmolSleeper;
#[cfg(feature = "std")]
pub use crate::ThreadSleeper;
#[cfg(feature = "tokio")]
pub use crate::TokioSleeper;
pub use crate::{Backoff as _, Classifier as _, Jitter, Policy, RetryError, Sleeper as _, Step, StopReason, Verdict};
