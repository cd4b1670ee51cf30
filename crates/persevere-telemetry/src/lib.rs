//! The numbers of runs, circuit breakers and retry budgets, by stable names, for exporters of metrics.
//!
//! An exporter reads [`Sources`], [`METRICS`] lists all metrics, and a [`Sample`] is one number. Nothing is counted
//! here: runs count in [`Stats`](persevere_core::Stats), breakers and budgets in themselves, and an exporter reads them
//! when it is scraped. So metrics cost the runs nothing beside the statistics.
//!
//! Programs use an exporter, `persevere-metrics` or `persevere-opentelemetry`.
//!
//! # Names
//!
//! | metric | kind, unit | labels beside `persevere.name` |
//! |---|---|---|
//! | `persevere.runs` | counter, `{run}` | `persevere.outcome`, `error.type` |
//! | `persevere.runs_by_retries` | counter, `{run}` | `persevere.retries` |
//! | `persevere.unfinished_runs` | gauge, `{run}` | |
//! | `persevere.attempts` | counter, `{attempt}` | |
//! | `persevere.retries` | counter, `{retry}` | |
//! | `persevere.rejections` | counter, `{attempt}` | |
//! | `persevere.retry_delay` | counter, `s` | |
//! | `persevere.breaker.state` | gauge, `{breaker}` | `persevere.state` |
//! | `persevere.breaker.transitions` | counter, `{transition}` | |
//! | `persevere.breaker.rejections` | counter, `{call}` | |
//! | `persevere.budget.withdrawals` | counter, `{retry}` | |
//! | `persevere.budget.rejections` | counter, `{retry}` | |
//! | `persevere.budget.balance` | gauge, `{retry}` | |
//! | `persevere.fleet.shared` | gauge, `{handle}` | |
//! | `persevere.fleet.faults` | counter, `{request}` | |
//!
//! # Labels
//!
//! | label | values |
//! |---|---|
//! | `persevere.name` | the names that the program gives to statistics, breakers, budgets and handles of a fleet |
//! | `persevere.outcome` | `success` (with the first attempt), `success_after_retry`, `failure` |
//! | `error.type` | [`StopReason::as_str`](persevere_core::StopReason::as_str); of failures alone |
//! | `persevere.retries` | `0`, `1`, `2`, `3`, `4`, `5+` |
//! | `persevere.state` | [`State::as_str`](persevere_breaker::State::as_str); each state has a series, which is 1 or 0 |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod breaker;
mod budget;
mod fleet;
mod metric;
mod sample;
mod sources;

pub use breaker::ReadBreaker;
pub use budget::ReadBudget;
pub use fleet::ReadFleet;
pub use metric::{Kind, METRICS, Metric};
pub use sample::{Sample, Value};
pub use sources::Sources;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
