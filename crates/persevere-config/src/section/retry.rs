//! `[retry.NAME]`: a policy.

use crate::mistake::{Mistake, MistakeKind};
use crate::section::{backoff, jitter};
use crate::table::{Table, joined};
use crate::tree::Entry;
use crate::words::RETRY;
use persevere_core::Policy;
use persevere_core::backoff::Curve;
use std::time::Duration;

/// A policy that was read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct RetrySettings {
    pub(crate) policy: Policy<Curve>,
    /// The policies that each attempt runs.
    pub(crate) calls: Vec<String>,
    pub(crate) bounds: Bounds,
}

/// The bounds on the worst case of a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Bounds {
    pub(crate) max_worst_case: Option<Duration>,
    pub(crate) max_amplification: Option<u32>,
}

impl Bounds {
    /// Reads `[review]`, or these settings of a policy.
    pub(crate) fn read(table: &mut Table<'_>) -> Bounds {
        Bounds {
            max_worst_case: table.duration("max_worst_case"),
            max_amplification: table.u32("max_amplification"),
        }
    }
}

/// Reads a policy. Mistakes leave a policy without the settings in question.
pub(crate) fn read(entry: &Entry, mistakes: &mut Vec<Mistake>) -> RetrySettings {
    let path = joined("retry", &entry.name);
    let mut table = Table::read(&path, "setting", "[retry.billing]", &entry.tree, &RETRY, mistakes);
    RetrySettings {
        policy: policy(&mut table),
        calls: table.names("calls"),
        bounds: Bounds::read(&mut table),
    }
}

fn policy(table: &mut Table<'_>) -> Policy<Curve> {
    let mut policy = match backoff::read(table, "backoff") {
        Some(policy) => policy,
        None => backoff::of(Policy::DEFAULT),
    };
    if let Some(attempts) = table.u32("max_attempts") {
        let accepted = table.accepted(
            "max_attempts",
            policy.try_max_attempts(attempts),
            MistakeKind::InvalidPolicy,
        );
        policy = accepted.unwrap_or(policy);
    }
    if let Some(retries) = table.u32("max_retries") {
        policy = policy.max_retries(retries);
    }
    match table.bool("unlimited_attempts") {
        Some(true) => policy = policy.unlimited_attempts(),
        Some(false) => table.wrong_type("unlimited_attempts", "`true`, or is left out", "`false`"),
        None => {}
    }
    if let Some(cap) = table.duration("max_delay") {
        policy = policy.max_delay(cap);
    }
    if let Some(limit) = table.duration("max_elapsed") {
        policy = policy.max_elapsed(limit);
    }
    table.needs("since_first_failure", &["max_elapsed"]);
    match table.bool("since_first_failure") {
        Some(true) => policy = policy.since_first_failure(),
        Some(false) => table.wrong_type("since_first_failure", "`true`, or is left out", "`false`"),
        None => {}
    }
    if let Some(timeout) = table.duration("attempt_timeout") {
        let accepted = table.accepted(
            "attempt_timeout",
            policy.try_attempt_timeout(timeout),
            MistakeKind::InvalidPolicy,
        );
        policy = accepted.unwrap_or(policy);
    }
    if let Some(least) = table.duration("min_attempt_time") {
        policy = policy.min_attempt_time(least);
    }
    if let Some(jitter) = jitter::read(table) {
        policy = policy.jitter(jitter);
    }
    if let Some(longest) = table.duration("max_hint") {
        policy = policy.max_hint(longest);
    }
    if let Some(clamp) = table.bool("clamp_hints") {
        policy = policy.clamp_hints(clamp);
    }
    if let Some(ratio) = table.f64("spread_hints") {
        let accepted = table.accepted(
            "spread_hints",
            policy.try_spread_hints(ratio),
            MistakeKind::InvalidPolicy,
        );
        policy = accepted.unwrap_or(policy);
    }
    if let Some(longer) = table.bool("longer_of_hint_and_delay") {
        policy = policy.longer_of_hint_and_delay(longer);
    }
    if let Some(wait) = table.bool("retry_rejected") {
        policy = policy.retry_rejected(wait);
    }
    if let Some(retry) = table.bool("retry_timeouts") {
        policy = policy.retry_timeouts(retry);
    }
    if let Some(seed) = table.u64("seed") {
        policy = policy.seed(seed);
    }
    policy
}
