//! Decides which HTTP requests are worth a retry, and when: for any client.
//!
//! - [`Transient`] decides by the outcome of the attempt (never sent, rejected, answered, unknown) and by whether the
//!   request may be repeated. It is a classifier for `Result<http::Response<B>, E>`.
//! - [`Statuses`] is a set of status codes, editable in a `const`.
//! - [`hint`] and [`Hints`] read how long a server asks to wait: `Retry-After` in all its forms, and its relatives.
//! - [`HttpError`] returns how far the request came, for the errors of a client.
//!
//! There is no client here: see `persevere::reqwest`.
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `hyper` | [`HttpError`] for the errors of hyper and of hyper-util's client, also in a boxed error |
//! | `http2` | `hyper`, which recognizes requests that an HTTP/2 server rejected or left unprocessed |
//!
//! ```
//! use http::Response;
//! use persevere::{Policy, TokioSleeper, http::transient};
//! use std::{io, time::Duration};
//!
//! async fn get(calls: &mut u16) -> io::Result<Response<&'static str>> {
//!     *calls += 1;
//!     let status = if *calls < 3 { 503 } else { 200 };
//!     Ok(Response::builder().status(status).body("hello").unwrap())
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let policy = Policy::exponential(Duration::from_millis(1)).classify_outcome(transient().repeatable(true));
//! let mut calls = 0;
//! let response = policy.on(TokioSleeper).accept_last().run_mut(async || get(&mut calls).await).await.unwrap();
//! assert_eq!((response.status().as_u16(), calls), (200, 3));
//! # }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod delivery;
mod hints;
#[cfg(feature = "hyper")]
pub mod hyper;
mod idempotence;
mod rules;
mod statuses;
mod transient;

pub use delivery::{Delivery, HttpError};
pub use hints::{Hints, hint, system_time};
pub use idempotence::is_repeatable;
pub use rules::Rules;
pub use statuses::Statuses;
pub use transient::{Transient, transient};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
