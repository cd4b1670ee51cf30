//! Other attributes on the same function: `#[async_trait]`, `#[tracing::instrument]` above and below.

use crate::calls::{SharedCalls, yielding};
use async_trait::async_trait;
use persevere::{RetryError, SharedPolicy, retry};
use persevere_contract::executor::block_on;
use persevere_testkit::VirtualTime;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use tracing::instrument;

type Request = Vec<u32>;

#[async_trait]
trait Transport {
    async fn send(&mut self, request: Request, calls: &SharedCalls) -> Result<usize, &'static str>;

    async fn pairs(&self, pair: (u32, String), calls: &SharedCalls) -> Result<String, RetryError<String>>;

    #[retry(sleeper = yielding())]
    async fn ping(&self, calls: &SharedCalls) -> Result<u32, &'static str> {
        tokio::task::yield_now().await;
        calls.call()
    }
}

struct Client {
    policy: SharedPolicy<String>,
    sent: u32,
}

#[async_trait]
impl Transport for Client {
    #[retry(sleeper = yielding(), clone(request), on_retry = |_, _, _| ())]
    async fn send(&mut self, mut request: Request, calls: &SharedCalls) -> Result<usize, &'static str> {
        self.sent += 1;
        request.push(calls.call()?);
        Ok(request.into_boxed_slice().len())
    }

    #[retry(policy = &self.policy, max_attempts = self::attempts(), sleeper = yielding(), clone(b))]
    async fn pairs(&self, (a, mut b): (u32, String), calls: &SharedCalls) -> Result<String, RetryError<String>> {
        b.push_str(&a.to_string());
        tokio::task::yield_now().await;
        let text = format!("{b}{}", calls.call()?);
        drop(b);
        return Ok(text);
    }
}

fn attempts() -> u32 {
    4
}

fn client() -> Client {
    Client {
        policy: persevere::Policy::fixed(std::time::Duration::from_secs(1)).shared(),
        sent: 0,
    }
}

/// M3: the boxed futures stay `Send` and behind `dyn`.
#[tokio::test]
async fn async_trait_method_is_retried() {
    let counted = tokio::spawn(async {
        let mut client: Box<dyn Transport + Send + Sync> = Box::new(client());
        let calls = [2, 2, 3].map(SharedCalls::failing);
        assert_eq!(client.send(vec![1, 2], &calls[0]).await, Ok(3));
        assert_eq!(client.ping(&calls[1]).await, Ok(3));
        assert_eq!(client.pairs((1, String::from("b")), &calls[2]).await.unwrap(), "b14");
        let failing = SharedCalls::failing(u32::MAX);
        assert_eq!(
            client
                .pairs((1, String::from("b")), &failing)
                .await
                .unwrap_err()
                .attempts(),
            4
        );
        calls.map(|calls| calls.made())
    });
    assert_eq!(counted.await.unwrap(), [3, 3, 4]);
    let mut client = client();
    assert_eq!(client.send(vec![1, 2], &SharedCalls::failing(9)).await, Err("no"));
    assert_eq!(client.sent, 3);
}

#[retry(sleeper = VirtualTime::new())]
#[instrument(skip(calls))]
fn above(name: &str, calls: &SharedCalls) -> Result<u32, &'static str> {
    tracing::info!("attempt");
    calls.call()
}

#[instrument(skip(calls))]
#[retry(sleeper = VirtualTime::new())]
fn below(name: &str, calls: &SharedCalls) -> Result<u32, &'static str> {
    tracing::info!("attempt");
    calls.call()
}

#[retry(sleeper = yielding())]
#[instrument(skip(calls), err)]
async fn above_async(name: &str, mut owned: Vec<u32>, calls: &SharedCalls) -> Result<u32, &'static str> {
    tracing::info!("attempt");
    owned.push(1);
    calls.call()
}

#[instrument(skip(calls), err)]
#[retry(sleeper = yielding(), clone(owned))]
async fn below_async(name: &str, mut owned: Vec<u32>, calls: &SharedCalls) -> Result<u32, &'static str> {
    tracing::info!("attempt");
    owned.push(1);
    assert_eq!(owned, [1], "each attempt has a clone");
    calls.call()
}

/// Counts spans, and events inside a span.
#[derive(Default)]
struct Count {
    spans: AtomicU32,
    open: Mutex<Vec<u64>>,
    inside: AtomicU32,
}

struct Counting(std::sync::Arc<Count>);

impl tracing::Subscriber for Counting {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(u64::from(self.0.spans.fetch_add(1, Ordering::SeqCst)) + 1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        if *event.metadata().level() == tracing::Level::INFO && !self.0.open.lock().unwrap().is_empty() {
            self.0.inside.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn enter(&self, span: &tracing::span::Id) {
        self.0.open.lock().unwrap().push(span.into_u64());
    }

    fn exit(&self, span: &tracing::span::Id) {
        assert_eq!(self.0.open.lock().unwrap().pop(), Some(span.into_u64()));
    }
}

/// The number of spans that `run` opens, and of its attempts inside a span.
fn traced<T>(run: impl FnOnce() -> T) -> (u32, u32, T) {
    let count = std::sync::Arc::new(Count::default());
    let result = tracing::subscriber::with_default(Counting(count.clone()), run);
    (
        count.spans.load(Ordering::SeqCst),
        count.inside.load(Ordering::SeqCst),
        result,
    )
}

/// Attributes expand from the top down: `#[instrument]` below `#[retry]` opens one span, above it one per attempt.
#[test]
fn instrument_opens_spans_on_either_side() {
    let calls = || SharedCalls::failing(2);
    assert_eq!(traced(|| above("a", &calls())), (1, 3, Ok(3)));
    assert_eq!(traced(|| below("b", &calls())), (3, 3, Ok(3)));
    assert_eq!(traced(|| block_on(above_async("a", vec![], &calls()))), (1, 3, Ok(3)));
    assert_eq!(traced(|| block_on(below_async("b", vec![], &calls()))), (3, 3, Ok(3)));
}
