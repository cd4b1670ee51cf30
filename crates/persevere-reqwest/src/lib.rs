//! Retries for [`reqwest`].
//!
//! ```
//! use persevere::reqwest::RetryRequest;
//! use persevere::{Policy, TokioSleeper};
//! use std::time::Duration;
//!
//! static API: Policy = Policy::exponential(Duration::from_millis(100)).max_attempts(4).max_elapsed(Duration::from_secs(30));
//!
//! async fn user(client: &reqwest::Client, id: u64) -> Result<String, Box<dyn std::error::Error>> {
//!     let url = format!("https://example.com/users/{id}");
//!     let response = client.get(url).retrying(&API, TokioSleeper).send().await?;
//!     Ok(response.error_for_status()?.text().await?)
//! }
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(all(feature = "blocking", not(target_arch = "wasm32")))]
pub mod blocking;
mod body;
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
