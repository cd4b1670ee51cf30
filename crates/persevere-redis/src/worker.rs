//! The thread of a link: it waits for the server, so that no executor and no caller does.

use crate::link::{Answer, Link, Request};
use crate::status::Cause;
use redis::ConnectionInfo;
use std::future::poll_fn;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::thread;
use std::time::Duration;

/// A thread with a link. It ends when this is dropped, after a last request if there is one.
pub(crate) struct Worker {
    desk: Arc<Desk>,
}

/// Where requests and answers are put down.
#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The number of the last request.
    number: u64,
    request: Option<Request>,
    is_busy: bool,
    /// The answer to the request of this number.
    answer: Option<(u64, Answer)>,
    waker: Option<Waker>,
    is_closed: bool,
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs requests until the worker is dropped.
    fn serve(&self, mut link: Link) {
        let mut state = self.lock();
        loop {
            let Some(request) = state.request.take() else {
                if state.is_closed {
                    return;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            let number = state.number;
            state.is_busy = true;
            drop(state);
            let answer = link.run(&request);
            state = self.lock();
            state.is_busy = false;
            state.answer = Some((number, answer));
            if let Some(waker) = state.waker.take() {
                waker.wake();
            }
            self.changed.notify_all();
        }
    }
}

impl Worker {
    /// Starts the thread.
    pub(crate) fn start(server: ConnectionInfo) -> Result<Worker, Cause> {
        let desk = Arc::new(Desk::default());
        let (of_thread, link) = (Arc::clone(&desk), Link::new(server));
        let builder = thread::Builder::new().name("persevere-redis".to_owned());
        let thread = builder.spawn(move || of_thread.serve(link));
        thread.map_err(|_| Cause::Failed)?;
        Ok(Worker { desk })
    }

    /// Puts down a request, and returns its number.
    ///
    /// # Errors
    ///
    /// If the server has not answered an earlier request yet.
    fn put(&self, request: Request) -> Result<u64, Cause> {
        let mut state = self.desk.lock();
        if state.is_busy || state.request.is_some() {
            return Err(Cause::Slow);
        }
        state.number += 1;
        state.request = Some(request);
        let number = state.number;
        drop(state);
        self.desk.changed.notify_all();
        Ok(number)
    }

    /// Runs a request, and waits for its answer.
    pub(crate) async fn run(&self, request: Request) -> Answer {
        let number = self.put(request)?;
        poll_fn(|context| {
            let mut state = self.desk.lock();
            match take(&mut state, number) {
                Some(answer) => Poll::Ready(answer),
                None => {
                    state.waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }

    /// Runs a request, and waits for its answer on this thread for at most the given time.
    pub(crate) fn run_for(&self, request: Request, time: Duration) -> Answer {
        let number = self.put(request)?;
        let state = self.desk.lock();
        let is_unanswered = |state: &mut State| !matches!(state.answer, Some((of, _)) if of == number);
        let waited = self.desk.changed.wait_timeout_while(state, time, is_unanswered);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        take(&mut state, number).unwrap_or(Err(Cause::Slow))
    }

    /// Runs a last request, whose answer nobody waits for, and ends the thread.
    pub(crate) fn finish(&self, request: Option<Request>) {
        let mut state = self.desk.lock();
        state.is_closed = true;
        if state.request.is_none() {
            state.request = request;
        }
        drop(state);
        self.desk.changed.notify_all();
    }
}

/// The answer to the request of this number.
fn take(state: &mut State, number: u64) -> Option<Answer> {
    let answer = state.answer.take_if(|(of, _)| *of == number);
    answer.map(|(_, answer)| answer)
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.finish(None);
    }
}
