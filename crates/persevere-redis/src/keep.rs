//! Keeps a handle in step with the server, as a future or on a thread.

use crate::fleet::Fleet;
use crate::link::{Answer, Request};
use crate::signal::Signal;
use crate::status::Cause;
use crate::worker::Worker;
use persevere_core::AsyncSleeper;
use persevere_core::sleeper::BlockingSleeper;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// The next step of a handle.
pub(crate) enum Next {
    /// Sends a request to the server.
    Ask(Request),
    /// Waits, unless it is woken.
    Wait(Duration),
}

/// The part of a handle that its keeper uses. All times are on the clock of the sleeper.
pub(crate) trait Kept {
    fn fleet(&self) -> &Fleet;

    /// Wakes the keeper.
    fn signal(&self) -> &Signal;

    /// Returns the next step.
    fn next(&self, now: Duration) -> Next;

    /// Receives the answer to the last request.
    fn answered(&self, asked: Duration, now: Duration, answer: Answer);

    /// Returns the request to send before the keeper ends; `None` if there is nothing to return.
    fn last(&self) -> Option<Request>;
}

/// Sends the last request when its keeper ends, however it ends.
struct Keeper<'k, K: Kept> {
    kept: &'k K,
    worker: Result<Worker, Cause>,
}

impl<'k, K: Kept> Keeper<'k, K> {
    fn new(kept: &'k K) -> Keeper<'k, K> {
        Keeper {
            kept,
            worker: Worker::start(kept.fleet().server().clone()),
        }
    }
}

impl<K: Kept> Drop for Keeper<'_, K> {
    fn drop(&mut self) {
        if let Ok(worker) = &self.worker {
            worker.finish(self.kept.last());
        }
    }
}

/// Keeps a handle in step until the sleeper is cancelled.
pub(crate) async fn keep<K: Kept, S: AsyncSleeper>(kept: K, sleeper: S) {
    let keeper = Keeper::new(&kept);
    while !sleeper.is_cancelled() {
        let now = sleeper.now();
        match kept.next(now) {
            Next::Wait(time) => {
                either(kept.signal().wait(), sleeper.sleep(time)).await;
            }
            Next::Ask(request) => {
                let answer = match &keeper.worker {
                    Ok(worker) => {
                        let answer = either(worker.run(request), sleeper.sleep(kept.fleet().slow())).await;
                        if answer.is_none() && sleeper.is_cancelled() {
                            break;
                        }
                        answer.unwrap_or(Err(Cause::Slow))
                    }
                    Err(cause) => Err(*cause),
                };
                kept.answered(now, sleeper.now(), answer);
            }
        }
    }
}

/// [`keep`], on this thread.
pub(crate) fn keep_blocking<K: Kept, S: BlockingSleeper>(kept: &K, sleeper: S) {
    /// How long a cancelled sleeper may go unnoticed.
    const LOOK: Duration = Duration::from_millis(50);
    let keeper = Keeper::new(kept);
    while !sleeper.is_cancelled() {
        let now = sleeper.now();
        match kept.next(now) {
            Next::Wait(time) => {
                kept.signal().wait_for(time.min(LOOK));
            }
            Next::Ask(request) => {
                let answer = match &keeper.worker {
                    Ok(worker) => worker.run_for(request, kept.fleet().slow()),
                    Err(cause) => Err(*cause),
                };
                kept.answered(now, sleeper.now(), answer);
            }
        }
    }
}

/// The output of the first future, `None` if the second is ready before it.
async fn either<T>(first: impl Future<Output = T>, second: impl Future<Output = ()>) -> Option<T> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    poll_fn(|context| {
        if let Poll::Ready(output) = first.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        second.as_mut().poll(context).map(|()| None)
    })
    .await
}
