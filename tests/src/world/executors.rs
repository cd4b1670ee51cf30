//! The executors, each with the sleeper that is for it.

use super::Executor;
use super::thread::read_blocking;
use persevere::cancel::Cancellable;
use persevere::{AsyncStdSleeper, Attempt, CancelToken, FuturesTimerSleeper, Sleeper, SmolSleeper, TokioSleeper};
use persevere_testkit::{AsyncVirtualTime, VirtualTime};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::resume_unwind;
use tokio::runtime::{Builder, Runtime};

/// Tokio on this thread.
#[derive(Debug, Clone, Copy)]
pub struct TokioCurrentThread;

/// Tokio on threads of its own.
#[derive(Debug, Clone, Copy)]
pub struct TokioMultiThread;

/// Tokio on this thread, with a clock that stands unless all tasks wait.
#[derive(Debug, Clone, Copy)]
pub struct TokioPaused;

/// Async-std on threads of its own.
#[derive(Debug, Clone, Copy)]
pub struct AsyncStd;

/// Smol on threads of its own.
#[derive(Debug, Clone, Copy)]
pub struct Smol;

/// An executor of async-executor on this thread, by futures-lite: smol's parts without smol.
#[derive(Debug, Clone, Copy)]
pub struct AsyncExecutor;

/// No runtime: pollster polls on this thread. The sockets are smol's, whose reactor is a thread of its own.
#[derive(Debug, Clone, Copy)]
pub struct FuturesTimer;

/// Virtual time. The sockets block, with the timeout of the attempt.
#[derive(Debug, Clone, Default)]
pub struct Virtual(VirtualTime);

/// Another executor with a sleeper that a token interrupts.
#[derive(Debug, Clone)]
pub struct Guarded<X>(X, CancelToken);

impl<X: Executor> Guarded<X> {
    pub(super) fn new(executor: &X, token: &CancelToken) -> Guarded<X> {
        Guarded(executor.clone(), token.clone())
    }
}

fn built(mut builder: Builder) -> Runtime {
    builder.enable_all().build().expect("tokio can be started")
}

async fn read_by_tokio(server: SocketAddr) -> io::Result<String> {
    use tokio::io::AsyncReadExt;
    let mut greeting = String::new();
    let mut stream = tokio::net::TcpStream::connect(server).await?;
    stream.read_to_string(&mut greeting).await?;
    Ok(greeting)
}

async fn read_by_async_std(server: SocketAddr) -> io::Result<String> {
    use async_std::io::ReadExt;
    let mut greeting = String::new();
    let mut stream = async_std::net::TcpStream::connect(server).await?;
    stream.read_to_string(&mut greeting).await?;
    Ok(greeting)
}

async fn read_by_smol(server: SocketAddr) -> io::Result<String> {
    use smol::io::AsyncReadExt;
    let mut greeting = String::new();
    let mut stream = smol::net::TcpStream::connect(server).await?;
    stream.read_to_string(&mut greeting).await?;
    Ok(greeting)
}

impl Executor for TokioCurrentThread {
    type Sleeper = TokioSleeper;

    fn sleeper(&self) -> TokioSleeper {
        TokioSleeper
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        built(Builder::new_current_thread()).block_on(task)
    }

    fn read(_: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        read_by_tokio(server)
    }
}

impl Executor for TokioMultiThread {
    type Sleeper = TokioSleeper;

    fn sleeper(&self) -> TokioSleeper {
        TokioSleeper
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(2);
        let runtime = built(builder);
        let joined = runtime.block_on(runtime.spawn(task));
        joined.unwrap_or_else(|error| resume_unwind(error.into_panic()))
    }

    fn read(_: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        read_by_tokio(server)
    }
}

impl Executor for TokioPaused {
    type Sleeper = TokioSleeper;

    fn sleeper(&self) -> TokioSleeper {
        TokioSleeper
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        let mut builder = Builder::new_current_thread();
        builder.start_paused(true);
        built(builder).block_on(task)
    }

    fn read(attempt: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        std::future::ready(read_blocking(attempt, server))
    }

    fn soon(&self, action: impl FnOnce() + Send + 'static) {
        action();
    }
}

impl Executor for AsyncStd {
    type Sleeper = AsyncStdSleeper;

    fn sleeper(&self) -> AsyncStdSleeper {
        AsyncStdSleeper
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        async_std::task::block_on(async_std::task::spawn(task))
    }

    fn read(_: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        read_by_async_std(server)
    }
}

impl Executor for Smol {
    type Sleeper = SmolSleeper;

    fn sleeper(&self) -> SmolSleeper {
        SmolSleeper
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        smol::block_on(smol::spawn(task))
    }

    fn read(_: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        read_by_smol(server)
    }
}

impl Executor for AsyncExecutor {
    type Sleeper = SmolSleeper;

    fn sleeper(&self) -> SmolSleeper {
        SmolSleeper
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        let executor = async_executor::Executor::new();
        futures_lite::future::block_on(executor.run(executor.spawn(task)))
    }

    fn read(_: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        read_by_smol(server)
    }
}

impl Executor for FuturesTimer {
    type Sleeper = FuturesTimerSleeper;

    fn sleeper(&self) -> FuturesTimerSleeper {
        FuturesTimerSleeper
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        pollster::block_on(task)
    }

    fn read(_: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        read_by_smol(server)
    }
}

impl Executor for Virtual {
    type Sleeper = AsyncVirtualTime;

    fn sleeper(&self) -> AsyncVirtualTime {
        self.0.asynchronous()
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(task)
    }

    fn read(attempt: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        std::future::ready(read_blocking(attempt, server))
    }

    fn soon(&self, action: impl FnOnce() + Send + 'static) {
        action();
    }
}

impl<X: Executor> Executor for Guarded<X> {
    type Sleeper = Cancellable<X::Sleeper>;

    fn sleeper(&self) -> Cancellable<X::Sleeper> {
        self.0.sleeper().cancelled_by(&self.1)
    }

    fn block_on<T: Send + 'static>(&self, task: impl Future<Output = T> + Send + 'static) -> T {
        self.0.block_on(task)
    }

    fn read(attempt: Attempt, server: SocketAddr) -> impl Future<Output = io::Result<String>> + Send + 'static {
        X::read(attempt, server)
    }

    fn soon(&self, action: impl FnOnce() + Send + 'static) {
        self.0.soon(action);
    }
}
