//! Starts the ledger and the service, until Ctrl-C.

use metrics_exporter_prometheus::PrometheusBuilder;
use persevere::config::Policies;
use persevere::observe;
use persevere::tracing::Trace;
use persevere_examples_service::{ledger::Ledger, policies, service};
use std::error::Error;
use std::path::Path;
use tokio::net::TcpListener;
use tracing::Level;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_max_level(Level::DEBUG).init();
    // The runs of libraries too.
    observe::set_global(Trace::new())?;
    let prometheus = PrometheusBuilder::new().install_recorder()?;

    let file = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/retry.toml"));
    let read = Policies::load(file)?;
    let again = read.clone();
    tokio::spawn(async move { policies::watch(file, &again).await });

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let ledger = format!("http://{}", listener.local_addr()?);
    tokio::spawn(Ledger::default().run(listener));

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let at = listener.local_addr()?;
    println!("curl -X POST http://{at}/charges/10");
    println!("curl http://{at}/metrics");
    let shutdown = async {
        let _ = tokio::signal::ctrl_c().await;
    };
    Ok(service::run(listener, ledger, &read, prometheus, shutdown).await?)
}
