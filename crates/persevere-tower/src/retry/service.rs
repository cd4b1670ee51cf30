//! The service that retries.

use crate::replay::Replay;
use crate::retry::call::Call;
use crate::retry::{Ending, Equip, Policies, RetryFuture, RetryLayer, StopIf};
use persevere_core::policy::Judges;
use persevere_core::run::Guards;
use persevere_core::sleeper::AwaitedBy;
use persevere_core::{Observer, Sleeper};
use std::mem;
use std::task::{Context, Poll};
use tower_service::Service;

/// A service whose calls are retried; made by [`RetryLayer`]. `V` is the service, `L` its layer.
#[derive(Debug, Clone)]
pub struct Retry<V, L> {
    inner: V,
    layer: L,
}

impl<V, L> Retry<V, L> {
    pub(super) const fn new(inner: V, layer: L) -> Self {
        Retry { inner, layer }
    }

    /// The service below.
    pub const fn get_ref(&self) -> &V {
        &self.inner
    }

    /// The service below.
    pub const fn get_mut(&mut self) -> &mut V {
        &mut self.inner
    }

    /// The service below.
    pub fn into_inner(self) -> V {
        self.inner
    }
}

impl<V, Req, P, S, O, Q, R, F, M> Service<Req> for Retry<V, RetryLayer<P, S, O, Q, R, F, M>>
where
    V: Service<R::Sent> + Clone,
    P: Policies<Req, Policy: Judges<V::Response, V::Error> + Clone + Send + Sync + 'static>,
    S: Sleeper<Sleep: AwaitedBy<S>> + Clone,
    O: Observer<V::Error> + Clone,
    Q: Equip<Guards: Guards<V::Response, V::Error>>,
    R: Replay<Req> + Clone,
    F: StopIf<V::Error> + Clone,
    M: Ending<V::Response, V::Error>,
{
    type Response = V::Response;
    type Error = M::Error;
    type Future = RetryFuture<V, Req, P::Policy, S, O, Q::Guards, R, F, M>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), M::Error>> {
        self.inner.poll_ready(context).map_err(M::unready)
    }

    fn call(&mut self, request: Req) -> Self::Future {
        // The instance that is ready makes the call; its clone may not be.
        let clone = self.inner.clone();
        let service = mem::replace(&mut self.inner, clone);
        RetryFuture::start(Call::new(service, request, &self.layer))
    }
}
