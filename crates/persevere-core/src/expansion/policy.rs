//! What stands for the policy in an expanded loop.

use crate::as_policy::{AsPolicy, Limited, sealed};
use crate::backoff::Backoff;
use crate::classify::{OnError, on_error};
use crate::limits::Limits;
use crate::policy::Policy;

/// A policy with another classifier.
pub struct Judged<P, C> {
    policy: P,
    classifier: OnError<C>,
}

/// The policy with another classifier, of errors.
#[inline]
pub const fn judged<P: AsPolicy, C>(policy: P, classifier: C) -> Judged<P, C> {
    Judged {
        policy,
        classifier: on_error(classifier),
    }
}

impl<P: AsPolicy, C> AsPolicy for Judged<P, C> {
    type Backoff = P::Backoff;
    type Classifier = OnError<C>;

    #[inline]
    fn backoff(&self) -> &P::Backoff {
        self.policy.backoff()
    }

    #[inline]
    fn classifier(&self) -> &OnError<C> {
        &self.classifier
    }
}

impl<P: AsPolicy, C> sealed::Parts for Judged<P, C> {
    #[inline]
    fn limits(&self) -> &Limits {
        self.policy.limits()
    }
}

/// A policy with another backoff.
pub struct Curved<P, B> {
    policy: P,
    backoff: B,
}

/// The policy with another backoff.
#[inline]
pub const fn curved<P: AsPolicy, B: Backoff>(policy: P, backoff: B) -> Curved<P, B> {
    Curved { policy, backoff }
}

impl<P: AsPolicy, B: Backoff> AsPolicy for Curved<P, B> {
    type Backoff = B;
    type Classifier = P::Classifier;

    #[inline]
    fn backoff(&self) -> &B {
        &self.backoff
    }

    #[inline]
    fn classifier(&self) -> &P::Classifier {
        self.policy.classifier()
    }
}

impl<P: AsPolicy, B> sealed::Parts for Curved<P, B> {
    #[inline]
    fn limits(&self) -> &Limits {
        self.policy.limits()
    }
}

/// The limits of the policy alone, to be set by the methods of `Policy`.
#[inline]
pub fn limits_of<P: AsPolicy>(policy: &P) -> Policy<(), ()> {
    Policy {
        backoff: (),
        classifier: (),
        limits: *policy.limits(),
    }
}

/// The policy with other limits.
#[inline]
pub const fn limited<P: AsPolicy>(policy: P, limits: Policy<(), ()>) -> Limited<P> {
    Limited {
        policy,
        limits: limits.limits,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backoff::Exponential;
    use crate::classify::AnyError;
    use core::time::Duration;

    #[test]
    fn what_is_overridden_leaves_the_rest() {
        let policy = Policy::fixed(Duration::from_secs(1)).max_attempts(9);
        let limits = limits_of(&policy).max_delay(Duration::from_secs(5));
        let judged = judged(
            curved(
                limited(Policy::in_place(|| &policy), limits),
                Exponential::new(Duration::ZERO),
            ),
            AnyError,
        );
        assert_eq!(
            *sealed::Parts::limits(&judged),
            policy.max_delay(Duration::from_secs(5)).limits
        );
        assert_eq!(*judged.backoff(), Exponential::new(Duration::ZERO));
        assert_eq!(*judged.classifier(), on_error(AnyError));
    }
}
