//! Shared state of the threads of a proxy.

use std::io;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use std::vec::Vec;

/// The number of connections that are served at a time. Further connections wait to be accepted.
const AT_A_TIME: usize = 64;

/// The shared state of the threads of a proxy.
#[derive(Default)]
pub(super) struct Control {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    stopping: bool,
    entrance: Entrance,
    /// The error of the last try to listen.
    failure: Option<io::Error>,
    accepted: usize,
    serving: usize,
    streams: Vec<Weak<TcpStream>>,
}

/// Whether clients can connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Entrance {
    #[default]
    Open,
    Refusing,
    /// Requested to open, with the outcome pending.
    Opening,
}

impl Control {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changed.notify_all();
    }

    /// Waits while `condition` holds and the proxy is not stopping.
    fn wait_while(&self, condition: impl Fn(&State) -> bool) -> MutexGuard<'_, State> {
        let going_on = |state: &mut State| !state.stopping && condition(state);
        let waited = self.changed.wait_while(self.state(), going_on);
        waited.unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends every wait and every connection.
    pub(super) fn stop(&self) {
        self.change(|state| {
            state.stopping = true;
            for stream in state.streams.drain(..).filter_map(|stream| stream.upgrade()) {
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.state().stopping
    }

    pub(super) fn accepted(&self) -> usize {
        self.state().accepted
    }

    /// Records that clients are refused from now on.
    pub(super) fn refuse(&self) {
        self.change(|state| state.entrance = Entrance::Refusing);
    }

    /// Records that clients can connect from now on.
    pub(super) fn opened(&self) {
        self.change(|state| state.entrance = Entrance::Open);
    }

    /// Records that listening failed and clients are still refused.
    pub(super) fn not_opened(&self, failure: io::Error) {
        self.change(|state| {
            state.failure = Some(failure);
            state.entrance = Entrance::Refusing;
        });
    }

    /// Requests the end of [`Fault::Refuse`](crate::Fault::Refuse) and waits for it; does nothing if clients can connect.
    pub(super) fn ask_to_open(&self) -> io::Result<()> {
        self.change(|state| {
            if state.entrance == Entrance::Refusing {
                state.entrance = Entrance::Opening;
            }
        });
        let mut state = self.wait_while(|state| state.entrance == Entrance::Opening);
        state.failure.take().map_or(Ok(()), Err)
    }

    /// Waits for a request to open; returns `false` if the proxy is dropped.
    pub(super) fn wait_to_open(&self) -> bool {
        let state = self.wait_while(|state| state.entrance == Entrance::Refusing);
        !state.stopping
    }

    /// Waits until another connection may be served.
    pub(super) fn wait_for_room(&self) {
        drop(self.wait_while(|state| state.serving >= AT_A_TIME));
    }

    /// Waits for `duration`, or until the proxy is dropped.
    pub(super) fn pause(&self, duration: Duration) {
        let waited = self
            .changed
            .wait_timeout_while(self.state(), duration, |state| !state.stopping);
        drop(waited);
    }

    /// Counts an accepted connection, which is served until the returned value is dropped.
    pub(super) fn serve(self: &Arc<Self>) -> Serving {
        self.change(|state| {
            state.accepted += 1;
            state.serving += 1;
        });
        Serving(Arc::clone(self))
    }

    /// Registers a stream to be closed with the proxy; `None` if the proxy is stopping.
    pub(super) fn enter(&self, stream: TcpStream) -> Option<Arc<TcpStream>> {
        let stream = Arc::new(stream);
        let mut state = self.state();
        state.streams.retain(|stream| stream.strong_count() > 0);
        state.streams.push(Arc::downgrade(&stream));
        (!state.stopping).then_some(stream)
    }
}

/// A connection that is being served.
pub(super) struct Serving(Arc<Control>);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.change(|state| state.serving -= 1);
    }
}
