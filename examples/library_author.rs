//! For authors of libraries: a client that retries by a stored policy on a stored sleeper, without a type parameter
//! in its API, behind a trait that others may mock. The same client runs on tokio, smol and async-std.

use async_trait::async_trait;
use persevere::{
    AsyncStdSleeper, Policy, RetryError, SharedPolicy, SharedSleeper, Sleeper, SmolSleeper, StopReason, TokioSleeper,
};
use persevere_examples::{HttpError, Reply, Script, Server, fetch};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

type Price = Result<String, RetryError<HttpError>>;

/// What the library offers.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// The price of an item.
    async fn price(&self, item: &str) -> Price;
}

/// The catalog behind an HTTP server.
pub struct HttpCatalog {
    server: SocketAddr,
    policy: SharedPolicy<HttpError>,
    sleeper: SharedSleeper,
}

impl HttpCatalog {
    /// A client with the policy that suits this server. The caller brings the sleeper of their executor.
    pub fn new(server: SocketAddr, sleeper: impl Sleeper<Sleep: Send> + Send + Sync + 'static) -> Self {
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
        self.policy
            .on(&self.sleeper)
            .run(|| fetch::on_smol(self.server, item))
            .await
    }
}

/// An application's part: it knows the trait, and neither of retries nor of the executor.
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
