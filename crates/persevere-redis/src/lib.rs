//! Quotas, pauses, and evidence for circuit breakers that many processes share over Redis or Valkey, for
//! [`persevere`](https://docs.rs/persevere).
//!
//! ```
//! use persevere::{Policy, ThreadSleeper};
//! use persevere_redis::Fleet;
//! use std::time::Duration;
//!
//! let fleet = Fleet::open("redis://127.0.0.1:1", "shop")?; // where no server is
//! let quota = fleet.quota("openai", 10_000, Duration::from_secs(60)).processes(20).build()?;
//! let of_thread = quota.clone();
//! std::thread::spawn(move || of_thread.keep_filled_blocking(ThreadSleeper));
//!
//! let value = Policy::default().on(ThreadSleeper).pace(&quota).run_blocking(|| Ok::<_, ()>(7));
//! assert_eq!(value, Ok(7), "by the share of this process");
//! # Ok::<(), persevere_redis::InvalidFleet>(())
//! ```
//!
//! # What is shared
//!
//! | | what the processes share |
//! |---|---|
//! | [`Quota`] | a number of permits per period, which each process leases in batches |
//! | [`FleetPause`] | until when the server has asked one of them to wait |
//! | [`Evidence`] | which of them have opened their circuit breaker |
//! | retry budgets | nothing: a ratio of each process is the same ratio of all; see `WindowedRatio::for_fleet` |
//!
//! # When the server fails
//!
//! No call fails because of the server, or waits for it longer than twice [`Fleet::slow_after`]. Without the server a handle
//! uses the state of its own process alone. Its `status`, the hook of [`Fleet::on_change`] and metrics report it. The next
//! request to the server follows within a second. `Sources::fleet` of `persevere-telemetry` adds a handle to the metrics.
//!
//! | the server | status | a quota | a pause, evidence |
//! |---|---|---|---|
//! | answers after [`Fleet::slow_after`] | [`Cause::Slow`] | the share of the process | of the process alone |
//! | is down, loads its data, or is unreachable | [`Cause::Down`] | the share | alone |
//! | came back without its data | [`Cause::Settling`] | the share, for one period | a pause is shared at once, evidence after 2 s |
//! | came back with older data, as after a failover | [`Cause::Settling`] | the share, for one period | shared at once |
//! | is read-only | [`Cause::ReadOnly`] | the share | alone |
//! | holds another type at the key | [`Cause::WrongType`] | the share | alone |
//! | answers with another error, as without a permission | [`Cause::Failed`] | the share | alone |
//! | has lost its scripts | none | sends them again | likewise |
//! | nobody runs `keep_filled` or `keep_shared` | [`Cause::NotKept`] | the share | alone |
//!
//! The share of a process is the quota divided by the number of processes: see [`QuotaBuilder::processes`]. It counts
//! what the process took from leases too. So the fleet stays within the quota if all processes are on their shares. In
//! the period in which they change to their shares, a fleet with uneven load may take up to twice the quota.
//!
//! # At the server
//!
//! Each call of a script has one key and takes its time from the server. Every key has a time to live. A cluster works,
//! by the address of any node, as does everything that speaks the protocol of Redis 5 or later. On the keys of the
//! prefix, the user needs the commands `evalsha`, `script|load`, `time` and `pexpire`. It also needs the commands of
//! hashes (quotas) and of sorted sets (evidence), and `get` and `set` (pauses).
//!
//! The clock of the server may go back. If it jumps forward by more than half a period, the key counts as a new key.
//! After a shorter jump the quota is granted as much earlier.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod error;
mod evidence;
mod fleet;
mod keep;
mod link;
mod pause;
mod quota;
mod random;
mod signal;
mod status;
mod watched;
mod worker;

pub use error::InvalidFleet;
pub use evidence::{Evidence, EvidenceBuilder};
pub use fleet::Fleet;
pub use pause::FleetPause;
pub use quota::{Quota, QuotaBuilder, QuotaPermit, QuotaStats, Weighted};
pub use status::{Cause, Change, Status};
pub use watched::Watched;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
