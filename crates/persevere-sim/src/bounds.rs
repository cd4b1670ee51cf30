//! [`Bounds`]: the bounds that a team sets for its policies.

use crate::outcome::Phase;
use crate::summary::Summary;
use crate::table::short;
use core::time::Duration;

/// The bounds that a team sets for its policies in a scenario, with every seed.
///
/// ```
/// use persevere_sim::{Bounds, Study, Watch, compare};
/// use std::time::Duration;
///
/// let study = Study::shipped("metastable-outage").unwrap();
/// let bounds = Bounds { recover_within: Some(Duration::from_secs(60)), ..Bounds::default() };
/// let summaries = compare(&study.scenario, &study.candidates[..2], 0..2, Watch::none())?;
/// let exceeded: Vec<String> = summaries.iter().flat_map(|summary| bounds.exceeded(summary)).collect();
/// assert_eq!(exceeded, ["one retry at once: recovered with 0 of 2 seeds"]);
/// # Ok::<(), persevere_sim::InvalidScenario>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bounds {
    /// The longest time to recover. Without it a policy has to recover all the same.
    pub recover_within: Option<Duration>,
    /// The most attempts at the last service for each request, after the disturbance.
    pub max_amplification: Option<f64>,
    /// The largest share of requests that may fail.
    pub max_failed: Option<f64>,
}

impl Bounds {
    /// The bounds that a candidate exceeds, a line for each.
    #[must_use]
    pub fn exceeded(&self, summary: &Summary) -> Vec<String> {
        let name = summary.name();
        let mut lines = Vec::new();
        match (summary.longest_recovery(), self.recover_within) {
            (None, _) => lines.push(format!(
                "{name}: recovered with {} of {} seeds",
                summary.recovered(),
                summary.outcomes().len()
            )),
            (Some(longest), Some(most)) if longest > most => lines.push(format!(
                "{name}: took {} to recover, and the bound is {}",
                short(longest),
                short(most)
            )),
            _ => {}
        }
        if let (Some(load), Some(most)) = (summary.amplification(Phase::After), self.max_amplification) {
            if load > most {
                lines.push(format!(
                    "{name}: made {load:.2} attempts per request afterwards, and the bound is {most}"
                ));
            }
        }
        if let Some(most) = self.max_failed.filter(|most| summary.failed() > *most) {
            let failed = summary.failed() * 100.0;
            lines.push(format!(
                "{name}: {failed:.1} % of requests failed, and the bound is {} %",
                most * 100.0
            ));
        }
        lines
    }
}
