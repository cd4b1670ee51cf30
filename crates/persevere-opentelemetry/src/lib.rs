//! Metrics of runs, circuit breakers and retry budgets as observable instruments of
//! [OpenTelemetry](https://docs.rs/opentelemetry).
//!
//! [`register`] makes one instrument for each metric, which reads the numbers when its reader collects. So a run costs what
//! its statistics cost. There is nothing else to do: `Stats::named("billing")` is found without wiring.
//!
//! ```
//! use opentelemetry::metrics::MeterProvider;
//! use opentelemetry_sdk::metrics::SdkMeterProvider;
//! use persevere::breaker::CircuitBreaker;
//! use persevere::{Policy, Stats, ThreadSleeper};
//! use persevere_opentelemetry::{Sources, register};
//!
//! static STATS: Stats = Stats::named("billing");
//! static BREAKER: CircuitBreaker = CircuitBreaker::consecutive_failures(5).build();
//!
//! let provider = SdkMeterProvider::builder().build(); // with a reader, such as that of OTLP
//! register(&provider.meter("persevere"), Sources::global());
//! Sources::global().breaker("billing", &BREAKER);
//!
//! let run = Policy::default().into_run(ThreadSleeper).observe(&STATS).breaker(&BREAKER);
//! let _ = run.run_blocking(|| Ok::<_, ()>(7));
//! ```
//!
//! [`persevere-telemetry`](persevere_telemetry) defines the metrics, units, labels and values. No convention of
//! OpenTelemetry names retries or breakers, so the names are the library's own, except `error.type`.
//!
//! # Versions
//!
//! OpenTelemetry makes breaking releases about twice a year, and this crate follows each with its own breaking release.
//! It is a separate crate, so that `persevere` does not break with it. This version is for `opentelemetry` 0.33.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod instruments;

pub use instruments::register;
pub use persevere_telemetry::{ReadBreaker, ReadBudget, Sources};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
