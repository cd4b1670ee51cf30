//! What stands for a policy in a run: the policy itself, a reference, or one with limits of its own.

use crate::backoff::Backoff;
use crate::limits::Limits;
use crate::policy::Policy;

/// A policy, a reference to one, or one with limits of its own: what a [`Run`](crate::Run) and a
/// [`Retry`](crate::Retry) hold. Sealed.
pub trait AsPolicy: sealed::Parts {
    /// The policy's backoff.
    type Backoff: Backoff;
    /// The policy's classifier.
    type Classifier;
    /// How its delays grow.
    fn backoff(&self) -> &Self::Backoff;
    /// What it retries.
    fn classifier(&self) -> &Self::Classifier;
}

impl<B: Backoff, C> AsPolicy for Policy<B, C> {
    type Backoff = B;
    type Classifier = C;

    #[inline]
    fn backoff(&self) -> &B {
        &self.backoff
    }

    #[inline]
    fn classifier(&self) -> &C {
        &self.classifier
    }
}

impl<P: AsPolicy + ?Sized> AsPolicy for &P {
    type Backoff = P::Backoff;
    type Classifier = P::Classifier;

    #[inline]
    fn backoff(&self) -> &P::Backoff {
        (**self).backoff()
    }

    #[inline]
    fn classifier(&self) -> &P::Classifier {
        (**self).classifier()
    }
}

/// A policy in a run with limits of its own: see [`Run::deadline`](crate::Run::deadline) and
/// [`Run::seed`](crate::Run::seed).
#[derive(Debug, Clone, Copy)]
pub struct Limited<P> {
    pub(crate) policy: P,
    pub(crate) limits: Limits,
}

impl<P: AsPolicy> AsPolicy for Limited<P> {
    type Backoff = P::Backoff;
    type Classifier = P::Classifier;

    #[inline]
    fn backoff(&self) -> &P::Backoff {
        self.policy.backoff()
    }

    #[inline]
    fn classifier(&self) -> &P::Classifier {
        self.policy.classifier()
    }
}

pub(crate) mod sealed {
    use super::{Limited, Limits, Policy};

    /// What only this crate may read.
    pub trait Parts {
        fn limits(&self) -> &Limits;
    }

    impl<B, C> Parts for Policy<B, C> {
        #[inline]
        fn limits(&self) -> &Limits {
            &self.limits
        }
    }

    impl<P: Parts + ?Sized> Parts for &P {
        #[inline]
        fn limits(&self) -> &Limits {
            (**self).limits()
        }
    }

    impl<P> Parts for Limited<P> {
        #[inline]
        fn limits(&self) -> &Limits {
            &self.limits
        }
    }
}
