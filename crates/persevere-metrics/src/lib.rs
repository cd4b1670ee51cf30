//! Metrics of runs, circuit breakers and retry budgets through the [`metrics`](https://docs.rs/metrics) crate.
//!
//! Nothing is counted twice: runs count in `Stats`, breakers and budgets in themselves. [`register`] describes the
//! metrics to the recorder, and [`Metrics::collect`] writes all numbers to it for each scrape. So a run costs what
//! its statistics cost, two additions if it succeeds at once.
//!
//! ```
//! use metrics_exporter_prometheus::PrometheusBuilder;
//! use persevere::breaker::CircuitBreaker;
//! use persevere::{Policy, Stats, ThreadSleeper, metrics};
//! # use persevere_metrics as _;
//!
//! static STATS: Stats = Stats::named("billing");
//! static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
//!
//! let prometheus = PrometheusBuilder::new().install_recorder()?;
//! let metrics = metrics::register();
//! metrics.sources().breaker("billing", &BREAKER);
//!
//! let run = Policy::default().into_run(ThreadSleeper).observe(&STATS).breaker(&BREAKER);
//! let _ = run.run_blocking(|| Ok::<_, ()>(7));
//!
//! // The handler of `/metrics`:
//! metrics.collect();
//! let page = prometheus.render();
//! assert!(page.contains("persevere_attempts{persevere_name=\"billing\"} 1"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # When to collect
//!
//! - If the program answers the scrape itself, as above, it calls [`collect`](Metrics::collect) in the handler.
//! - If the exporter has a listener or pushes, call it in a task, beside the `run_upkeep` of the exporter. Call it as
//!   often as it is scraped: `loop { metrics.collect(); sleep(Duration::from_secs(10)).await }`.
//!
//! # Names
//!
//! [`persevere-telemetry`](persevere_telemetry) defines the metrics, labels and values. The Prometheus exporter writes
//! `_` for `.`: `persevere_breaker_state{persevere_name="billing",persevere_state="open"} 1`. The sum
//! `persevere.retry_delay` is a gauge here, which only grows, since a counter of this crate holds whole numbers.
//!
//! A dashboard for Grafana is in the repository, at
//! [`docs/grafana.json`](https://github.com/persevere-rs/persevere/blob/main/docs/grafana.json).

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod collecting;

pub use collecting::{Metrics, register};
pub use persevere_telemetry::{ReadBreaker, ReadBudget, Sources};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
