//! Retry budgets, which bound the retries of all the runs that share them: [`Budget`], [`Account`], [`Class`].
//!
//! # For callers
//!
//! [`Run::budget`](crate::Run::budget) takes a budget by reference or in an `Arc`. `persevere::budget`, with the
//! feature `budget`, has the usual budgets. In a loop of your own, an [`Account`] holds what the run has withdrawn.
//!
//! # For implementors
//!
//! See [`Budget`].

mod account;
mod class;

pub use account::Account;
pub use class::{Class, LastFailure};

use core::error::Error;
use core::fmt;
use core::time::Duration;

/// The retry budget is exhausted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exhausted;

impl fmt::Display for Exhausted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the retry budget is exhausted")
    }
}

impl Error for Exhausted {}

/// Bounds the retries of all the runs that share it.
///
/// # For callers
///
/// Pick a budget of `persevere::budget`, and put it in a `static` or an `Arc`. Pass it to
/// [`Run::budget`](crate::Run::budget), or open an [`Account`] with it for a loop of your own. Anything behind `&`,
/// `Box` or `Arc` works as it is, `dyn Budget` included. An `Option` may be `None`, which bounds nothing.
///
/// # For implementors
///
/// A budget is called twice for each attempt. The first call is [`attempted`](Budget::attempted), before the attempt.
/// The second is exactly one of [`succeeded`](Budget::succeeded), [`failed`](Budget::failed) and
/// [`withdraw`](Budget::withdraw); it is left out if the attempt was dropped. The first attempt of a run needs no
/// withdrawal.
///
/// All methods take `&self`, from many threads at once. `now` is a time on a monotonic clock. Threads read the clock
/// and then call, so the time of a call may be slightly before the time of the previous call. This must do no harm.
/// Never hand out more than there is, at any interleaving. What belongs to one run alone, such as the cost of its last
/// retry, arrives as an argument.
///
/// ```
/// use persevere::budget::{Account, Budget, Class};
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
/// use std::time::Duration;
///
/// /// The given number of retries for as long as the program runs.
/// struct Once(AtomicU32);
///
/// impl Budget for Once {
///     fn withdraw(&self, _: Class, _: Duration) -> Option<u32> {
///         self.0.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1)).ok().map(|_| 1)
///     }
///     fn give_back(&self, cost: u32) {
///         self.0.fetch_add(cost, Relaxed);
///     }
///     fn is_timed(&self) -> bool { false }
/// }
///
/// let budget = Once(AtomicU32::new(1));
/// let now = Duration::ZERO;
/// let mut account = Account::open(&budget);
/// assert!(account.withdraw(Class::Transient, now).is_ok());
/// account.attempt(now);
/// assert!(account.withdraw(Class::Transient, now).is_err());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a retry budget",
    note = "`persevere::budget` has the usual ones, with the feature `budget`; a budget is passed by reference or in an `Arc`, so that runs share it"
)]
pub trait Budget {
    /// Called before each attempt, the first of its run or a retry.
    fn attempted(&self, now: Duration) {
        let _ = now;
    }

    /// Called after an attempt that failed with a failure of this class and is worth another. Takes what the retry costs and
    /// returns it, in the budget's own unit; `None` if there is not enough, and the run ends.
    fn withdraw(&self, class: Class, now: Duration) -> Option<u32>;

    /// Takes back what was withdrawn for a retry that was not made, because the run was dropped while it waited or another
    /// budget was exhausted.
    fn give_back(&self, cost: u32);

    /// Called when a run succeeded, with what its last retry cost; `None` if it made none.
    fn succeeded(&self, last: Option<u32>, now: Duration) {
        let _ = (last, now);
    }

    /// Called when a run ended with a failure after which it requested no retry.
    fn failed(&self, failure: LastFailure, now: Duration) {
        let _ = (failure, now);
    }

    /// Whether this looks at the time it is given. If not, runs read no clock for it.
    fn is_timed(&self) -> bool {
        true
    }
}

/// No budget: every retry is admitted.
impl Budget for () {
    #[inline]
    fn withdraw(&self, _: Class, _: Duration) -> Option<u32> {
        Some(0)
    }

    #[inline]
    fn give_back(&self, _: u32) {}

    #[inline]
    fn is_timed(&self) -> bool {
        false
    }
}

impl<B: Budget> Budget for Option<B> {
    fn attempted(&self, now: Duration) {
        if let Some(budget) = self {
            budget.attempted(now);
        }
    }

    fn withdraw(&self, class: Class, now: Duration) -> Option<u32> {
        self.as_ref().map_or(Some(0), |budget| budget.withdraw(class, now))
    }

    fn give_back(&self, cost: u32) {
        if let Some(budget) = self {
            budget.give_back(cost);
        }
    }

    fn succeeded(&self, last: Option<u32>, now: Duration) {
        if let Some(budget) = self {
            budget.succeeded(last, now);
        }
    }

    fn failed(&self, failure: LastFailure, now: Duration) {
        if let Some(budget) = self {
            budget.failed(failure, now);
        }
    }

    fn is_timed(&self) -> bool {
        self.as_ref().is_some_and(Budget::is_timed)
    }
}

macro_rules! forward {
    ($(#[$attribute:meta])* $pointer:ty) => {
        $(#[$attribute])*
        impl<B: Budget + ?Sized> Budget for $pointer {
            #[inline]
            fn attempted(&self, now: Duration) {
                (**self).attempted(now);
            }

            #[inline]
            fn withdraw(&self, class: Class, now: Duration) -> Option<u32> {
                (**self).withdraw(class, now)
            }

            #[inline]
            fn give_back(&self, cost: u32) {
                (**self).give_back(cost);
            }

            #[inline]
            fn succeeded(&self, last: Option<u32>, now: Duration) {
                (**self).succeeded(last, now);
            }

            #[inline]
            fn failed(&self, failure: LastFailure, now: Duration) {
                (**self).failed(failure, now);
            }

            #[inline]
            fn is_timed(&self) -> bool {
                (**self).is_timed()
            }
        }
    };
}

forward!(&B);
forward!(
    #[cfg(feature = "alloc")]
    alloc::sync::Arc<B>
);
forward!(
    #[cfg(feature = "alloc")]
    alloc::boxed::Box<B>
);
