//! The requests that are retried, how often, and the results of calls: tower's own tests of its retries, and more.

use crate::probe::{Probe, Reply};
use persevere::backoff::Fixed;
use persevere::tower::{RetryLayer, replay};
use persevere::{Event, Policy, Stats, StopReason, TokioSleeper, Verdict, budget::WindowedRatio};
use persevere_testkit::{Polled, Recorder, assert_attempts, assert_gave_up};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::Poll;
use std::time::Duration;
use tower::{Layer, Service, ServiceExt};

static AT_ONCE: Policy<Fixed> = Policy::fixed(Duration::ZERO);

#[tokio::test(start_paused = true)]
async fn error_is_retried() {
    let probe = Probe::replying([Err("retry me"), Ok("world")]);
    let mut service = RetryLayer::new(&AT_ONCE, TokioSleeper).layer(probe.clone());
    assert_eq!(service.ready().await.unwrap().call("hello").await, Ok("world"));
    assert_eq!(probe.requests(), ["hello", "hello"]);
}

#[tokio::test(start_paused = true)]
async fn last_error_is_returned_as_it_is() {
    let probe = Probe::<_, ()>::replying([Err("retry 1"), Err("retry 2"), Err("retry 3")]);
    let mut service = RetryLayer::new(&AT_ONCE, TokioSleeper).layer(probe.clone());
    assert_eq!(service.ready().await.unwrap().call("hello").await, Err("retry 3"));
}

#[tokio::test(start_paused = true)]
async fn classifier_stops_the_call() {
    let probe = Probe::<_, ()>::replying([Err("retry 1"), Err("reject")]);
    let policy = AT_ONCE.retry_if(|error: &&str| *error != "reject");
    let mut service = RetryLayer::new(policy, TokioSleeper).layer(probe.clone());
    assert_eq!(service.ready().await.unwrap().call("hello").await, Err("reject"));
    assert_eq!(probe.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn request_that_cannot_be_cloned_is_sent_once() {
    let recorder = Recorder::new();
    let probe = Probe::<_, ()>::replying([Err("retry 1")]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).replay(replay::by(|_: &&str| None));
    let mut service = layer.observe(recorder.clone()).layer(probe.clone());
    assert_eq!(service.ready().await.unwrap().call("hello").await, Err("retry 1"));
    assert_gave_up!(recorder, StopReason::Permanent);
}

#[tokio::test(start_paused = true)]
async fn request_that_cannot_be_cloned_may_succeed() {
    let probe = Probe::replying([Ok("world")]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).replay(replay::by(|_: &&str| None));
    assert_eq!(layer.layer(probe).oneshot("hello").await, Ok("world"));
}

#[tokio::test(start_paused = true)]
async fn closure_changes_the_request() {
    let probe = Probe::<_, &str>::replying([Err("1"), Err("2"), Err("3")]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).replay(replay::by(|_: &&str| Some("retrying")));
    assert_eq!(layer.layer(probe.clone()).oneshot("hello").await, Err("3"));
    assert_eq!(probe.requests(), ["hello", "retrying", "retrying"]);
}

/// A request that counts its clones.
#[derive(Debug)]
struct Counted(Arc<AtomicU32>);

impl Clone for Counted {
    fn clone(&self) -> Self {
        self.0.fetch_add(1, Ordering::Relaxed);
        Counted(self.0.clone())
    }
}

#[tokio::test(start_paused = true)]
async fn last_attempt_needs_no_clone() {
    let probe = Probe::<Counted, ()>::replying([Err("1"), Err("2"), Err("3")]);
    let clones = Arc::new(AtomicU32::new(0));
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper);
    layer.layer(probe).oneshot(Counted(clones.clone())).await.unwrap_err();
    assert_eq!(clones.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn attempt_is_dropped_before_its_failure_is_emitted() {
    let probe = Probe::<(), ()>::replying([Err("no"); 3]);
    let (seen, watched) = (Arc::new(AtomicU32::new(0)), probe.clone());
    let count = seen.clone();
    let observer = persevere::observe::from_fn(move |event: &Event<'_, &str>| {
        if let Event::Failed { .. } = event {
            assert_eq!(watched.in_flight(), 0);
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).observe(Arc::new(observer));
    layer.layer(probe).oneshot(()).await.unwrap_err();
    assert_eq!(seen.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn single_attempt_needs_no_clone() {
    struct NotClone;
    let service = tower::service_fn(|_: NotClone| std::future::ready(Err::<(), _>("no")));
    let never_asked = replay::by(|_: &NotClone| panic!("nothing is kept"));
    let layer = RetryLayer::new(AT_ONCE.max_attempts(1), TokioSleeper).replay(never_asked);
    assert_eq!(layer.layer(service).oneshot(NotClone).await, Err("no"));
}

fn not_503(outcome: &Result<u16, &'static str>) -> Verdict {
    match outcome {
        Ok(503) | Err(_) => Verdict::Retry,
        Ok(_) => Verdict::Accept,
    }
}

#[tokio::test(start_paused = true)]
async fn unaccepted_response_is_retried_and_at_last_returned() {
    let policy = AT_ONCE.classify_outcome_with(not_503);
    let layer = RetryLayer::new(policy, TokioSleeper);
    let probe = Probe::replying([Ok(503), Ok(200)]);
    assert_eq!(layer.layer(probe).oneshot(()).await, Ok(200));
    let probe = Probe::replying([Ok(503), Err("reset"), Ok(503)]);
    assert_eq!(layer.layer(probe.clone()).oneshot(()).await, Ok(503));
    assert_eq!(probe.calls(), 3);
    assert_eq!(
        layer
            .layer(Probe::replying([Ok(503), Ok(503), Err("reset")]))
            .oneshot(())
            .await,
        Err("reset")
    );
}

#[tokio::test(start_paused = true)]
async fn waits_follow_the_policy() {
    let recorder = Recorder::new();
    let policy = Policy::linear(Duration::from_secs(1))
        .jitter(persevere::Jitter::None)
        .max_attempts(4);
    let layer = RetryLayer::new(policy, TokioSleeper).observe(recorder.clone());
    let start = tokio::time::Instant::now();
    let probe = Probe::<_, ()>::replying([Err("1"), Err("2"), Err("3"), Err("4")]);
    assert_eq!(layer.layer(probe).oneshot(()).await, Err("4"));
    assert_eq!(start.elapsed(), Duration::from_secs(1 + 2 + 3));
    assert_attempts!(recorder, 4);
    assert_gave_up!(recorder, StopReason::Attempts);
}

#[tokio::test(start_paused = true)]
async fn budget_is_shared_by_calls_and_clones() {
    static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.0).reserve(3);
    static STATS: Stats = Stats::new();
    let probe = Probe::<_, ()>::replying([Err("no"); 5]);
    let service = RetryLayer::new(&AT_ONCE, TokioSleeper)
        .budget(&BUDGET)
        .observe(&STATS)
        .layer(probe.clone());
    for _ in 0..2 {
        assert_eq!(service.clone().oneshot(()).await, Err("no"));
    }
    assert_eq!(probe.calls(), 3 + 2);
    assert_eq!((STATS.snapshot().retries, STATS.snapshot().gave_up.budget), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn first_attempt_is_made_to_its_end_and_later_ones_time_out() {
    let second = Duration::from_secs(1);
    let policy = AT_ONCE.attempt_timeout(second);
    let layer = RetryLayer::new(policy, TokioSleeper);
    let slow: Probe<(), ()> = Probe::new([Reply::After(60 * second, Err("slow")), Reply::Never, Reply::Never]);
    let start = tokio::time::Instant::now();
    assert_eq!(layer.layer(slow.clone()).oneshot(()).await, Err("slow"));
    assert_eq!((start.elapsed(), slow.calls(), slow.in_flight()), (62 * second, 3, 0));
}

#[tokio::test(start_paused = true)]
async fn error_of_a_layer_below_stops_at_once() {
    let probe = Probe::<_, ()>::replying([Err("overloaded")]);
    let layer = RetryLayer::new(&AT_ONCE, TokioSleeper).stop_if(|error: &&str| *error == "overloaded");
    assert_eq!(layer.layer(probe).oneshot(()).await, Err("overloaded"));
}

#[tokio::test(start_paused = true)]
async fn cancelled_sleeper_ends_the_wait_with_the_last_outcome() {
    use persevere::{CancelToken, Sleeper};
    let token = CancelToken::new();
    let policy = Policy::fixed(Duration::from_secs(3600));
    let layer = RetryLayer::new(policy, TokioSleeper.cancelled_by(&token));
    let probe = Probe::<(), ()>::replying([Err("no")]);
    let call = tokio::spawn(layer.layer(probe.clone()).oneshot(()));
    tokio::task::yield_now().await;
    token.cancel();
    assert_eq!(call.await.unwrap(), Err("no"));
    // Cancelled before it starts: a call has to return something, so one attempt is made.
    let recorder = Recorder::new();
    let layer = layer.observe(recorder.clone());
    let probe = Probe::<(), ()>::replying([Err("once")]);
    assert_eq!(layer.layer(probe).oneshot(()).await, Err("once"));
    assert_gave_up!(recorder, StopReason::Cancelled);
    assert_eq!(recorder.entries().len(), 2, "started, and gave up");
}

#[tokio::test(start_paused = true)]
async fn zero_delays_let_other_tasks_run() {
    let probe = Probe::<_, ()>::replying([Err("no"); 100]);
    let layer = RetryLayer::new(AT_ONCE.max_attempts(100), TokioSleeper);
    let mut call = Polled::new(layer.layer(probe.clone()).oneshot(()));
    for attempts in 1..100 {
        assert!(call.poll().is_pending() && call.is_woken());
        assert_eq!(probe.calls(), attempts);
    }
    assert_eq!(call.poll(), Poll::Ready(Err("no")));
}

#[tokio::test(start_paused = true)]
async fn huge_delay_is_bounded_by_the_time_of_the_run() {
    let policy = Policy::fixed(Duration::MAX)
        .unlimited_attempts()
        .max_elapsed(Duration::from_secs(1));
    let probe = Probe::<_, ()>::replying([Err("no")]);
    assert_eq!(
        RetryLayer::new(policy, TokioSleeper).layer(probe).oneshot(()).await,
        Err("no")
    );
}
