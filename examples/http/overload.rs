//! A server that works on eight requests at once, and six times as many callers. Without a limit they wait in the server's
//! queue. An adaptive limit finds the eight, and the server answers as fast as when it is idle. Prints both.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::Uri;
use http_body_util::Full;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use persevere::limit::{AdaptiveLimit, Gradient2};
use persevere::tower::BoxError;
use persevere::{Policy, TokioSleeper};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

const WORKERS: usize = 8;
const CALLERS: usize = 48;
const SERVICE: Duration = Duration::from_millis(20);

static POLICY: Policy = Policy::exponential(Duration::from_millis(50));
static LIMIT: AdaptiveLimit = AdaptiveLimit::new(Gradient2::new()).window(Duration::from_millis(50));

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let url: Uri = format!("http://{}/", serve().await?).parse()?;
    let unlimited = load(&url, None, Duration::from_secs(1)).await?;
    // Time to find the limit.
    load(&url, Some(&LIMIT), Duration::from_secs(4)).await?;
    let limited = load(&url, Some(&LIMIT), Duration::from_secs(1)).await?;

    let print = |name: &str, (answers, median): (usize, Duration)| {
        println!("{name:<14} {answers:>4} answers a second, each in {median:.0?}");
    };
    print("without limit", unlimited);
    print(&format!("limit of {}", LIMIT.limit()), limited);
    assert!(limited.1 < unlimited.1 / 2, "the queue is gone");
    assert!(limited.0 > unlimited.0 / 2, "the server is as busy");
    Ok(())
}

/// All callers call for the given time. Returns the number of answers, and the median of the response times.
async fn load(url: &Uri, limit: Option<&'static AdaptiveLimit>, time: Duration) -> Result<(usize, Duration), BoxError> {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let end = Instant::now() + time;
    let mut callers = JoinSet::new();
    for _ in 0..CALLERS {
        let (client, url) = (client.clone(), url.clone());
        callers.spawn(async move {
            let mut times = vec![];
            while Instant::now() < end {
                let run = POLICY.on(TokioSleeper).pace(limit);
                let answer = run.run(|| {
                    let (began, answer) = (Instant::now(), client.get(url.clone()));
                    async move { answer.await.map(|_| began.elapsed()) }
                });
                times.push(answer.await?);
            }
            Ok::<_, BoxError>(times)
        });
    }
    let mut times = vec![];
    for caller in callers.join_all().await {
        times.extend(caller?);
    }
    times.sort_unstable();
    Ok((times.len(), times[times.len() / 2]))
}

/// A server with a queue before its workers.
async fn serve() -> std::io::Result<SocketAddr> {
    let answer = async |State(workers): State<Arc<Semaphore>>| {
        let _worker = workers.acquire().await;
        tokio::time::sleep(SERVICE).await;
        "done"
    };
    let router = Router::new()
        .fallback(answer)
        .with_state(Arc::new(Semaphore::new(WORKERS)));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async { axum::serve(listener, router).await });
    Ok(address)
}
