//! A thread, which is blocked by waits.

use super::{Fault, World, whole};
use persevere::policy::Judges;
use persevere::run::Guards;
use persevere::{
    Attempt, BlockingSleeper, CancelToken, CancellableThreadSleeper, Clock, Observer, RetryError, Run, ThreadSleeper,
};
use persevere_testkit::Call;
use std::io::{self, Read};
use std::net::{SocketAddr, TcpStream};

/// This thread, with a sleeper that blocks it.
#[derive(Debug, Clone, Copy)]
pub struct Thread<S = ThreadSleeper>(S);

impl Thread {
    /// This thread.
    #[must_use]
    pub const fn new() -> Thread {
        Thread(ThreadSleeper)
    }
}

impl Default for Thread {
    fn default() -> Thread {
        Thread::new()
    }
}

impl<S: BlockingSleeper + Clock + Clone + Send + Sync + 'static> World for Thread<S> {
    type Sleeper = S;
    type Cancellable = Thread<CancellableThreadSleeper>;

    fn sleeper(&self) -> S {
        self.0.clone()
    }

    fn cancelled_by(&self, token: &CancelToken) -> Thread<CancellableThreadSleeper> {
        Thread(ThreadSleeper.cancelled_by(token))
    }

    fn drive<P, O, G>(
        &self,
        run: Run<P, S, O, G>,
        mut operation: impl FnMut(Attempt) -> Call<u32, Fault> + Send + 'static,
    ) -> Result<u32, RetryError<Fault>>
    where
        P: Judges<u32, Fault> + Send + Sync + 'static,
        O: Observer<Fault> + Send + 'static,
        G: Guards<u32, Fault> + Send + 'static,
    {
        run.run_blocking_with(|attempt| {
            let Call { answer, takes } = operation(attempt);
            let _ = self.0.sleep(takes);
            answer
        })
    }

    fn greet<P, O>(&self, run: Run<P, S, O>, server: SocketAddr) -> Result<String, RetryError<io::Error>>
    where
        P: Judges<String, io::Error> + Send + Sync + 'static,
        O: Observer<io::Error> + Send + 'static,
    {
        run.run_blocking_with(|attempt| whole(read_blocking(attempt, server)?))
    }
}

/// Reads from a server until it closes the connection. A blocking attempt cannot be interrupted, so the socket gets the
/// timeout of the attempt.
pub(super) fn read_blocking(attempt: Attempt, server: SocketAddr) -> io::Result<String> {
    let mut greeting = String::new();
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(attempt.timeout())?;
    stream.read_to_string(&mut greeting)?;
    Ok(greeting)
}
