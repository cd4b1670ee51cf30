//! Retries for [`reqwest`].
//!
//! ```
//! use persevere::reqwest::RetryRequest;
//! use persevere::{Policy, TokioSleeper};
//! use std::time::Duration;
//!
//! static API: Policy = Policy::exponential(Duration::from_millis(100)).max_attempts(4);
//!
//! async fn user(client: &reqwest::Client, id: u64) -> Result<String, Box<dyn std::error::Error>> {
//!     let url = format!("https://example.com/users/{id}");
//!     let response = client.get(url).retrying(&API, TokioSleeper).timeout(Duration::from_secs(30)).send().await?;
//!     Ok(response.error_for_status()?.text().await?)
//! }
//! ```
//!
//! # What is retried
//!
//! [`Transient`](persevere_http::Transient) has the rules. A request is sent again if it was never sent, or if the
//! server rejected it (421, 425, 429). It is also sent again if it may be repeated, by its method or an
//! `Idempotency-Key`, and its failure may go away. A policy without a classifier has the standard rules;
//! `.classify(transient().statuses(..))` changes them. Hints such as `Retry-After` are obeyed up to the policy's
//! `max_hint`.
//!
//! Another policy for another request is another argument of [`retrying`](RetryRequest::retrying).
//!
//! # Bodies
//!
//! - A request whose body is bytes, text, JSON or a form is sent again with the same body. A stream can be sent once.
//!   Make it anew for each attempt by [`body_from`](RemakeBody::body_from).
//!   [`on_unrepeatable`](Retrying::on_unrepeatable) reports why a request was not sent again.
//! - An attempt ends with the head of its response, and `attempt_timeout` limits the time until then. With
//!   [`buffered`](Retrying::buffered) it ends with the body, so that a body that breaks off is retried too.
//! - The response of a failed attempt is read before the next attempt, up to a [bound](Retrying::drain), so that its
//!   connection is used again.
//!
//! # Below this
//!
//! hyper repeats requests that it could not write to a connection that was closed. reqwest repeats, up to twice,
//! requests that an HTTP/2 server did not process. These requests did not reach the server's application, and do not
//! count as attempts here. Switch off `reqwest::ClientBuilder::retry` if it has rules of its own, or the retries
//! multiply.
//!
//! # Features
//!
//! | feature | of `persevere` | what it adds |
//! |---|---|---|
//! | `blocking` | `reqwest-blocking` | the module `blocking`: requests of `reqwest::blocking` |
//! | `http2` | `reqwest-http2` | retries for requests that an HTTP/2 server rejected or left unprocessed |
//! | `middleware` | `reqwest-middleware` | the module `middleware`: retries for all requests of a client |
//!
//! No feature of reqwest is on by default, so that the program chooses TLS. On `wasm32` bodies are not buffered, and
//! connections are the browser's.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(all(feature = "blocking", not(target_arch = "wasm32")))]
pub mod blocking;
mod body;
mod buffer;
mod drain;
mod error;
mod exchange;
mod last;
#[cfg(feature = "middleware")]
pub mod middleware;
mod request;
mod retrying;
mod transport;
mod unrepeatable;

pub use error::delivery;
pub use last::Judged;
pub use request::{Call, RemadeBody, RemakeBody, RetryRequest};
pub use retrying::{RequestPolicy, Retrying};
pub use unrepeatable::Unrepeatable;

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
