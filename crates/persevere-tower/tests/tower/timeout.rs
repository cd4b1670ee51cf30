//! `TimeoutLayer`.

use crate::probe::{Probe, Reply};
use persevere::TokioSleeper;
use persevere::Verdict;
use persevere::classify::{ByError, Classifier, within_dyn};
use persevere::tower::{BoxError, TimedOut, TimeoutLayer};
use std::time::Duration;
use tower::{Layer, ServiceExt};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn call_that_takes_longer_times_out() {
    let probe = Probe::<_, ()>::new([Reply::After(3 * SECOND, Ok(()))]);
    let start = tokio::time::Instant::now();
    let error = TimeoutLayer::new(2 * SECOND, TokioSleeper)
        .layer(probe.clone())
        .oneshot(())
        .await
        .unwrap_err();
    assert_eq!(start.elapsed(), 2 * SECOND);
    assert_eq!(error.downcast_ref::<TimedOut>().unwrap().limit(), 2 * SECOND);
    assert_eq!(probe.in_flight(), 0);
    assert_eq!(within_dyn::<TimedOut, _>(ByError).classify(&error), Verdict::Retry);
    assert_eq!(
        within_dyn::<std::io::Error, _>(ByError).classify(&error),
        Verdict::Retry
    );
}

#[tokio::test(start_paused = true)]
async fn call_within_its_limit_returns_its_outcome() {
    let limit = TimeoutLayer::new(2 * SECOND, TokioSleeper);
    assert_eq!(
        limit
            .layer(Probe::new([Reply::After(SECOND, Ok(7))]))
            .oneshot(())
            .await
            .unwrap(),
        7
    );
    let error: BoxError = limit
        .layer(Probe::<_, ()>::replying([Err("no")]))
        .oneshot(())
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "no");
}

#[tokio::test(start_paused = true)]
async fn limits_of_zero_and_of_ever() {
    let ready = || Probe::replying([Ok(7)]);
    for limit in [Duration::ZERO, Duration::MAX] {
        assert_eq!(
            TimeoutLayer::new(limit, TokioSleeper)
                .layer(ready())
                .oneshot(())
                .await
                .unwrap(),
            7
        );
    }
    let slow = Probe::<_, ()>::new([Reply::Never]);
    assert!(
        TimeoutLayer::new(Duration::ZERO, TokioSleeper)
            .layer(slow)
            .oneshot(())
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn limit_depends_on_the_request() {
    let limit = |seconds: &u64| (*seconds > 0).then(|| Duration::from_secs(*seconds));
    let layer = TimeoutLayer::by(limit, TokioSleeper);
    let slow = || Probe::new([Reply::After(5 * SECOND, Ok(7))]);
    assert_eq!(
        layer.layer(slow()).oneshot(4).await.unwrap_err().to_string(),
        "timed out after 4s"
    );
    assert_eq!(layer.layer(slow()).oneshot(6).await.unwrap(), 7);
    assert_eq!(layer.layer(slow()).oneshot(0).await.unwrap(), 7, "no limit");
}
