//! Futures of runs on executors, in `#[async_trait]`, and in methods that promise `Send`.

use async_trait::async_trait;
use persevere::classify::AnyError;
use persevere::run::{Explained, NoSignal, Plain, RunFuture};
use persevere::{
    AsyncSleeper, AsyncStdSleeper, Attempt, Backoff, CancelToken, Classifier, Event, FuturesTimerSleeper, Observer,
    Policy, RetryError, SharedPolicy, Sleeper, SmolSleeper, StopReason, TokioSleeper,
};
use persevere_contract::executor::block_on;
use persevere_testkit::Recorder;
use static_assertions::{assert_impl_all, assert_not_impl_any};
use std::cell::Cell;
use std::future::{Future, Ready};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

const MILLI: Duration = Duration::from_millis(1);

fn send<T: Send>(value: T) -> T {
    value
}

/// A run can be spawned on the executor of each sleeper.
#[test]
fn runs_can_be_spawned() {
    static POLICY: Policy = Policy::exponential(MILLI);
    async fn fetch(url: &str) -> io::Result<usize> {
        Ok(url.len())
    }
    let url = String::from("https://example.com");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_time()
        .build()
        .unwrap();
    let mine = url.clone();
    let task = runtime.spawn(async move { POLICY.on(TokioSleeper).run(|| fetch(&mine)).await });
    assert_eq!(runtime.block_on(task).unwrap().unwrap(), 19);
    let mine = url.clone();
    let task = smol::spawn(async move { POLICY.on(SmolSleeper).run(|| fetch(&mine)).await });
    assert_eq!(smol::block_on(task).unwrap(), 19);
    let mine = url.clone();
    let task = async_std::task::spawn(async move { POLICY.on(AsyncStdSleeper).run(|| fetch(&mine)).await });
    assert_eq!(async_std::task::block_on(task).unwrap(), 19);
    // With everything that can be added to a run, of any lifetime.
    let task = runtime.spawn(async move {
        let (policy, log, token) = (
            POLICY.attempt_timeout(MILLI * 500).shared(),
            Recorder::new(),
            CancelToken::new(),
        );
        let run = policy.on(TokioSleeper.shared().cancelled_by(&token)).observe(&log);
        let run = run.on_retry(|_, _: Option<&Arc<io::Error>>, _| ());
        run.run_with(async |attempt| {
            fetch(&url)
                .await
                .map_err(Arc::new)
                .map(|n| n + attempt.number() as usize)
        })
        .await
    });
    assert_eq!(runtime.block_on(task).unwrap().unwrap(), 20);
}

/// A sleeper that may move to another thread, but not be shared with one.
struct Unshared(Cell<u32>);

impl Sleeper for Unshared {
    type Sleep = Ready<()>;

    fn sleep(&self, _: Duration) -> Ready<()> {
        self.0.set(self.0.get() + 1);
        std::future::ready(())
    }

    fn now(&self) -> Duration {
        Duration::ZERO
    }
}

/// A run is `Send` whenever its parts are: a sleeper and an observer that are not `Sync` do not change that.
#[test]
fn run_is_send_with_parts_that_are_not_sync() {
    struct Counter(Cell<u32>);
    impl<E> Observer<E> for Counter {
        fn on_event(&self, _: &Event<'_, E>) {
            self.0.set(self.0.get() + 1);
        }
    }
    let policy = Policy::fixed(MILLI).attempt_timeout(MILLI);
    let run = policy.on(Unshared(Cell::new(0))).observe(Counter(Cell::new(0)));
    let future = send(run.run(|| async { Err::<(), _>("no") }));
    assert_eq!(block_on(future).unwrap_err().attempts(), 3);
    let observed = policy.on(TokioSleeper).on_event({
        let seen = Cell::new(0);
        move |_: &Event<'_, &str>| seen.set(seen.get() + 1)
    });
    drop(send(observed.run_with(|_| async { Err::<(), _>("no") })));
}

/// A run is `Unpin`-neutral, borrows what it must, and is no larger for being spawned. An error and a value that are
/// not `Sync` travel through it.
#[test]
fn run_is_send_with_outcomes_that_are_not_sync() {
    let run = Policy::fixed(MILLI).into_retry(Duration::ZERO);
    let _ = send(run);
    let policy = Policy::fixed(MILLI);
    drop(send(
        policy
            .on(TokioSleeper)
            .run(|| async { Ok::<Cell<u32>, Cell<u8>>(Cell::new(1)) }),
    ));
    let timed = policy.attempt_timeout(MILLI);
    drop(send(
        timed
            .on(TokioSleeper)
            .run(|| async { Err::<Cell<u32>, Cell<u8>>(Cell::new(1)) }),
    ));
}

/// A run keeps its last error over waits, so that it is `Send` only if its errors are.
#[test]
fn run_is_send_if_its_errors_are() {
    type Attempt<E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send>>;
    type Of<E> = RunFuture<Policy, TokioSleeper, (), (), Explained, NoSignal, Plain<fn() -> Attempt<E>>, Attempt<E>, E>;
    assert_impl_all!(Of<Arc<str>>: Send);
    assert_not_impl_any!(Of<Rc<str>>: Send);
}

/// A run in a method of `#[async_trait]`, which requires a `Send` future.
#[test]
fn run_goes_into_an_async_trait() {
    #[async_trait]
    trait Store: Send + Sync {
        async fn get(&self, key: &str) -> Result<String, RetryError<io::Error>>;
        async fn put(&mut self, key: String) -> Result<usize, RetryError<io::Error>>;
    }
    struct Remote<S> {
        policy: SharedPolicy<io::Error>,
        sleeper: S,
        stored: Vec<String>,
    }
    impl<S> Remote<S> {
        async fn get_once(&self, key: &str) -> io::Result<String> {
            self.stored
                .iter()
                .find(|stored| *stored == key)
                .cloned()
                .ok_or(io::ErrorKind::NotFound.into())
        }
    }
    #[async_trait]
    impl<S: AsyncSleeper<Sleep: Send> + Send + Sync> Store for Remote<S> {
        async fn get(&self, key: &str) -> Result<String, RetryError<io::Error>> {
            self.policy.on(&self.sleeper).run(|| self.get_once(key)).await
        }

        async fn put(&mut self, key: String) -> Result<usize, RetryError<io::Error>> {
            let (policy, stored) = (self.policy.clone(), &mut self.stored);
            policy
                .on(&self.sleeper)
                .run(|| {
                    stored.push(key.clone());
                    std::future::ready(Ok(stored.len()))
                })
                .await
        }
    }
    let policy = Policy::fixed(MILLI).retry_if(|error: &io::Error| error.kind() == io::ErrorKind::TimedOut);
    let sleeper = FuturesTimerSleeper.shared();
    let mut store: Box<dyn Store> = Box::new(Remote {
        policy: policy.shared(),
        sleeper,
        stored: Vec::new(),
    });
    smol::block_on(smol::spawn(async move {
        assert_eq!(store.put("key".to_owned()).await.unwrap(), 1);
        assert_eq!(store.get("key").await.unwrap(), "key");
        assert_eq!(store.get("other").await.unwrap_err().reason(), StopReason::Permanent);
    }));
}

/// A run in a method that promises a `Send` future, concrete and generic over the operation, the sleeper, the
/// classifier and the observer.
#[test]
fn run_goes_into_a_method_that_promises_send() {
    trait Fetch {
        fn fetch(&self) -> impl Future<Output = Result<u32, RetryError<io::Error>>> + Send;
    }
    struct Concrete(Policy, TokioSleeper);
    impl Fetch for Concrete {
        fn fetch(&self) -> impl Future<Output = Result<u32, RetryError<io::Error>>> + Send {
            self.0.on(self.1).run(|| async { Ok(7) })
        }
    }
    struct Generic<B, C, S>(Policy<B, C>, S);
    impl<B, C, S> Generic<B, C, S>
    where
        B: Backoff + Send + Sync,
        C: Classifier<io::Error> + Send + Sync,
        S: AsyncSleeper<Sleep: Send> + Send + Sync,
    {
        fn call<T, F, A>(&self, operation: F) -> impl Future<Output = Result<T, RetryError<io::Error>>> + Send
        where
            T: Send,
            F: FnMut() -> A + Send,
            A: Future<Output = io::Result<T>> + Send,
        {
            self.0.on(&self.1).run(operation)
        }

        async fn through<T, F, A, O>(&self, observer: O, operation: F) -> Result<T, RetryError<io::Error>>
        where
            T: Send,
            F: FnMut(Attempt) -> A + Send,
            A: Future<Output = io::Result<T>> + Send,
            O: Observer<io::Error> + Send,
        {
            self.0.on(&self.1).observe(observer).run_with(operation).await
        }
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    let concrete = Concrete(Policy::default(), TokioSleeper);
    assert_eq!(runtime.block_on(send(concrete.fetch())).unwrap(), 7);
    let generic = Generic(Policy::default().classify(AnyError), TokioSleeper);
    assert_eq!(runtime.block_on(send(generic.call(|| async { Ok(8) }))).unwrap(), 8);
    let through = generic.through((), |attempt| async move { Ok(attempt.number()) });
    assert_eq!(runtime.block_on(send(through)).unwrap(), 1);
}
