//! [`Study`]: a scenario, the candidates to compare in it, and the number of seeds.

use crate::candidate::Candidate;
use crate::error::InvalidScenario;
use crate::scenario::{Scenario, file};
use std::path::Path;

/// A scenario, the candidates to compare in it, and the number of seeds: what a file describes.
///
/// ```
/// use persevere_sim::Study;
///
/// let study = Study::shipped("metastable-outage").unwrap();
/// assert_eq!(study.scenario.demand_per_second(), 280.0);
/// assert!(study.candidates.iter().any(|candidate| candidate.name() == "no retry"));
/// ```
#[derive(Debug, Clone)]
pub struct Study {
    /// The scenario.
    pub scenario: Scenario,
    /// The candidates, in the order of the file.
    pub candidates: Vec<Candidate>,
    /// The number of seeds; the seeds are 0, 1, 2, ..
    pub seeds: u64,
}

macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        /// The scenarios that ship, by name, with their text.
        pub const SHIPPED: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../scenarios/", $name, ".toml")))),*
        ];
    };
}

shipped![
    "metastable-outage",
    "large-fleet",
    "shedding-server",
    "slow-dependency",
    "demand-spike",
    "deploy-herd",
    "cold-cache",
    "partial-errors",
    "sick-replica",
    "refused-connections",
    "nested-retries",
    "rate-limit",
];

/// The policies that a scenario compares unless it names its own.
const USUAL: &str = include_str!("../scenarios/policies.toml");

impl Study {
    /// Whether a text is a scenario, not a file of policies: whether it has a `[[service]]`.
    #[must_use]
    pub fn is_scenario(text: &str) -> bool {
        text.lines().any(|line| line.trim_start().starts_with("[[service]]"))
    }

    /// Reads a scenario from TOML. Without policies of its own it compares the [usual ones](Study::usual_candidates).
    ///
    /// # Errors
    ///
    /// [`InvalidScenario::Text`] with the line and what is wrong.
    pub fn from_toml(text: &str) -> Result<Study, InvalidScenario> {
        Study::from_toml_in(text, Path::new(""))
    }

    /// Reads a scenario from a file. The files that it names are relative to its folder.
    ///
    /// # Errors
    ///
    /// [`InvalidScenario::Text`] with the line and what is wrong, or why the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Study, InvalidScenario> {
        let wrong = |error: &dyn core::fmt::Display| InvalidScenario::Text(format!("{}: {error}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        Study::from_toml_in(&text, folder).map_err(|error| wrong(&error))
    }

    /// A scenario that ships; `None` if none has this name.
    #[must_use]
    pub fn shipped(name: &str) -> Option<Study> {
        let (_, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
        Some(Study::from_toml(text).expect("the scenarios that ship are valid"))
    }

    /// The candidates that a scenario compares unless it names its own: the library's policies, budgets and breakers.
    #[must_use]
    pub fn usual_candidates() -> Vec<Candidate> {
        file::parse_policies(USUAL).expect("the policies that ship are valid")
    }

    /// Reads candidates from TOML, in the format of [`persevere_config`]: one for each `[retry.NAME]`, with the
    /// `[budget.NAME]` and the `[breaker.NAME]` of the same name. Tables `[candidate.NAME]` pick others, by `retry`, `budget`
    /// and `breaker`, and the callers that use them, by `place` (`"everywhere"`, `"outermost"`, `"innermost"`).
    /// Limits and hedges are checked, and not simulated.
    ///
    /// ```
    /// use persevere_sim::Study;
    ///
    /// let candidates = Study::candidates_from_toml("[retry.api]\nmax_attempts = 3\n[limit.api]\nbulkhead = 10")?;
    /// assert_eq!(candidates.len(), 1);
    /// # Ok::<(), persevere_sim::InvalidScenario>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidScenario::Text`] with the line and what is wrong.
    pub fn candidates_from_toml(text: &str) -> Result<Vec<Candidate>, InvalidScenario> {
        file::parse_policies(text)
    }

    fn from_toml_in(text: &str, folder: &Path) -> Result<Study, InvalidScenario> {
        let mut study = file::parse(text, folder)?;
        if study.candidates.is_empty() {
            study.candidates = Study::usual_candidates();
        }
        Ok(study)
    }
}
