//! Twenty callers of one server. The first is answered 429 with `Retry-After: 1`, and all of them wait: 21 calls in all.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header::RETRY_AFTER};
use axum::response::IntoResponse;
use http_body_util::Full;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use persevere::http::transient;
use persevere::limit::Pause;
use persevere::tower::BoxError;
use persevere::{Policy, RetryError, Sleeper, TokioSleeper};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

const CALLERS: u32 = 20;

/// Two attempts for each call. A wait for the pause is not an attempt.
static POLICY: Policy = Policy::exponential(Duration::from_millis(50)).max_attempts(2);
static PAUSE: Pause = Pause::new().at_most(Duration::from_secs(10));

/// Calls the server, and waits while it throttles any of the callers.
async fn call(client: Client<HttpConnector, Full<Bytes>>, url: Uri) -> Result<StatusCode, RetryError<BoxError>> {
    let policy = POLICY.classify_outcome(transient().repeatable(true));
    let run = policy
        .on(TokioSleeper)
        .timeout(Duration::from_secs(30))
        .pace(&PAUSE)
        .accept_last();
    let response = run.run(|| {
        let response = client.get(url.clone());
        async { response.await.map_err(BoxError::from) }
    });
    Ok(response.await?.status())
}

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let (began, server) = (Instant::now(), Arc::new(Server::default()));
    let url: Uri = format!("http://{}/", serve(server.clone()).await?).parse()?;
    let client = Client::builder(TokioExecutor::new()).build_http();

    let mut callers = JoinSet::new();
    for n in 0..CALLERS {
        let (client, url) = (client.clone(), url.clone());
        callers.spawn(async move {
            // The others come while the server throttles the first.
            while n > 0 && PAUSE.paused_for(TokioSleeper.now()).is_none() {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            let status = call(client, url).await;
            println!("{:>5} ms  caller {n:>2}: {status:?}", began.elapsed().as_millis());
            status
        });
    }
    for status in callers.join_all().await {
        assert_eq!(status.map_err(RetryError::boxed)?, StatusCode::OK);
    }
    let [calls, throttled] = [&server.calls, &server.throttled].map(|count| count.load(Ordering::Relaxed));
    println!("{calls} calls, {throttled} of them throttled");
    assert_eq!((calls, throttled), (CALLERS + 1, 1));
    Ok(())
}

/// A server that throttles everybody for a second after its first call.
#[derive(Debug, Default)]
struct Server {
    calls: AtomicU32,
    throttled: AtomicU32,
    began: OnceLock<Instant>,
}

async fn serve(server: Arc<Server>) -> std::io::Result<SocketAddr> {
    let answer = async |State(server): State<Arc<Server>>| {
        server.calls.fetch_add(1, Ordering::Relaxed);
        let began = server.began.get_or_init(Instant::now);
        if began.elapsed() < Duration::from_secs(1) {
            server.throttled.fetch_add(1, Ordering::Relaxed);
            return (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")]).into_response();
        }
        "well".into_response()
    };
    let router = Router::new().fallback(answer).with_state(server);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(address)
}
