//! For library authors: a client that stores its policy and its sleeper without type parameters in its API.
//!
//! The client is behind a trait that users can mock. The same client runs on tokio, smol and async-std.

use async_trait::async_trait;
use persevere::{
    AsyncSleeper, AsyncStdSleeper, Policy, RetryError, SharedPolicy, SharedSleeper, SmolSleeper, StopReason,
    TokioSleeper,
};
use persevere_examples::{HttpError, Reply, Script, Server};
use persevere_examples_runtimes::on_smol;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

type Price = Result<String, RetryError<HttpError>>;

/// The library's API.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Returns the price of an item.
    async fn price(&self, item: &str) -> Price;
}

/// A catalog on an HTTP server.
pub struct HttpCatalog {
    server: SocketAddr,
    policy: SharedPolicy<HttpError>,
    sleeper: SharedSleeper,
}

impl HttpCatalog {
    /// Creates a client with a policy for this server. The caller supplies the sleeper of the executor.
    pub fn new(server: SocketAddr, sleeper: impl AsyncSleeper<Sleep: Send> + Send + Sync + 'static) -> Self {
        let policy = Policy::exponential(Duration::from_millis(20))
            .max_delay(Duration::from_secs(1))
            .max_attempts(4)
            .attempt_timeout(Duration::from_millis(500))
            .retry_if(HttpError::is_transient);
        HttpCatalog {
            server,
            policy: policy.shared(),
            sleeper: sleeper.shared(),
        }
    }
}

#[async_trait]
impl Catalog for HttpCatalog {
    async fn price(&self, item: &str) -> Price {
        self.policy.on(&self.sleeper).run(|| on_smol(self.server, item)).await
    }
}

/// The application's part, which depends on the trait only and not on retries or the executor.
async fn shop(catalog: Arc<dyn Catalog>, items: [&str; 2]) -> [Price; 2] {
    [catalog.price(items[0]).await, catalog.price(items[1]).await]
}

const NEVER: Reply = Reply::Late(Duration::from_secs(5), "too late");
const SCRIPT: [Script; 2] = [
    ("tea", &[Reply::Reset, NEVER, Reply::Status(503), Reply::Page("5.20")]),
    ("gold", &[Reply::Status(404)]),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start(SCRIPT)?;
    let at = server.address();

    let runtime = tokio::runtime::Runtime::new()?;
    let catalog = Arc::new(HttpCatalog::new(at, TokioSleeper));
    let on_tokio = runtime.block_on(runtime.spawn(shop(catalog, ["/tokio/tea", "/tokio/gold"])))?;

    let catalog = Arc::new(HttpCatalog::new(at, SmolSleeper));
    let on_smol = smol::block_on(smol::spawn(shop(catalog, ["/smol/tea", "/smol/gold"])));

    let catalog = Arc::new(HttpCatalog::new(at, AsyncStdSleeper));
    let task = async_std::task::spawn(shop(catalog, ["/async-std/tea", "/async-std/gold"]));
    let on_async_std = async_std::task::block_on(task);

    for (name, [tea, gold]) in [("tokio", on_tokio), ("smol", on_smol), ("async-std", on_async_std)] {
        let (tea, gold) = (tea?, gold.unwrap_err());
        println!("{name}: tea costs {tea}; gold: {gold:#}");
        assert_eq!((tea.as_str(), server.requests(&format!("/{name}/tea"))), ("5.20", 4));
        assert_eq!(
            (gold.reason(), server.requests(&format!("/{name}/gold"))),
            (StopReason::Permanent, 1)
        );
    }
    Ok(())
}
