//! [`GrpcLayer`]: retries the unary calls of a channel.
//!
//! The other types of this module are parts of its type; you need not name them.

mod answer;
mod deadlines;
mod grpc;
mod statuses;
mod unary;

pub use answer::Answer;
pub use deadlines::Deadlines;
pub use grpc::{Grpc, GrpcFuture};
pub use statuses::{Statuses, StatusesFuture};
pub use unary::Unary;

use persevere_core::budget::Budget;
use persevere_core::gate::Gate;
use persevere_core::sleeper::AwaitedBy;
use persevere_core::{Clock, Sleeper};
use persevere_tower::retry::{Explained, Never, NoGuards, WithBudget, WithGate, WithPace};
use persevere_tower::{Retry, RetryLayer};
use tower_layer::Layer;

/// Retries the unary calls of a channel, for all methods of all generated clients on it.
///
/// - The messages of a request are buffered while the first attempt sends them, up to [`up_to`](GrpcLayer::up_to) bytes. A
///   call with more is made once.
/// - The policy judges a response with a status in its headers, or in its trailers before any message. Once a message
///   has come, the response is the caller's, and the call is not retried.
/// - A call ends within its `grpc-timeout` (tonic's `Request::set_timeout`), all attempts and waits together. Each attempt
///   sends what is left, and 100 ms more, as [`Repeat::attempt`](crate::Repeat::attempt) does.
/// - Each attempt after the first carries `grpc-previous-rpc-attempts`, and the
///   [`Attempt`](persevere_core::Attempt) is in the extensions of its request.
/// - A call that is given up returns its last status. Without one, the status is `DEADLINE_EXCEEDED` if the time was over,
///   `UNAVAILABLE` if a circuit breaker rejected the call, `CANCELLED` if it was cancelled.
///
/// A call with a stream of responses waits for the first message before its response is returned. A channel for such calls
/// alone is better used without this layer.
///
/// # Examples
///
/// ```
/// use persevere::{Policy, TokioSleeper, backoff::Exponential};
/// use persevere_tonic::{Codes, GrpcLayer, codes};
/// use std::time::Duration;
/// use tonic::{Code, transport::Endpoint};
/// use tonic_health::pb::health_client::HealthClient;
/// use tower::ServiceBuilder;
///
/// static RPC: Policy<Exponential, Codes> =
///     Policy::exponential(Duration::from_millis(100)).max_attempts(4).classify(codes([Code::Unavailable]));
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let channel = Endpoint::from_static("http://localhost:50051").connect_lazy();
/// let channel = ServiceBuilder::new().layer(GrpcLayer::new(&RPC, TokioSleeper)).service(channel);
/// let client = HealthClient::new(channel);
/// # let _ = client;
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "a layer does nothing until it wraps a service"]
pub struct GrpcLayer<P, S, O = (), Q = NoGuards> {
    retry: RetryLayer<Deadlines<P>, S, O, Q, Unary, Never, Explained>,
}

/// How much of a request is buffered by default: what grpc-go buffers of a call (`MaxRetryRPCBufferSize`).
const BUFFERED: usize = 256 * 1024;

impl<P, S> GrpcLayer<P, S> {
    /// Retries by `policy`, whose classifier judges [`tonic::Status`], and waits on `sleeper`.
    pub fn new(policy: P, sleeper: S) -> Self
    where
        S: Sleeper<Sleep: AwaitedBy<S>>,
    {
        let retry = RetryLayer::with_policies(Deadlines(policy), sleeper);
        GrpcLayer {
            retry: retry.replay(Unary::up_to(BUFFERED)).explained(),
        }
    }
}

impl<P, S, O, Q> GrpcLayer<P, S, O, Q> {
    /// Buffers up to `max` bytes of each request: 256 KiB by default.
    pub fn up_to(self, max: usize) -> Self {
        GrpcLayer {
            retry: self.retry.replay(Unary::up_to(max)),
        }
    }

    /// Adds `observer`, which receives every event: see [`RetryLayer::observe`].
    pub fn observe<N>(self, observer: N) -> GrpcLayer<P, S, (O, N), Q> {
        GrpcLayer {
            retry: self.retry.observe(observer),
        }
    }

    /// Asks a budget before each retry: see [`RetryLayer::budget`]. The budget of gRPC is `GrpcThrottle`, one for each
    /// server name.
    pub fn budget<B: Budget>(self, budget: B) -> GrpcLayer<P, S, O, WithBudget<Q, B>> {
        GrpcLayer {
            retry: self.retry.budget(budget),
        }
    }

    /// Waits before each attempt until a gate admits it: see [`RetryLayer::pace`].
    pub fn pace<N: Gate>(self, gate: N) -> GrpcLayer<P, S, O, WithPace<Q, N>> {
        GrpcLayer {
            retry: self.retry.pace(gate),
        }
    }

    /// Asks a circuit breaker before each attempt: see [`RetryLayer::breaker`].
    pub fn breaker<N: Gate>(self, breaker: N) -> GrpcLayer<P, S, O, WithGate<Q, N>>
    where
        S: Clock,
    {
        GrpcLayer {
            retry: self.retry.breaker(breaker),
        }
    }
}

impl<V, P, S, O, Q> Layer<V> for GrpcLayer<P, S, O, Q>
where
    Self: Clone,
    P: Clone,
    S: Clone,
    O: Clone,
    Q: Clone,
{
    type Service = Grpc<Retry<Statuses<V>, RetryLayer<Deadlines<P>, S, O, Q, Unary, Never, Explained>>>;

    fn layer(&self, channel: V) -> Self::Service {
        Grpc::new(self.retry.layer(Statuses::new(channel)))
    }
}
