//! Retry policies, circuit breakers, budgets, limits and hedges from TOML, JSON and the environment: part of
//! [`persevere`](https://docs.rs/persevere), there as `persevere::config` with the feature `config`.
//!
//! ```toml
//! [retry.billing]
//! max_attempts = 4
//! backoff = { exponential = "100ms" }
//! max_delay = "5s"
//! attempt_timeout = "2s"
//! max_worst_case = "10s"               # checked when the file is read
//!
//! [breaker.billing]
//! consecutive_failures = 5
//! open_for = "30s"
//!
//! [budget.api]
//! windowed_ratio = { ratio = 0.1 }
//!
//! [limit.api]
//! pause = { at_most = "60s" }
//!
//! [hedge.search]
//! at = 0.95
//! ```
//!
//! ```
//! use persevere::ThreadSleeper;
//! use persevere::config::Policies;
//! # let folder = std::env::temp_dir().join(format!("persevere-config-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! # std::env::set_current_dir(&folder)?;
//! # std::fs::write("retry.toml", "[retry.billing]\nmax_attempts = 4\nbackoff = { fixed = \"1ms\" }")?;
//!
//! let policies = Policies::load("retry.toml")?;
//! let billing = policies.get("billing")?; // an error at start if it is not configured
//! let result = billing.current().on(ThreadSleeper).run_blocking(|| Err::<(), _>("down"));
//! assert_eq!(result.unwrap_err().attempts(), 4);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Settings
//!
//! Settings have the names of the builders' methods and the defaults of the builders. Durations are text with a unit, as
//! [`duration`](persevere_core::duration) reads it: `"100ms"`, `"1.5s"`, `"1m30s"`. A number without a unit is a mistake.
//!
//! | table | settings |
//! |---|---|
//! | `[retry.NAME]` | the setters of [`Policy`](persevere_core::Policy): `max_attempts`, `max_retries`, `unlimited_attempts`, `max_delay`, `max_elapsed`, `since_first_failure`, `attempt_timeout`, `min_attempt_time`, `max_hint`, `clamp_hints`, `spread_hints`, `longer_of_hint_and_delay`, `retry_rejected`, `retry_timeouts`, `seed` |
//! | | `backoff`: one of `{ fixed = "1s" }`, `{ linear = "100ms" }`, `{ exponential = "100ms", factor = 1.5 }`, `{ fibonacci = "100ms" }`, `{ decorrelated = "100ms", factor = 3, first_fixed = true }`, `{ schedule = ["100ms", "1s"], repeat_last = true }` |
//! | | `jitter`: one of `"none"`, `"full"`, `"equal"`, `{ proportional = 0.5 }` |
//! | | `calls`: the policies that each attempt runs, for the amplification |
//! | `[breaker.NAME]` | `consecutive_failures` with `within`; `failure_rate` with `over_calls` or `over`, and `minimum_calls`; both, for either; the setters of [`Builder`](persevere_breaker::Builder); `open_with` takes a backoff |
//! | `[budget.NAME]` | one of `windowed_ratio = { ratio, reserve, window }`, `token_bucket = { capacity, cost = { transient, throttling, timeout }, reward }`, `token_bucket = "aws_2_1"`, `grpc_throttle = { max_tokens, token_ratio }`, `adaptive_throttle = { multiplier, window, seed }` |
//! | `[limit.NAME]` | one of `bulkhead = 10`, `pause = { at_most, first_within }`, `gradient2 = { lowest, highest, tolerance, window }`, `aimd = { lowest, highest, slowest, window }`; limits of the rate are set in code |
//! | `[hedge.NAME]` | `at`, a quantile, with `floor`, `window` and `minimum_samples`; or `after` |
//! | `[review]` | `max_worst_case`, `max_amplification`: bounds for every policy; a policy may have its own |
//!
//! [`SCHEMA`] describes them for editors. Code decides what is retried, and on which sleeper.
//!
//! # Mistakes
//!
//! All mistakes of a source are reported at once, each with its line in TOML and with the text to write:
//!
//! ```
//! use persevere::config::Settings;
//!
//! let mistakes = Settings::from_toml("[retry.billing]\nmax_atempts = 4\nmax_delay = 5\n").unwrap_err();
//! assert_eq!(
//!     mistakes.to_string(),
//!     "line 2: unknown setting `max_atempts` in [retry.billing]: did you mean `max_attempts`?\n\
//!      line 3: `max_delay` in [retry.billing] takes a duration as text with a unit, not a number: write `max_delay = \"5s\"`",
//! );
//! ```
//!
//! # Review before deploy
//!
//! [`Settings::review`] computes the delays, the worst case and the amplification of each policy, and so does the command
//! `persevere check retry.toml` of `persevere-cli`. Bounds on them are part of the file.
//!
//! # Changes at run time
//!
//! [`Policies::replace`] replaces all settings or none, and keeps the state of breakers, budgets, pauses and hedges. A run
//! keeps the policy that it began with.
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `toml` | yes | files and text in TOML |
//! | `json` | no | files and text in JSON |

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod budget;
mod format;
mod limit;
mod mistake;
mod policies;
mod review;
mod schema;
mod section;
mod settings;
mod sources;
mod table;
mod tree;
mod words;

pub use budget::SharedBudget;
pub use limit::{LimitPermit, SharedLimit};
pub use mistake::{LoadError, Mistake, MistakeKind, Mistakes};
pub use policies::{
    BreakerHandle, BudgetHandle, HedgeHandle, InvalidReplacement, LimitHandle, Policies, PolicyHandle, UnknownName,
};
pub use review::{PolicyReview, Review};
pub use schema::SCHEMA;
pub use settings::Settings;
pub use sources::Sources;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
