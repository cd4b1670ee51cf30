//! Every sleeper passes the same suite, on the executors that it is for.

use persevere::{
    AsyncSleeper, AsyncStdSleeper, BlockingSleeper, CancelToken, DelaySleeper, FuturesTimerSleeper, Sleeper, Slept,
    SmolSleeper, ThreadSleeper, TokioSleeper, sleeper,
};
use persevere_tests::device::CountingDelay;
use persevere_tests::world::{
    AsyncExecutor, AsyncStd, Executor, FuturesTimer, Smol, TokioCurrentThread, TokioMultiThread, TokioPaused, Virtual,
};
use std::future::Future;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Runs one test of the suite on an executor.
fn on<X: Executor, S, T>(executor: X, sleeper: impl FnOnce(&X) -> S, test: impl FnOnce(S) -> T)
where
    T: Future<Output = ()> + Send + 'static,
{
    executor.block_on(test(sleeper(&executor)));
}

persevere_contract::mount! {
    tokio_current_thread: on(TokioCurrentThread, |_| TokioSleeper);
    tokio_multi_thread: on(TokioMultiThread, |_| TokioSleeper);
    tokio_paused_clock: on(TokioPaused, |_| TokioSleeper);
    async_std_executor: on(AsyncStd, |_| AsyncStdSleeper);
    smol_executor: on(Smol, |_| SmolSleeper);
    smol_on_async_executor: on(AsyncExecutor, |_| SmolSleeper);
    futures_timer_on_pollster: on(FuturesTimer, |_| FuturesTimerSleeper);
    futures_timer_on_smol: on(Smol, |_| FuturesTimerSleeper);
    futures_timer_on_tokio: on(TokioCurrentThread, |_| FuturesTimerSleeper);
    futures_timer_on_async_std: on(AsyncStd, |_| FuturesTimerSleeper);
    smol_on_tokio: on(TokioCurrentThread, |_| SmolSleeper);
    shared_smol: on(Smol, |_| SmolSleeper.shared());
    shared_tokio: on(TokioMultiThread, |_| TokioSleeper.shared());
    guarded_smol: on(Smol, |_| SmolSleeper.cancelled_by(&CancelToken::new()));
    guarded_tokio: on(TokioCurrentThread, |_| TokioSleeper.cancelled_by(&CancelToken::new()));
    shared_guarded_futures_timer: on(Smol, |_| FuturesTimerSleeper.cancelled_by(&CancelToken::new()).shared());
    closures: on(TokioCurrentThread, |_| sleeper::from_fn(tokio::time::sleep, || TokioSleeper.now()));
    borrowed: on(Smol, |_| &SmolSleeper);
    virtual_time: on(Virtual::default(), Executor::sleeper);
    counted_by_reference: on(Smol, |_| std::sync::Arc::new(SmolSleeper));
}

/// A blocking sleeper as an async one whose every sleep is over when it is made.
fn at_once<S: BlockingSleeper>(sleeper: S) -> impl AsyncSleeper {
    let sleeper = std::rc::Rc::new(sleeper);
    let clock = sleeper.clone();
    let sleep = move |delay| {
        let _ = sleeper.sleep(delay);
        std::future::ready(())
    };
    sleeper::from_fn(sleep, move || clock.now())
}

/// One test for each rule that holds for blocking sleepers.
macro_rules! mount_blocking {
    ($($name:ident: $sleeper:expr;)+) => {$(
        mod $name {
            use super::*;

            /// S1
            #[test]
            fn sleeps_at_least_as_asked() {
                smol::block_on(persevere_contract::sleeps_at_least_as_asked(at_once($sleeper)));
            }

            /// S2
            #[test]
            fn tells_monotonic_time() {
                smol::block_on(persevere_contract::tells_monotonic_time(at_once($sleeper)));
            }

            /// S3: a sleep that has blocked leaves nothing to wait for.
            #[test]
            fn drops_without_a_trace() {
                smol::block_on(persevere_contract::drops_without_a_trace(at_once($sleeper)));
            }

            /// S4
            #[test]
            fn bears_extreme_delays() {
                let _ = $sleeper.sleep(Duration::ZERO);
                blocks(|| $sleeper.sleep(Duration::MAX));
                blocks(|| $sleeper.sleep(Duration::MAX - Duration::from_nanos(1)));
            }
        }
    )+};
}

mount_blocking! {
    thread: ThreadSleeper;
    cancellable_thread: ThreadSleeper.cancelled_by(&CancelToken::new());
    blocking_closures: sleeper::blocking_from_fn(std::thread::sleep, sleeper::monotonic);
    // The simulated routine returns at once, however long the wait: the sleeper's clock moves all the same.
    device: DelaySleeper::new(CountingDelay::default());
    borrowed_thread: &ThreadSleeper as &dyn Sleeper<Sleep = Slept>;
}

/// Checks that `sleep` neither returns nor panics within a moment. Its thread ends with the process.
fn blocks(sleep: impl FnOnce() -> Slept + Send + 'static) {
    let (returned, events) = channel();
    std::thread::spawn(move || {
        let _ = sleep();
        let _ = returned.send(());
    });
    // A panic drops the sender, which is another event.
    assert_eq!(
        events.recv_timeout(Duration::from_millis(60)),
        Err(RecvTimeoutError::Timeout)
    );
}

/// S5 for tasks of tokio, on one thread and on many.
#[test]
fn tokio_tasks_do_not_block_each_other() {
    let all = async |sleeps: Vec<_>| {
        let tasks: Vec<_> = sleeps.into_iter().map(tokio::spawn).collect();
        for task in tasks {
            task.await.unwrap();
        }
    };
    TokioCurrentThread.block_on(persevere_contract::overlaps_in_many_tasks(TokioSleeper, all));
    TokioMultiThread.block_on(persevere_contract::overlaps_in_many_tasks(TokioSleeper, all));
}

/// S5 for tasks of async-std.
#[test]
fn async_std_tasks_do_not_block_each_other() {
    async_std::task::block_on(persevere_contract::overlaps_in_many_tasks(
        AsyncStdSleeper,
        async |sleeps| {
            let tasks: Vec<_> = sleeps.into_iter().map(async_std::task::spawn).collect();
            for task in tasks {
                task.await;
            }
        },
    ));
}

/// S5 for tasks of smol, with its own timer and with the neutral one.
#[test]
fn smol_tasks_do_not_block_each_other() {
    async fn all<S: Future<Output = ()> + Send + 'static>(sleeps: Vec<S>) {
        let tasks: Vec<_> = sleeps.into_iter().map(smol::spawn).collect();
        for task in tasks {
            task.await;
        }
    }
    smol::block_on(persevere_contract::overlaps_in_many_tasks(SmolSleeper, all));
    smol::block_on(persevere_contract::overlaps_in_many_tasks(FuturesTimerSleeper, all));
    smol::block_on(persevere_contract::overlaps_in_many_tasks(SmolSleeper.shared(), all));
}

/// S5 for threads: each blocks itself alone, on one cancellable sleeper as well.
#[test]
fn threads_do_not_block_each_other() {
    let (start, token) = (Instant::now(), CancelToken::new());
    std::thread::scope(|scope| {
        for _ in 0..100 {
            let sleeper = ThreadSleeper.cancelled_by(&token);
            scope.spawn(move || sleeper.sleep(Duration::from_millis(50)));
        }
    });
    assert!(
        start.elapsed() < Duration::from_secs(3),
        "they took {:?}",
        start.elapsed()
    );
}

/// S1 on a device: the routine receives exactly the delay, without rounding, in few calls.
#[test]
fn device_waits_exactly_what_it_is_asked() {
    for nanos in [
        0,
        1,
        999_999,
        1_000_000,
        1_000_001,
        4_294_967_295,
        5_000_000_001,
        10_000_000_000_000_000,
    ] {
        let asked = Duration::from_nanos(nanos);
        let sleeper = DelaySleeper::new(CountingDelay::default());
        let _ = sleeper.sleep(asked);
        assert_eq!(sleeper.now(), asked);
        let delay = sleeper.into_inner();
        assert_eq!(delay.nanoseconds, asked.as_nanos());
        assert!(delay.calls <= 5, "{} calls for {asked:?}", delay.calls);
    }
}

/// The sleepers of threads and runtimes have one clock, so that they can share a breaker or a budget.
#[tokio::test]
async fn all_sleepers_have_one_time() {
    let clocks: [fn() -> Duration; 6] = [
        || ThreadSleeper.now(),
        || TokioSleeper.now(),
        || AsyncStdSleeper.now(),
        || SmolSleeper.now(),
        || FuturesTimerSleeper.now(),
        sleeper::monotonic,
    ];
    for (one, other) in clocks.iter().flat_map(|one| clocks.map(|other| (one, other))) {
        let told = [one(), other(), one()];
        assert!(told.is_sorted(), "{told:?}");
    }
}

/// An instant before the first reading of the clock has a time as well.
#[test]
fn instants_before_the_first_are_told() {
    let (now, hour) = (Instant::now(), Duration::from_secs(3600));
    if let Some(earlier) = now.checked_sub(hour) {
        assert_eq!(sleeper::monotonic_at(earlier) + hour, sleeper::monotonic_at(now));
    }
    let later = now + hour;
    assert_eq!(sleeper::monotonic_at(later), sleeper::monotonic_at(now) + hour);
}
