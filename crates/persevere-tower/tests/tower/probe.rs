//! A service that checks how it is called.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;
use tower::Service;

/// The reply of a probe to a call.
#[derive(Debug, Clone)]
pub(crate) enum Reply<T> {
    Now(Result<T, &'static str>),
    After(Duration, Result<T, &'static str>),
    Never,
}

/// Replies by a script, and panics if it is called without having been polled ready. A clone is not ready, whatever the
/// original is.
#[derive(Debug)]
pub(crate) struct Probe<Req, T> {
    shared: Arc<Mutex<Shared<Req, T>>>,
    is_ready: bool,
}

#[derive(Debug)]
struct Shared<Req, T> {
    script: VecDeque<Reply<T>>,
    requests: Vec<Req>,
    /// For how many polls the service is not ready, for each time that it gets ready.
    unready: VecDeque<Unready>,
    wakers: Vec<Waker>,
    in_flight: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unready {
    No,
    Polls(u32),
    ForEver,
    Failed(&'static str),
}

impl<Req, T> Clone for Probe<Req, T> {
    fn clone(&self) -> Self {
        Probe {
            shared: Arc::clone(&self.shared),
            is_ready: false,
        }
    }
}

impl<Req: Clone, T> Probe<Req, T> {
    pub(crate) fn new(script: impl IntoIterator<Item = Reply<T>>) -> Self {
        Probe {
            shared: Arc::new(Mutex::new(Shared {
                script: script.into_iter().collect(),
                requests: Vec::new(),
                unready: VecDeque::new(),
                wakers: Vec::new(),
                in_flight: 0,
            })),
            is_ready: false,
        }
    }

    pub(crate) fn replying(outcomes: impl IntoIterator<Item = Result<T, &'static str>>) -> Self {
        Probe::new(outcomes.into_iter().map(Reply::Now))
    }

    pub(crate) fn unready(self, unready: impl IntoIterator<Item = Unready>) -> Self {
        self.shared.lock().unwrap().unready = unready.into_iter().collect();
        self
    }

    pub(crate) fn requests(&self) -> Vec<Req> {
        self.shared.lock().unwrap().requests.clone()
    }

    pub(crate) fn calls(&self) -> usize {
        self.shared.lock().unwrap().requests.len()
    }

    pub(crate) fn in_flight(&self) -> u32 {
        self.shared.lock().unwrap().in_flight
    }
}

impl<Req, T: Send + 'static> Service<Req> for Probe<Req, T>
where
    Req: Send + 'static,
{
    type Response = T;
    type Error = &'static str;
    type Future = InFlight<Req, T>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), &'static str>> {
        let mut shared = self.shared.lock().unwrap();
        match shared.unready.front().copied() {
            None => {}
            Some(Unready::No) => _ = shared.unready.pop_front(),
            Some(Unready::Failed(error)) => return Poll::Ready(Err(error)),
            Some(Unready::ForEver) => {
                shared.wakers.push(context.waker().clone());
                return Poll::Pending;
            }
            Some(Unready::Polls(0)) => _ = shared.unready.pop_front(),
            Some(Unready::Polls(left)) => {
                shared.unready[0] = Unready::Polls(left - 1);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Req) -> InFlight<Req, T> {
        assert!(std::mem::take(&mut self.is_ready), "called before it was ready");
        let mut shared = self.shared.lock().unwrap();
        shared.requests.push(request);
        shared.in_flight += 1;
        let reply = shared
            .script
            .pop_front()
            .expect("called more often than the script says");
        let reply: Pin<Box<dyn Future<Output = Result<T, &'static str>> + Send>> = match reply {
            Reply::Now(outcome) => Box::pin(std::future::ready(outcome)),
            Reply::After(delay, outcome) => Box::pin(async move {
                tokio::time::sleep(delay).await;
                outcome
            }),
            Reply::Never => Box::pin(std::future::pending()),
        };
        InFlight {
            reply,
            shared: Arc::clone(&self.shared),
        }
    }
}

/// The future of a call, which counts as in flight until it is dropped.
pub(crate) struct InFlight<Req, T> {
    reply: Pin<Box<dyn Future<Output = Result<T, &'static str>> + Send>>,
    shared: Arc<Mutex<Shared<Req, T>>>,
}

impl<Req, T> Future for InFlight<Req, T> {
    type Output = Result<T, &'static str>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.reply.as_mut().poll(context)
    }
}

impl<Req, T> Drop for InFlight<Req, T> {
    fn drop(&mut self) {
        self.shared.lock().unwrap().in_flight -= 1;
    }
}
