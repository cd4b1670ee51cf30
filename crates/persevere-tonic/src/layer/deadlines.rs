//! The limit of time that a call brings along.

use crate::timeout::{self, TIMEOUT};
use http::Request;
use persevere_core::policy::{PolicyParts, Within};
use persevere_tower::retry::Policies;

/// A policy that ends within the `grpc-timeout` of each call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadlines<P>(pub(super) P);

impl<B, P: PolicyParts + Clone> Policies<Request<B>> for Deadlines<P> {
    type Policy = Within<P>;

    fn policy(&self, request: &Request<B>) -> Within<P> {
        let limit = request.headers().get(TIMEOUT);
        let limit = limit.and_then(|value| timeout::read(value.to_str().ok()?));
        Within::at_most(self.0.clone(), limit)
    }
}
