//! The legs of a call of a service.

use crate::replay::{Remains, Replay};
use persevere_hedge::{Leg, Operation};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower_service::Service;

/// The operation of a hedged call of a service: one request, sent by each leg. You need not name it.
pub struct ServiceLegs<V, Req, R: Replay<Req>> {
    /// Ready for the first leg. Afterwards a clone, which may not be.
    service: V,
    request: Remains<Req, R::Kept>,
    replay: R,
    is_hedged: bool,
}

impl<V, Req, R: Replay<Req>> ServiceLegs<V, Req, R> {
    pub(super) fn new(service: V, request: Req, replay: R, is_hedged: bool) -> Self {
        ServiceLegs {
            service,
            request: Remains::Whole(request),
            replay,
            is_hedged,
        }
    }
}

impl<V, Req, R> Operation for ServiceLegs<V, Req, R>
where
    V: Service<R::Sent> + Clone,
    R: Replay<Req>,
{
    type Future = LegFuture<V, R::Sent>;

    fn call(&mut self, leg: Leg) -> LegFuture<V, R::Sent> {
        let clone = self.service.clone();
        let is_first = matches!(self.request, Remains::Whole(_));
        let mut sent = self.request.take(&self.replay, !self.is_hedged);
        self.replay.mark_leg(&mut sent, leg);
        if is_first {
            let future = mem::replace(&mut self.service, clone).call(sent);
            return LegFuture {
                stage: Stage::Called { future },
            };
        }
        LegFuture {
            stage: Stage::Waiting {
                service: clone,
                request: Some(sent),
            },
        }
    }

    fn is_repeatable(&self, responded: bool) -> bool {
        self.request.obstacle(&self.replay, responded).is_none()
    }
}

pin_project! {
    /// The future of a leg: it waits until the service is ready, and calls it. You need not name it.
    #[must_use = "futures do nothing unless polled"]
    pub struct LegFuture<V, Req>
    where
        V: Service<Req>,
    {
        #[pin]
        stage: Stage<V, Req, V::Future>,
    }
}

pin_project! {
    #[project = StageMut]
    enum Stage<V, Req, A> {
        /// Waits until the service is ready.
        Waiting { service: V, request: Option<Req> },
        /// The service is called.
        Called {
            #[pin]
            future: A,
        },
    }
}

impl<V: Service<Req>, Req> Future for LegFuture<V, Req> {
    type Output = Result<V::Response, V::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut stage = self.project().stage;
        loop {
            let future = match stage.as_mut().project() {
                StageMut::Called { future } => return future.poll(context),
                StageMut::Waiting { service, request } => {
                    if let Err(error) = ready!(service.poll_ready(context)) {
                        return Poll::Ready(Err(error));
                    }
                    service.call(request.take().expect("a leg is called once"))
                }
            };
            stage.set(Stage::Called { future });
        }
    }
}

impl<V: Service<Req>, Req> fmt::Debug for LegFuture<V, Req> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegFuture").finish_non_exhaustive()
    }
}

impl<V, Req, R: Replay<Req>> fmt::Debug for ServiceLegs<V, Req, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceLegs").finish_non_exhaustive()
    }
}
