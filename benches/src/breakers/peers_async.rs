//! The peers that a task can call. circuitbreaker-rs can be called so too, but only with all of tokio.

use super::peers::{failsafe_consecutive, failsafe_rate, recloser};
use super::{Down, FAILURES, LEAST, OPEN_FOR, RATE, WINDOW, opened, succeed_async};
use crate::case::{Job, case, complete};
use breaker::{CircuitBreaker, CircuitBreakerConfig, CircuitBreakerError};
use failsafe::futures::CircuitBreaker as _;
use recloser::AsyncRecloser;
use std::convert::identity;
use std::future::{Future, ready};
use tower::{Layer, Service};
use tower_resilience_circuitbreaker::{
    CircuitBreakerConfigBuilder, CircuitBreakerError as TowerError, CircuitBreakerLayer, DefaultClassifier,
};

/// Opens by consecutive failures and by the rate over the last calls, always both.
fn both() -> CircuitBreaker {
    let config = CircuitBreakerConfig::builder()
        .consecutive_failures(FAILURES)
        .sliding_window_size(WINDOW)
        .minimum_calls(LEAST)
        .failure_rate_threshold(RATE as f32)
        .wait_duration(OPEN_FOR);
    CircuitBreaker::new(config.build())
}

fn both_open() -> CircuitBreaker {
    opened(
        both(),
        |breaker| complete(breaker.call(|| ready(Err::<u32, _>(Down))), identity),
        |error| matches!(error, CircuitBreakerError::CircuitOpen),
    )
}

fn layer() -> CircuitBreakerConfigBuilder<DefaultClassifier> {
    CircuitBreakerLayer::builder().wait_duration_in_open(OPEN_FOR)
}

/// A service with this breaker, around an operation.
fn service<F: Future<Output = Result<u32, Down>> + Send + 'static>(
    breaker: CircuitBreakerConfigBuilder<DefaultClassifier>,
    operation: fn() -> F,
) -> impl Service<(), Response = u32, Error = TowerError<Down>> {
    let layer = breaker.build().expect("numbers that the layer takes");
    layer.layer(tower::service_fn(move |()| operation()))
}

#[inline]
async fn request<S: Service<()>>(service: &mut S) -> Result<S::Response, S::Error> {
    std::future::poll_fn(|context| service.poll_ready(context)).await?;
    service.call(()).await
}

pub(super) fn cases(job: Job) {
    let consecutive = || layer().consecutive_failures(FAILURES as usize);
    let rate = || {
        let size = layer()
            .sliding_window_size(WINDOW as usize)
            .minimum_number_of_calls(LEAST as usize);
        size.failure_rate_threshold(RATE)
    };
    case!(job, "breaker-async/breaker/consecutive", let breaker = both(); 0, |_operation| async
        breaker.call(succeed_async));
    case!(job, "breaker-async/breaker/last100", let breaker = both(); 0, |_operation| async
        breaker.call(succeed_async));
    case!(job, "breaker-async/breaker/open", let breaker = both_open(); 0, |_operation| async
        breaker.call(succeed_async));
    case!(job, "breaker-async/failsafe/consecutive", let breaker = failsafe_consecutive(); 0, |_operation| async
        breaker.call(succeed_async()));
    case!(job, "breaker-async/failsafe/last100", let breaker = failsafe_rate(); 0, |_operation| async
        breaker.call(succeed_async()));
    case!(job, "breaker-async/failsafe/open", let breaker = opened(failsafe_consecutive(), |breaker| {
        complete(breaker.call(ready(Err::<u32, _>(Down))), identity)
    }, |error| matches!(error, failsafe::Error::Rejected)); 0, |_operation| async breaker.call(succeed_async()));
    case!(job, "breaker-async/recloser/last100", let breaker = AsyncRecloser::from(recloser()); 0, |_operation| async
        breaker.call(succeed_async()));
    case!(job, "breaker-async/recloser/open", let breaker = opened(AsyncRecloser::from(recloser()), |breaker| {
        complete(breaker.call(ready(Err::<u32, _>(Down))), identity)
    }, |error| matches!(error, recloser::Error::Rejected)); 0, |_operation| async breaker.call(succeed_async()));

    case!(job, "breaker-async/tower-resilience/consecutive", let breaker = service(consecutive(), succeed_async); 0,
        |_operation| async request(breaker));
    case!(job, "breaker-async/tower-resilience/last100", let breaker = service(rate(), succeed_async); 0,
        |_operation| async request(breaker));
    case!(job, "breaker-async/tower-resilience/open", let breaker = opened(
        service(consecutive(), || ready(Err(Down))),
        |breaker| complete(request(breaker), identity),
        |error| matches!(error, TowerError::OpenCircuit)
    ); 0, |_operation| async request(breaker));
}
