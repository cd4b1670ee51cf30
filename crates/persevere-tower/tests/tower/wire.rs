//! Real connections: hyper-util's client and reqwest's as services, axum as the server and as the service below.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use persevere::http::transient;
use persevere::tower::replay::{self, ReplayBody};
use persevere::tower::{Buffered, HttpClone, RetryLayer};
use persevere::{Policy, TokioSleeper, Verdict};
use persevere_testkit::{Fault, FaultProxy};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tower::{Layer, Service, ServiceExt};

/// The bodies that a server has received.
type Received = Arc<Mutex<Vec<String>>>;

/// Reads the whole body, and replies with 503 twice and then with the body.
async fn echo_at_last(State(received): State<Received>, request: Request) -> Response {
    let body = match request.into_body().collect().await {
        Ok(body) => String::from_utf8(body.to_bytes().into()).unwrap(),
        Err(error) => return (StatusCode::BAD_REQUEST, error.to_string()).into_response(),
    };
    let mut received = received.lock().unwrap();
    received.push(body.clone());
    if received.len() < 3 {
        return (StatusCode::SERVICE_UNAVAILABLE, "busy").into_response();
    }
    body.into_response()
}

/// Replies with 503 without a look at the body.
async fn shed(State(received): State<Received>) -> StatusCode {
    received.lock().unwrap().push(String::new());
    StatusCode::SERVICE_UNAVAILABLE
}

fn router(received: &Received) -> Router {
    Router::new()
        .route("/echo", axum::routing::any(echo_at_last))
        .route("/shed", axum::routing::any(shed))
        .with_state(received.clone())
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async { axum::serve(listener, router).await });
    address
}

/// A server, and what it has received.
async fn server() -> (SocketAddr, Received) {
    let received = Received::default();
    (serve(router(&received)).await, received)
}

fn accept_others<B, E>(outcome: &Result<http::Response<B>, E>) -> Verdict {
    match outcome {
        Ok(response) if response.status() != 503 => Verdict::Accept,
        Ok(_) | Err(_) => Verdict::Retry,
    }
}

macro_rules! retries {
    () => {{
        let policy = Policy::fixed(Duration::from_millis(1))
            .max_attempts(4)
            .classify_outcome_with(accept_others);
        RetryLayer::new(policy, TokioSleeper)
    }};
}

async fn text<B: http_body::Body<Error: std::fmt::Debug>>(response: http::Response<B>) -> String {
    String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().into()).unwrap()
}

#[tokio::test]
async fn client_of_hyper_sends_a_buffered_body_again() {
    let (address, received) = server().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut service = retries!().replay(Buffered::up_to(1024)).layer(client);
    let request = http::Request::post(format!("http://{address}/echo"))
        .body(Full::new(Bytes::from_static(b"hello")))
        .unwrap();
    let response = service.ready().await.unwrap().call(request).await.unwrap();
    assert_eq!(text(response).await, "hello");
    assert_eq!(*received.lock().unwrap(), ["hello"; 3]);
}

/// A body of which the test sends the frames.
struct Streamed(mpsc::UnboundedReceiver<&'static str>);

fn streamed() -> (mpsc::UnboundedSender<&'static str>, Streamed) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (sender, Streamed(receiver))
}

impl http_body::Body for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let chunk = ready!(self.0.poll_recv(context));
        Poll::Ready(chunk.map(|chunk| Ok(Frame::data(Bytes::from_static(chunk.as_bytes())))))
    }
}

#[tokio::test]
async fn streamed_body_is_sent_as_it_comes_and_then_again() {
    let (address, received) = server().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let service = retries!().replay(Buffered::up_to(1024)).layer(client);
    let (chunks, body) = streamed();
    let request = http::Request::post(format!("http://{address}/echo"))
        .body(body)
        .unwrap();
    let call = tokio::spawn(service.oneshot(request));
    for chunk in ["he", "ll", "o"] {
        tokio::task::yield_now().await;
        chunks.send(chunk).unwrap();
    }
    drop(chunks);
    assert_eq!(text(call.await.unwrap().unwrap()).await, "hello");
    assert_eq!(*received.lock().unwrap(), ["hello"; 3]);
}

#[tokio::test]
async fn longer_streamed_body_is_sent_whole_and_once() {
    let (address, received) = server().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let service = retries!().replay(Buffered::up_to(4)).layer(client);
    let (chunks, body) = streamed();
    let request = http::Request::post(format!("http://{address}/echo"))
        .body(body)
        .unwrap();
    for chunk in ["he", "ll", "o"] {
        chunks.send(chunk).unwrap();
    }
    drop(chunks);
    assert_eq!(service.oneshot(request).await.unwrap().status(), 503);
    assert_eq!(*received.lock().unwrap(), ["hello"]);
}

#[tokio::test]
async fn response_that_comes_before_the_end_of_the_body_is_returned() {
    let (address, received) = server().await;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let service = retries!().replay(Buffered::up_to(1024)).layer(client);
    let (chunks, body) = streamed();
    chunks.send("the first of many").unwrap();
    let request = http::Request::post(format!("http://{address}/shed"))
        .body(body)
        .unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), 503);
    assert_eq!(received.lock().unwrap().len(), 1);
    drop(chunks);
}

#[tokio::test]
async fn requests_of_reqwest_are_repeated_by_a_closure() {
    let (address, received) = server().await;
    let policy = Policy::fixed(Duration::from_millis(1)).classify_outcome_with(
        |outcome: &reqwest::Result<reqwest::Response>| match outcome {
            Ok(response) if response.status() != 503 => Verdict::Accept,
            Ok(_) | Err(_) => Verdict::Retry,
        },
    );
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let layer = RetryLayer::new(policy, TokioSleeper).replay(replay::by(reqwest::Request::try_clone));
    let mut service = layer.layer(client.clone());
    let request = client
        .post(format!("http://{address}/echo"))
        .body("hello")
        .build()
        .unwrap();
    let response = service.ready().await.unwrap().call(request).await.unwrap();
    assert_eq!(response.text().await.unwrap(), "hello");
    assert_eq!(*received.lock().unwrap(), ["hello"; 3]);
}

#[tokio::test]
async fn reset_and_truncated_connections_are_tried_again() {
    let (address, received) = server().await;
    let proxy = FaultProxy::start(address, [Fault::Reset, Fault::Truncate(5)]).unwrap();
    let client = Client::builder(TokioExecutor::new()).build_http();
    let service = retries!().replay(Buffered::up_to(1024)).layer(client);
    let request = http::Request::put(format!("http://{}/echo", proxy.address()))
        .body(Full::new(Bytes::from_static(b"hello")))
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    // Reset, truncated, 503, and the echo.
    assert_eq!(text(response).await, "hello");
    assert_eq!(*received.lock().unwrap(), ["hello"; 3]);
}

#[tokio::test]
async fn layer_of_an_axum_router_sends_the_body_to_its_handler_again() {
    let received = Received::default();
    let router = router(&received).layer(retries!().replay(Buffered::up_to(1024)));
    let address = serve(router).await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client
        .post(format!("http://{address}/echo"))
        .body("hello")
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), "hello");
    assert_eq!(*received.lock().unwrap(), ["hello"; 3]);
}

#[tokio::test]
async fn body_of_hyper_is_passed_on_by_a_proxy() {
    let (address, received) = server().await;
    type Body = ReplayBody<axum::body::Body>;
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let service = retries!().replay(Buffered::up_to(1024)).layer(client);
    let proxy = Router::new().fallback(move |mut request: Request| {
        let service = service.clone();
        async move {
            *request.uri_mut() = format!("http://{address}/echo").parse().unwrap();
            service
                .oneshot(request)
                .await
                .map_err(|error| (StatusCode::BAD_GATEWAY, error.to_string()))
        }
    });
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client
        .post(format!("http://{}/", serve(proxy).await))
        .body("hello")
        .send()
        .await
        .unwrap();
    assert_eq!(response.text().await.unwrap(), "hello");
    assert_eq!(*received.lock().unwrap(), ["hello"; 3]);
}

/// How many times a server is reached through a proxy with these faults, and whether the last response is 200.
async fn through(faults: &[Fault], method: http::Method) -> (usize, bool) {
    let address = serve(Router::new().fallback(|| async { "hello" })).await;
    let proxy = FaultProxy::start(address, faults.iter().copied()).unwrap();
    let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(4);
    let policy = move |request: &http::Request<Full<Bytes>>| {
        policy.classify_outcome(transient().for_request(request.method(), request.headers()))
    };
    // Layers of tower box their errors, as this does.
    let client = Client::builder(TokioExecutor::new())
        .pool_max_idle_per_host(0)
        .build_http();
    let client = client.map_err(tower::BoxError::from);
    let service = RetryLayer::by(policy, TokioSleeper).replay(HttpClone).layer(client);
    let uri = format!("http://{}/", proxy.address());
    let request = http::Request::builder().method(method).uri(uri).body(Full::default());
    let outcome = service.oneshot(request.unwrap()).await;
    (
        proxy.connections(),
        outcome.is_ok_and(|response| response.status() == 200),
    )
}

#[tokio::test]
async fn errors_of_hyper_in_a_box_are_classified() {
    let lost = [Fault::Truncate(0), Fault::Truncate(20), Fault::Reset];
    assert_eq!(through(&lost, http::Method::GET).await, (4, true));
    // A connection that ends before a byte of the response may count as never sent.
    assert_eq!(through(&[Fault::Truncate(20)], http::Method::POST).await, (1, false));
}
