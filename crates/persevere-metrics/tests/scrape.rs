//! A scrape over HTTP, as Prometheus makes it, and the dashboard whose queries read it.

use axum::{Router, routing::get};
use metrics_exporter_prometheus::PrometheusBuilder;
use persevere::breaker::CircuitBreaker;
use persevere::budget::{Counted, WindowedRatio};
use persevere::{Policy, Stats, TokioSleeper, metrics};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

static STATS: Stats = Stats::named("billing");
static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(4).build();
static BUDGET: Counted<WindowedRatio> = Counted::new(WindowedRatio::new().reserve(5));

/// Makes a run that fails this often.
async fn run(failures: u32) {
    let run = Policy::fixed(Duration::from_millis(1))
        .max_attempts(3)
        .into_run(TokioSleeper);
    let run = run.observe(&STATS).breaker(&BREAKER).budget(&BUDGET);
    let _ = run
        .run_with(|attempt| async move {
            if attempt.number() > failures {
                Ok(())
            } else {
                Err("down")
            }
        })
        .await;
}

/// Reads a page as Prometheus does.
async fn scrape(at: std::net::SocketAddr) -> String {
    let mut stream = TcpStream::connect(at).await.unwrap();
    let request = b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).await.unwrap();
    let (head, body) = page.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    body.to_owned()
}

/// The series of a page: for each metric, the labels of each series.
type Page = BTreeMap<String, Vec<BTreeMap<String, String>>>;

fn parse(page: &str) -> Page {
    let mut metrics = Page::new();
    for line in page.lines().filter(|line| line.starts_with("persevere_")) {
        let (name, rest) = line.split_once('{').unwrap();
        metrics
            .entry(name.to_owned())
            .or_default()
            .push(labels(rest.split_once('}').unwrap().0));
    }
    metrics
}

/// `a="1",b="2"` as a map.
fn labels(list: &str) -> BTreeMap<String, String> {
    let pairs = list.split(',').map(|pair| pair.trim().split_once('=').unwrap());
    pairs
        .map(|(label, value)| (label.to_owned(), value.trim_matches('"').to_owned()))
        .collect()
}

#[tokio::test]
async fn scrape_over_http_has_what_the_dashboard_asks_for() {
    let prometheus = PrometheusBuilder::new().install_recorder().unwrap();
    let metrics = metrics::register();
    metrics
        .sources()
        .breaker("billing", &BREAKER)
        .budget("billing", &BUDGET);
    let page = move || async move {
        metrics.collect();
        prometheus.render()
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/metrics", get(page))).await });

    for failures in [0, 1, 9, 9] {
        run(failures).await;
    }
    let first = scrape(at).await;
    for line in [
        "persevere_runs{persevere_name=\"billing\",persevere_outcome=\"success\"} 1",
        "persevere_runs{persevere_name=\"billing\",persevere_outcome=\"success_after_retry\"} 1",
        "persevere_runs{persevere_name=\"billing\",persevere_outcome=\"failure\",error_type=\"attempts\"} 1",
        "persevere_runs{persevere_name=\"billing\",persevere_outcome=\"failure\",error_type=\"rejected\"} 1",
        "persevere_runs_by_retries{persevere_name=\"billing\",persevere_retries=\"2\"} 1",
        "persevere_attempts{persevere_name=\"billing\"} 7",
        "persevere_retries{persevere_name=\"billing\"} 3",
        "persevere_retry_delay{persevere_name=\"billing\"} 0.004",
        "persevere_breaker_state{persevere_name=\"billing\",persevere_state=\"open\"} 1",
        "persevere_budget_withdrawals{persevere_name=\"billing\"} 4",
        "# TYPE persevere_runs counter",
        "# TYPE persevere_breaker_state gauge",
        "# HELP persevere_runs Runs that ended, by outcome and reason.",
    ] {
        assert!(first.lines().any(|found| found == line), "{line}\nis not in\n{first}");
    }

    run(9).await;
    let second = scrape(at).await;
    let rejected = "persevere_runs{persevere_name=\"billing\",persevere_outcome=\"failure\",error_type=\"rejected\"} 2";
    assert!(second.contains(rejected), "{second}");
    dashboard_reads(&parse(&second));
}

/// Checks each query of the dashboard against a page: its metrics, its labels, and the values that they are compared with.
fn dashboard_reads(page: &Page) {
    let dashboard: serde_json::Value = serde_json::from_str(include_str!("../../../docs/grafana.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let mut read = BTreeSet::new();
    for query in targets.map(|target| target["expr"].as_str().unwrap()) {
        let mut known = BTreeSet::new();
        let selectors = query.match_indices("persevere_").filter_map(|(at, _)| {
            let (name, rest) = query[at..].split_once('{')?;
            name.chars()
                .all(|letter| letter.is_ascii_lowercase() || letter == '_')
                .then_some((name, rest))
        });
        for (name, rest) in selectors {
            let series = page
                .get(name)
                .unwrap_or_else(|| panic!("`{query}` reads `{name}`, which is not exported"));
            read.insert(name);
            known.extend(series.iter().flat_map(BTreeMap::keys));
            for matcher in rest.split_once('}').unwrap().0.split(", ") {
                let (label, value) = matcher.split_once(['=', '!']).unwrap();
                let value = value.trim_start_matches(['=', '~']).trim_matches('"');
                let found = series
                    .iter()
                    .filter_map(|labels| labels.get(label))
                    .any(|found| found == value);
                assert!(found || value == "$name", "`{query}` compares `{label}` with `{value}`");
                assert!(
                    series.iter().any(|labels| labels.contains_key(label)),
                    "`{query}`: `{label}`"
                );
            }
        }
        assert!(!known.is_empty(), "`{query}` reads nothing");
        for (at, _) in query.match_indices("by (") {
            for label in query[at + 4..].split_once(')').unwrap().0.split(", ") {
                assert!(known.contains(&label.to_owned()), "`{query}` groups by `{label}`");
            }
        }
    }
    let exported: BTreeSet<_> = page.keys().map(String::as_str).collect();
    assert_eq!(read, exported, "what the dashboard shows, and what is exported");
    let names = dashboard["templating"]["list"][1]["query"].as_str();
    assert_eq!(names, Some("label_values(persevere_runs, persevere_name)"));
}
