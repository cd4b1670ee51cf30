//! The types that stand for the policy in an expanded loop.

use crate::backoff::Backoff;
use crate::classify::Errors;
use crate::policy::parts::sealed::Settings;
use crate::policy::{Limits, Policy, PolicyParts};

/// A policy with another classifier of errors.
pub struct Judged<P, C> {
    policy: P,
    classifier: C,
}

/// The policy with another classifier of errors.
#[inline]
pub const fn judged<P: PolicyParts, C>(policy: P, classifier: C) -> Judged<P, C> {
    Judged { policy, classifier }
}

impl<P: PolicyParts, C> PolicyParts for Judged<P, C> {
    type Backoff = P::Backoff;
    type Classifier = C;
    type On = Errors;

    #[inline]
    fn backoff(&self) -> &P::Backoff {
        self.policy.backoff()
    }

    #[inline]
    fn classifier(&self) -> &C {
        &self.classifier
    }
}

impl<P: PolicyParts, C> Settings for Judged<P, C> {
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
pub const fn curved<P: PolicyParts, B: Backoff>(policy: P, backoff: B) -> Curved<P, B> {
    Curved { policy, backoff }
}

impl<P: PolicyParts, B: Backoff> PolicyParts for Curved<P, B> {
    type Backoff = B;
    type Classifier = P::Classifier;
    type On = P::On;

    #[inline]
    fn backoff(&self) -> &B {
        &self.backoff
    }

    #[inline]
    fn classifier(&self) -> &P::Classifier {
        self.policy.classifier()
    }
}

impl<P: PolicyParts, B> Settings for Curved<P, B> {
    #[inline]
    fn limits(&self) -> &Limits {
        self.policy.limits()
    }
}

/// A policy with other limits.
pub struct WithLimits<P> {
    policy: P,
    limits: Limits,
}

impl<P: PolicyParts> PolicyParts for WithLimits<P> {
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

impl<P> Settings for WithLimits<P> {
    #[inline]
    fn limits(&self) -> &Limits {
        &self.limits
    }
}

/// The limits of the policy alone, to be set by the methods of `Policy`.
#[inline]
pub fn limits_of<P: PolicyParts>(policy: &P) -> Policy<(), ()> {
    Policy::from_parts((), (), *policy.limits())
}

/// The policy with other limits.
#[inline]
pub const fn limited<P: PolicyParts>(policy: P, limits: Policy<(), ()>) -> WithLimits<P> {
    WithLimits {
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
    fn overridden_parts_leave_the_rest() {
        let policy = Policy::fixed(Duration::from_secs(1)).max_attempts(9);
        let limits = limits_of(&policy).max_delay(Duration::from_secs(5));
        let judged = judged(
            curved(
                limited(Policy::inlined(|| &policy), limits),
                Exponential::new(Duration::ZERO),
            ),
            AnyError,
        );
        assert_eq!(
            *Settings::limits(&judged),
            policy.max_delay(Duration::from_secs(5)).limits
        );
        assert_eq!(*judged.backoff(), Exponential::new(Duration::ZERO));
        assert_eq!(*judged.classifier(), AnyError);
    }
}
