//! The service under load, through an outage of its ledger, and while it shuts down.

use metrics_exporter_prometheus::PrometheusBuilder;
use persevere::config::{Policies, Settings};
use persevere_examples_service::{ledger::Ledger, service};
use reqwest::{Client, StatusCode};
use std::fs;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing::Level;

/// Charges under way at once.
const CALLERS: u64 = 32;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    /// How many lines have this text.
    fn count(&self, text: &str) -> usize {
        let bytes = self.0.lock().unwrap();
        String::from_utf8_lossy(&bytes)
            .lines()
            .filter(|line| line.contains(text))
            .count()
    }
}

/// Charges all, and returns the statuses.
async fn charge(client: &Client, at: &str, ids: Range<u64>) -> Vec<StatusCode> {
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (client, at, ids) = (client.clone(), at.to_owned(), ids.clone());
        callers.spawn(async move {
            let mut statuses = Vec::new();
            for id in ids.filter(|id| id % CALLERS == caller) {
                let response = client.post(format!("{at}/charges/{id}")).send().await.unwrap();
                statuses.push(response.status());
            }
            statuses
        });
    }
    callers.join_all().await.concat()
}

/// The value of a series in a scrape.
async fn scraped(client: &Client, at: &str, series: &str) -> f64 {
    let page = client
        .get(format!("{at}/metrics"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    let line = page.lines().find_map(|line| line.strip_prefix(series));
    line.unwrap_or_else(|| panic!("{series} is not in\n{page}"))
        .trim()
        .parse()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn service_loses_no_request() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_max_level(Level::DEBUG).with_ansi(false);
    subscriber.with_writer(move || writer.clone()).init();
    let prometheus = PrometheusBuilder::new().install_recorder().unwrap();

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (ledger, of_ledger) = (Ledger::default(), format!("http://{}", listener.local_addr().unwrap()));
    tokio::spawn(ledger.clone().run(listener));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let shutdown = async {
        let _ = stopped.await;
    };
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/retry.toml");
    let policies = Policies::load(file).unwrap();
    let of_service = policies.clone();
    let service =
        tokio::spawn(async move { service::run(listener, of_ledger, &of_service, prometheus, shutdown).await });
    let client = Client::new();

    // Every tenth charge needs three attempts. Meanwhile the settings are replaced again and again, at times by a mistake.
    let text = fs::read_to_string(file).unwrap();
    let reload = tokio::spawn(async move {
        for round in 0_u64.. {
            let attempts = format!("max_attempts = {}", 4 + round % 3);
            let settings = Settings::from_toml(&text.replace("max_attempts = 4", &attempts)).unwrap();
            policies.replace(settings).unwrap();
            // The service has requested the name, so that settings without it are rejected.
            assert!(policies.replace(Settings::from_toml("[retry.other]").unwrap()).is_err());
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let statuses = charge(&client, &at, 0..500).await;
    assert!(!reload.is_finished());
    reload.abort();
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
    assert_eq!((statuses.len(), ledger.requests()), (500, 600));
    let runs = |outcome| format!("persevere_runs{{persevere_name=\"ledger\",persevere_outcome=\"{outcome}\"}}");
    assert_eq!(scraped(&client, &at, &runs("success")).await, 450.0);
    assert_eq!(scraped(&client, &at, &runs("success_after_retry")).await, 50.0);
    assert_eq!(
        scraped(&client, &at, "persevere_attempts{persevere_name=\"ledger\"}").await,
        600.0
    );
    assert_eq!(
        scraped(&client, &at, "persevere_budget_withdrawals{persevere_name=\"ledger\"}").await,
        100.0
    );
    assert_eq!(log.count("succeeded after 3 attempts"), 50);
    assert_eq!(log.count(" WARN "), 0);

    // In an outage each charge is answered, the breaker opens, and the log is short.
    ledger.set_down(true);
    let statuses = charge(&client, &at, 1_000..1_100).await;
    assert!(
        statuses.iter().all(|status| *status == StatusCode::SERVICE_UNAVAILABLE),
        "{statuses:?}"
    );
    assert_eq!(statuses.len(), 100);
    let state = "persevere_breaker_state{persevere_name=\"ledger\",persevere_state=\"closed\"}";
    assert_eq!(scraped(&client, &at, state).await, 0.0);
    assert!(log.count("ledger: circuit breaker opened") > 0);
    let given_up = log.count(" WARN ") - log.count("circuit breaker opened");
    assert_eq!(given_up, 1, "one line in ten seconds");

    // The ledger is back, and the breaker notices.
    ledger.set_down(false);
    let began = Instant::now();
    while charge(&client, &at, 2_001..2_002).await != [StatusCode::OK] {
        assert!(began.elapsed() < Duration::from_secs(20), "the breaker stays open");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(scraped(&client, &at, state).await, 1.0);

    // While it shuts down, the charges under way are answered.
    let before = ledger.entries();
    let last = tokio::spawn(async move { charge(&client, &at, 3_000..3_032).await });
    while ledger.entries() < before + 32 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stop.send(()).unwrap();
    let statuses = last.await.unwrap();
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
    assert_eq!(statuses.len(), 32);
    service.await.unwrap().unwrap();
}
