//! The legs of a call of a service.

use crate::replay::Replay;
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
}

/// What is left of a request.
enum Remains<Req, K> {
    /// All of it: no leg was made.
    Whole { request: Req, is_hedged: bool },
    /// What was kept to send it again.
    Kept(K),
    /// Nothing, since it cannot be sent again.
    Nothing,
}

impl<V, Req, R: Replay<Req>> ServiceLegs<V, Req, R> {
    pub(super) fn new(service: V, request: Req, replay: R, is_hedged: bool) -> Self {
        ServiceLegs {
            service,
            request: Remains::Whole { request, is_hedged },
            replay,
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
        let (mut sent, kept, is_ready) = match mem::replace(&mut self.request, Remains::Nothing) {
            Remains::Whole { request, is_hedged } => {
                let (sent, kept) = if is_hedged {
                    self.replay.first(request)
                } else {
                    (self.replay.only(request), None)
                };
                (sent, kept, true)
            }
            Remains::Kept(kept) => {
                let (sent, kept) = self.replay.again(kept);
                (sent, kept, false)
            }
            Remains::Nothing => unreachable!("no leg is made without a request"),
        };
        if let Some(kept) = kept {
            self.request = Remains::Kept(kept);
        }
        self.replay.mark_leg(&mut sent, leg);
        if is_ready {
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
        match &self.request {
            Remains::Kept(kept) => self.replay.is_repeatable(kept, responded),
            Remains::Whole { .. } => true,
            Remains::Nothing => false,
        }
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
