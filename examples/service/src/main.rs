//! Starts the ledger and the service, until Ctrl-C.

use metrics_exporter_prometheus::PrometheusBuilder;
use persevere::observe;
use persevere::tracing::Trace;
use persevere_examples_service::{ledger::Ledger, service};
use std::error::Error;
use tokio::net::TcpListener;
use tracing::Level;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    tracing_subscriber::fmt().with_max_level(Level::DEBUG).init();
    // The runs of libraries too.
    observe::set_global(Trace::new())?;
    let prometheus = PrometheusBuilder::new().install_recorder()?;

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
    Ok(service::run(listener, ledger, prometheus, shutdown).await?)
}
