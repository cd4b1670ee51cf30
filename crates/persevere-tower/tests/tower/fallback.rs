//! Fallbacks by tower's own combinators.

use crate::probe::Probe;
use persevere::tower::RetryLayer;
use persevere::{Policy, RetryError, TokioSleeper};
use std::time::Duration;
use tower::{Service, ServiceBuilder, ServiceExt};

type Outcome = Result<u16, RetryError<&'static str>>;

/// A fallback on values stands above the retries, and answers for the whole call.
#[tokio::test(start_paused = true)]
async fn map_result_above_the_retries_answers_for_the_call() {
    let probe = Probe::<_, u16>::replying([Err("down"), Err("down"), Err("down")]);
    let mut service = ServiceBuilder::new()
        .map_result(|outcome: Outcome| Ok::<_, RetryError<&str>>(outcome.unwrap_or(203)))
        .layer(RetryLayer::new(Policy::fixed(Duration::from_secs(1)), TokioSleeper).explained())
        .service(probe.clone());
    assert_eq!(service.ready().await.unwrap().call(()).await.unwrap(), 203);
    assert_eq!(probe.calls(), 3);
}

/// A fallback that is a call itself, such as of a replica, is made once the retries have given up.
#[tokio::test(start_paused = true)]
async fn then_calls_another_service_after_the_retries() {
    let (probe, replica) = (
        Probe::<_, u16>::replying([Err("down"), Err("down"), Err("down")]),
        Probe::replying([Ok(200)]),
    );
    let other = replica.clone();
    let mut service = ServiceBuilder::new()
        .then(move |outcome: Outcome| {
            let other = other.clone();
            async move {
                match outcome {
                    Ok(status) => Ok(status),
                    Err(_) => other.oneshot(()).await.map_err(RetryError::permanent),
                }
            }
        })
        .layer(RetryLayer::new(Policy::fixed(Duration::from_secs(1)), TokioSleeper).explained())
        .service(probe.clone());
    assert_eq!(service.ready().await.unwrap().call(()).await.unwrap(), 200);
    assert_eq!((probe.calls(), replica.calls()), (3, 1));
}
