//! Worlds that drive runs, threads and executors alike: a behaviour is written once, and holds in every world.

mod executors;
mod thread;

pub use executors::{
    AsyncExecutor, AsyncStd, FuturesTimer, Guarded, Smol, TokioCurrentThread, TokioMultiThread, TokioPaused, Virtual,
};
pub use thread::Thread;

use persevere::policy::Judges;
use persevere::run::Guards;
use persevere::{AsyncSleeper, Attempt, CancelToken, Clock, Observer, RetryError, Retryable, Run, Sleeper, Verdict};
use persevere_testkit::Call;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// How an operation of a behaviour fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// For now.
    Passing,
    /// For good.
    Lasting,
    /// Until then.
    Busy(Duration),
}

impl Retryable for Fault {
    fn verdict(&self) -> Verdict {
        match self {
            Fault::Passing => Verdict::Retry,
            Fault::Lasting => Verdict::Stop,
            Fault::Busy(time) => Verdict::RetryAfter(*time),
        }
    }
}

/// A world that drives runs: a thread or an executor.
pub trait World: Clone + Send + 'static {
    /// The sleeper of the world.
    type Sleeper: Clock + Clone + Send + Sync + 'static;
    /// The same with a sleeper that a token interrupts.
    type Cancellable: World;

    /// Its sleeper.
    fn sleeper(&self) -> Self::Sleeper;

    /// The same with a sleeper that `token` interrupts.
    fn cancelled_by(&self, token: &CancelToken) -> Self::Cancellable;

    /// Drives a run of `operation`, whose calls take their time on the sleeper's clock.
    ///
    /// # Errors
    ///
    /// As the run.
    fn drive<P, O, G>(
        &self,
        run: Run<P, Self::Sleeper, O, G>,
        operation: impl FnMut(Attempt) -> Call<u32, Fault> + Send + 'static,
    ) -> Result<u32, RetryError<Fault>>
    where
        P: Judges<u32, Fault> + Send + Sync + 'static,
        O: Observer<Fault> + Send + 'static,
        G: Guards<u32, Fault> + Send + 'static;

    /// Drives a run that reads a server's greeting by a socket of this world.
    ///
    /// # Errors
    ///
    /// As the run.
    fn greet<P, O>(&self, run: Run<P, Self::Sleeper, O>, server: SocketAddr) -> Result<String, RetryError<io::Error>>
    where
        P: Judges<String, io::Error> + Send + Sync + 'static,
        O: Observer<io::Error> + Send + 'static;

    /// Does something in a moment, from another thread; at once where time does not pass while threads run.
    fn soon(&self, action: impl FnOnce() + Send + 'static) {
        from_another_thread(action);
    }
}

/// An executor of futures: a [`World`] of async runs.
pub trait Executor: Clone + Send + Sync + 'static {
    /// The sleeper of the executor.
    type Sleeper: AsyncSleeper<Sleep: Send> + Clock + Clone + Send + Sync + 'static;

    /// Its sleeper.
    fn sleeper(&self) -> Self::Sleeper;

    /// Runs a task to its end.
    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T;

    /// Reads from a server until it closes the connection, by a socket of this executor.
    fn read(attempt: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static;

    /// See [`World::soon`].
    fn soon(&self, action: impl FnOnce() + Send + 'static) {
        from_another_thread(action);
    }
}

impl<X: Executor> World for X {
    type Sleeper = X::Sleeper;
    type Cancellable = Guarded<X>;

    fn sleeper(&self) -> X::Sleeper {
        Executor::sleeper(self)
    }

    fn cancelled_by(&self, token: &CancelToken) -> Guarded<X> {
        Guarded::new(self, token)
    }

    fn drive<P, O, G>(
        &self,
        run: Run<P, X::Sleeper, O, G>,
        mut operation: impl FnMut(Attempt) -> Call<u32, Fault> + Send + 'static,
    ) -> Result<u32, RetryError<Fault>>
    where
        P: Judges<u32, Fault> + Send + Sync + 'static,
        O: Observer<Fault> + Send + 'static,
        G: Guards<u32, Fault> + Send + 'static,
    {
        let sleeper = Executor::sleeper(self);
        let call = move |attempt| {
            let Call { answer, takes } = operation(attempt);
            let sleeper = sleeper.clone();
            async move {
                if !takes.is_zero() {
                    sleeper.sleep(takes).await;
                }
                answer
            }
        };
        self.block_on(run.run_with(call))
    }

    fn greet<P, O>(&self, run: Run<P, X::Sleeper, O>, server: SocketAddr) -> Result<String, RetryError<io::Error>>
    where
        P: Judges<String, io::Error> + Send + Sync + 'static,
        O: Observer<io::Error> + Send + 'static,
    {
        let call = move |attempt| {
            let read = X::read(attempt, server);
            async { whole(read.await?) }
        };
        self.block_on(run.run_with(call))
    }

    fn soon(&self, action: impl FnOnce() + Send + 'static) {
        Executor::soon(self, action);
    }
}

/// Does something in a moment.
fn from_another_thread(action: impl FnOnce() + Send + 'static) {
    std::thread::spawn(|| {
        std::thread::sleep(Duration::from_millis(2));
        action();
    });
}

/// A greeting that was read to its end: a line.
///
/// # Errors
///
/// If its end is missing.
fn whole(greeting: String) -> io::Result<String> {
    if greeting.ends_with('\n') {
        Ok(greeting)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
