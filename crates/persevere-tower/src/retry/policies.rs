//! Where a call takes its policy from.

use persevere_core::policy::PolicyParts;
use std::fmt;

/// The policy of a layer: the same for all requests, or by request.
///
/// Every policy implements it, and so does the closure of [`RetryLayer::by`](crate::RetryLayer::by). Implement it for a type
/// whose layer has to be named, and pass it to [`RetryLayer::with_policies`](crate::RetryLayer::with_policies).
pub trait Policies<Req> {
    /// The policy of a call.
    type Policy;

    /// Returns the policy for a request.
    fn policy(&self, request: &Req) -> Self::Policy;
}

impl<Req, P: PolicyParts + Clone> Policies<Req> for P {
    type Policy = P;

    fn policy(&self, _: &Req) -> P {
        self.clone()
    }
}

/// A policy that depends on the request; made by [`RetryLayer::by`](crate::RetryLayer::by).
#[derive(Clone, Copy)]
pub struct ByRequest<F>(pub(super) F);

impl<Req, P, F: Fn(&Req) -> P> Policies<Req> for ByRequest<F> {
    type Policy = P;

    fn policy(&self, request: &Req) -> P {
        (self.0)(request)
    }
}

impl<F> fmt::Debug for ByRequest<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByRequest")
    }
}
