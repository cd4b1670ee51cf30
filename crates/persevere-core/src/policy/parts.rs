//! The policy of a run: by value, by reference, or with a limit or seed of the run's own.

use crate::backoff::Backoff;
use crate::classify::{Judge, Verdict};
use crate::policy::{Limits, Policy};
use crate::time::nanos;
use core::time::Duration;

/// A policy as a [`Run`](crate::Run) and a [`Retry`](crate::Retry) hold it: by value, by reference, or with a limit
/// of the run's own. Sealed.
pub trait PolicyParts: sealed::Settings {
    /// The policy's backoff.
    type Backoff: Backoff;
    /// The policy's classifier.
    type Classifier;
    /// The input of the classifier: [`Errors`](crate::classify::Errors) or [`Outcomes`](crate::classify::Outcomes).
    type On;
    /// Returns the policy's backoff.
    fn backoff(&self) -> &Self::Backoff;
    /// Returns the policy's classifier.
    fn classifier(&self) -> &Self::Classifier;
}

/// A policy whose classifier judges `Result<T, E>`. Sealed: implement [`Classifier`](crate::Classifier).
#[diagnostic::on_unimplemented(
    message = "the classifier of this policy does not judge `Result<{T}, {E}>`",
    label = "the operation fails with `{E}`, which the policy's classifier does not know",
    note = "`retry_if`, `classify_with` and `classify` set a classifier for another type of error"
)]
pub trait Judges<T, E>: PolicyParts {
    /// Whether every `Ok` is accepted without a look at it.
    #[doc(hidden)]
    const ACCEPTS_OK: bool;

    /// Judges an outcome.
    fn judge(&self, outcome: &Result<T, E>) -> Verdict;
}

impl<P: PolicyParts<On: Judge<P::Classifier, T, E>>, T, E> Judges<T, E> for P {
    const ACCEPTS_OK: bool = <P::On as Judge<P::Classifier, T, E>>::ACCEPTS_OK;

    #[inline]
    fn judge(&self, outcome: &Result<T, E>) -> Verdict {
        <P::On as Judge<P::Classifier, T, E>>::judge(self.classifier(), outcome)
    }
}

/// Where a run's own limit of time ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// After this many nanoseconds.
    After(u64),
    /// At this time on the run's clock, in nanoseconds.
    At(u64),
    /// At no time of the run's own.
    Never,
}

impl<B: Backoff, C, On> PolicyParts for Policy<B, C, On> {
    type Backoff = B;
    type Classifier = C;
    type On = On;

    #[inline]
    fn backoff(&self) -> &B {
        &self.backoff
    }

    #[inline]
    fn classifier(&self) -> &C {
        &self.classifier
    }
}

impl<P: PolicyParts + ?Sized> PolicyParts for &P {
    type Backoff = P::Backoff;
    type Classifier = P::Classifier;
    type On = P::On;

    #[inline]
    fn backoff(&self) -> &P::Backoff {
        (**self).backoff()
    }

    #[inline]
    fn classifier(&self) -> &P::Classifier {
        (**self).classifier()
    }
}

/// A policy in a run with its own limit of time: see [`Run::timeout`](crate::Run::timeout) and
/// [`Run::deadline`](crate::Run::deadline).
#[derive(Debug, Clone, Copy)]
pub struct Within<P> {
    policy: P,
    end: End,
}

impl<P> Within<P> {
    /// Limits `policy` to this time since a run's start, or not at all if `limit` is `None`. For layers whose requests may
    /// bring a limit along; a single run has [`Run::timeout`](crate::Run::timeout).
    ///
    /// ```
    /// use persevere::{Policy, StopReason, ThreadSleeper, policy::Within};
    /// use std::time::Duration;
    ///
    /// let policy = Within::at_most(Policy::fixed(Duration::from_secs(60)), Some(Duration::from_secs(2)));
    /// let error = persevere::Run::new(policy, ThreadSleeper).run_blocking(|| Err::<(), _>("refused")).unwrap_err();
    /// assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 1));
    /// ```
    pub const fn at_most(policy: P, limit: Option<Duration>) -> Self {
        let end = match limit {
            Some(limit) => End::After(nanos(limit)),
            None => End::Never,
        };
        Within { policy, end }
    }

    pub(crate) const fn after(policy: P, limit: Duration) -> Self {
        Within {
            policy,
            end: End::After(nanos(limit)),
        }
    }

    pub(crate) const fn until(policy: P, deadline: Duration) -> Self {
        Within {
            policy,
            end: End::At(nanos(deadline)),
        }
    }
}

/// A policy in a run with its own seed: see [`Run::seed`](crate::Run::seed).
#[derive(Debug, Clone, Copy)]
pub struct Seeded<P> {
    pub(crate) policy: P,
    pub(crate) seed: u64,
}

macro_rules! wraps {
    ($wrapper:ident) => {
        impl<P: PolicyParts> PolicyParts for $wrapper<P> {
            type Backoff = P::Backoff;
            type Classifier = P::Classifier;
            type On = P::On;

            #[inline]
            fn backoff(&self) -> &P::Backoff {
                self.policy.backoff()
            }

            #[inline]
            fn classifier(&self) -> &P::Classifier {
                self.policy.classifier()
            }
        }
    };
}

wraps!(Within);
wraps!(Seeded);

pub(crate) mod sealed {
    use super::{End, Limits, Policy, Seeded, Within};
    use crate::random::Draws;

    /// The settings of a policy, and the settings of its run.
    pub trait Settings {
        fn limits(&self) -> &Limits;

        /// Fixes the end of a run that starts at `start`.
        #[inline]
        fn start(&mut self, start: u64) {
            let _ = start;
        }

        #[inline]
        fn draws(&self) -> Draws {
            self.limits().draws
        }

        /// How long a run that counts its time from `start` may take by its own end, which interrupts attempts.
        #[inline]
        fn end(&self, start: u64) -> Option<u64> {
            let _ = start;
            None
        }

        /// Whether there is an end of the run's own.
        #[inline]
        fn has_end(&self) -> bool {
            self.end(0).is_some()
        }

        /// How long a run that counts its time from `start` may take: the strictest of its limits.
        #[inline]
        fn time(&self, start: u64) -> Option<u64> {
            let _ = start;
            self.limits().max_elapsed
        }

        /// Whether the run has to look at a clock.
        #[inline]
        fn is_timed(&self) -> bool {
            self.has_end() || self.limits().max_elapsed.is_some()
        }
    }

    impl<B, C, On> Settings for Policy<B, C, On> {
        #[inline]
        fn limits(&self) -> &Limits {
            &self.limits
        }
    }

    impl<P: Settings + ?Sized> Settings for &P {
        #[inline]
        fn limits(&self) -> &Limits {
            (**self).limits()
        }

        #[inline]
        fn draws(&self) -> Draws {
            (**self).draws()
        }

        #[inline]
        fn end(&self, start: u64) -> Option<u64> {
            (**self).end(start)
        }

        #[inline]
        fn time(&self, start: u64) -> Option<u64> {
            (**self).time(start)
        }
    }

    impl<P: Settings> Settings for Within<P> {
        #[inline]
        fn limits(&self) -> &Limits {
            self.policy.limits()
        }

        #[inline]
        fn draws(&self) -> Draws {
            self.policy.draws()
        }

        #[inline]
        fn start(&mut self, start: u64) {
            self.policy.start(start);
            if let End::After(limit) = self.end {
                self.end = End::At(start.saturating_add(limit));
            }
        }

        #[inline]
        fn end(&self, start: u64) -> Option<u64> {
            let own = match self.end {
                End::After(limit) => limit,
                End::At(time) => time.saturating_sub(start),
                End::Never => return self.policy.end(start),
            };
            Some(self.policy.end(start).map_or(own, |limit| limit.min(own)))
        }

        #[inline]
        fn time(&self, start: u64) -> Option<u64> {
            let limits = self.policy.time(start);
            match self.end(start) {
                Some(end) => Some(limits.map_or(end, |limit| limit.min(end))),
                None => limits,
            }
        }
    }

    impl<P: Settings> Settings for Seeded<P> {
        #[inline]
        fn limits(&self) -> &Limits {
            self.policy.limits()
        }

        #[inline]
        fn start(&mut self, start: u64) {
            self.policy.start(start);
        }

        #[inline]
        fn draws(&self) -> Draws {
            Draws::Seeded(self.seed)
        }

        #[inline]
        fn end(&self, start: u64) -> Option<u64> {
            self.policy.end(start)
        }

        #[inline]
        fn time(&self, start: u64) -> Option<u64> {
            self.policy.time(start)
        }
    }
}
