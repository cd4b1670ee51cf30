//! The worst cases of policies, before they are deployed.

use crate::mistake::{Mistake, MistakeKind};
use crate::section::retry::Bounds;
use crate::settings::Settings;
use crate::table::joined;
use crate::tree::Tree;
use persevere_core::Policy;
use persevere_core::backoff::Curve;
use persevere_core::duration::text;
use std::fmt;
use std::time::Duration;

/// The worst case of each policy of some settings; returned by [`Settings::review`]. `{}` prints a table.
///
/// # Examples
///
/// ```
/// use persevere::config::Settings;
/// use std::time::Duration;
///
/// let settings = Settings::from_toml(
///     r#"
///     [retry.checkout]
///     max_attempts = 3
///     attempt_timeout = "10s"
///     calls = "billing"
///
///     [retry.billing]
///     max_attempts = 4
///     backoff = { exponential = "100ms" }
///     attempt_timeout = "2s"
///     "#,
/// )?;
/// let review = settings.review();
/// let checkout = review.policy("checkout").unwrap();
/// assert_eq!(checkout.amplification, Some(12));
/// assert_eq!(checkout.through, ["checkout", "billing"]);
/// assert_eq!(review.policy("billing").unwrap().worst_case, Some(Duration::from_millis(8_700)));
/// # Ok::<(), persevere::config::Mistakes>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    policies: Vec<PolicyReview>,
}

/// The worst case of one policy, if no failure brings a hint.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct PolicyReview {
    /// The name.
    pub name: String,
    /// The most attempts of a run; `None` if they are not limited.
    pub attempts: Option<u32>,
    /// The longest delays, in their order: at most the first 16.
    pub delays: Vec<Duration>,
    /// Whether jitter or the curve makes delays shorter at random.
    pub is_random: bool,
    /// The longest time of a run, attempts included; `None` if nothing limits the time of an attempt or the number of
    /// attempts. A blocking attempt is bounded only if it obeys its timeout.
    pub worst_case: Option<Duration>,
    /// The most attempts that one run makes at the last policy of `through`; `None` if they are not limited.
    pub amplification: Option<u64>,
    /// The policies from this one down, by `calls`, where the most attempts are made.
    pub through: Vec<String>,
}

/// How many delays are listed.
const LISTED: usize = 16;
/// How many delays are printed.
const PRINTED: usize = 5;

impl Review {
    pub(crate) fn of(settings: &Settings) -> Review {
        let policies = settings.retry.iter();
        let policies = policies.map(|(name, retry)| PolicyReview::of(settings, name, &retry.policy));
        Review {
            policies: policies.collect(),
        }
    }

    /// Returns the review of each policy, in the order of their names.
    #[must_use]
    pub fn policies(&self) -> &[PolicyReview] {
        &self.policies
    }

    /// Returns the review of one policy; `None` if there is none of this name.
    #[must_use]
    pub fn policy(&self, name: &str) -> Option<&PolicyReview> {
        self.policies.iter().find(|policy| policy.name == name)
    }
}

impl PolicyReview {
    fn of(settings: &Settings, name: &str, policy: &Policy<Curve>) -> PolicyReview {
        let delays = |bits| policy.draw_bits(bits).delays().take(LISTED).collect::<Vec<_>>();
        let (shortest, longest) = (delays(0), delays(u64::MAX));
        let (amplification, through) = amplification(settings, name);
        PolicyReview {
            name: name.to_owned(),
            attempts: attempts(policy),
            is_random: shortest != longest,
            delays: longest,
            worst_case: worst_case(policy),
            amplification,
            through,
        }
    }
}

/// The most attempts; `None` if they are not limited.
fn attempts(policy: &Policy<Curve>) -> Option<u32> {
    Some(policy.worst_case().attempts).filter(|attempts| *attempts != u32::MAX)
}

/// The longest time of a run.
fn worst_case(policy: &Policy<Curve>) -> Option<Duration> {
    let (limits, worst) = (policy.limits(), policy.worst_case());
    let timeout = limits.attempt_timeout()?;
    let by_attempts =
        attempts(policy).map(|attempts| timeout.saturating_mul(attempts).saturating_add(worst.total_delay));
    let by_time = limits.max_elapsed().map(|limit| match limits.since_first_failure() {
        true => limit.saturating_add(timeout),
        false => limit,
    });
    match (by_attempts, by_time) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// The most attempts of a run through all policies that it calls, and these policies. Invariant: none calls itself.
fn amplification(settings: &Settings, name: &str) -> (Option<u64>, Vec<String>) {
    let retry = &settings.retry[name];
    let below = retry.calls.iter().map(|called| amplification(settings, called));
    // `None` is more than any number.
    let most = below.max_by_key(|(attempts, _)| attempts.unwrap_or(u64::MAX));
    let (below, mut through) = most.unwrap_or((Some(1), Vec::new()));
    through.insert(0, name.to_owned());
    let own = attempts(&retry.policy).map(u64::from);
    (own.zip(below).map(|(own, below)| own.saturating_mul(below)), through)
}

/// Compares each policy with its bounds, or with the bounds of `[review]`.
pub(crate) fn check(settings: &Settings, all: Bounds, tree: &Tree, mistakes: &mut Vec<Mistake>) {
    if all == Bounds::default() && settings.retry.values().all(|retry| retry.bounds == Bounds::default()) {
        return;
    }
    for policy in Review::of(settings).policies {
        let bounds = settings.retry[&policy.name].bounds;
        let mut mistake = |bound: &str, kind| {
            let place = tree.place_of(&["retry", &policy.name, bound]);
            let path = joined(&joined("retry", &policy.name), bound);
            mistakes.push(Mistake::new(place, &path, kind));
        };
        if let Some(most) = bounds.max_worst_case.or(all.max_worst_case) {
            let time = policy.worst_case;
            if time.is_none_or(|time| time > most) {
                mistake("max_worst_case", MistakeKind::WorstCase { time, most });
            }
        }
        if let Some(most) = bounds.max_amplification.or(all.max_amplification) {
            let attempts = policy.amplification;
            if attempts.is_none_or(|attempts| attempts > u64::from(most)) {
                let through = policy.through;
                mistake(
                    "max_amplification",
                    MistakeKind::Amplification {
                        attempts,
                        most,
                        through,
                    },
                );
            }
        }
    }
}

impl fmt::Display for Review {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads = ["policy", "attempts", "delays", "worst case", "amplification"];
        let mut rows: Vec<[String; 5]> = vec![heads.map(str::to_owned)];
        rows.extend(self.policies.iter().map(PolicyReview::cells));
        let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
        let widths: [usize; 5] = std::array::from_fn(width);
        for row in &rows {
            let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
            let line = cells.collect::<Vec<_>>().join("  ");
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

impl PolicyReview {
    fn cells(&self) -> [String; 5] {
        let unlimited = || "unlimited".to_owned();
        let mut delays: Vec<String> = self
            .delays
            .iter()
            .take(PRINTED)
            .map(|delay| text(*delay).to_string())
            .collect();
        if self.delays.len() > PRINTED {
            delays.push("..".to_owned());
        }
        let delays = match (delays.is_empty(), self.is_random) {
            (true, _) => "none".to_owned(),
            (false, true) => format!("up to {}", delays.join(", ")),
            (false, false) => delays.join(", "),
        };
        let amplification = match self.through.as_slice() {
            [_] => self
                .amplification
                .map_or_else(unlimited, |attempts| attempts.to_string()),
            through => {
                let attempts = self
                    .amplification
                    .map_or_else(unlimited, |attempts| attempts.to_string());
                format!("{attempts} through {}", through.join(", "))
            }
        };
        [
            self.name.clone(),
            self.attempts.map_or_else(unlimited, |attempts| attempts.to_string()),
            delays,
            self.worst_case
                .map_or_else(|| "unbounded".to_owned(), |time| text(time).to_string()),
            amplification,
        ]
    }
}
