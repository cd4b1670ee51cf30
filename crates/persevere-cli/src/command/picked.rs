//! The subject of a simulation: a scenario, and the policies and seeds that the arguments pick.

use anyhow::{Context, Result, bail};
use clap::Args;
use persevere_sim::{Candidate, SHIPPED, Study};
use std::fs;
use std::path::{Path, PathBuf};

/// The arguments that pick policies and seeds.
#[derive(Debug, Args)]
pub(crate) struct Picks {
    /// Takes the policies of this file: tables `[retry.NAME]`, `[budget.NAME]` and `[breaker.NAME]`.
    #[arg(long, value_name = "FILE")]
    policies: Option<PathBuf>,
    /// Takes the policy of this name; can be given several times.
    #[arg(long = "policy", value_name = "NAME")]
    names: Vec<String>,
    /// The number of seeds.
    #[arg(long, value_name = "N")]
    seeds: Option<u64>,
}

impl Picks {
    /// Whether something is picked.
    pub(crate) fn is_given(&self) -> bool {
        self.policies.is_some() || !self.names.is_empty() || self.seeds.is_some()
    }

    /// The scenario of a path, or of a name that ships.
    pub(crate) fn study(&self, scenario: &str) -> Result<Study> {
        let mut study = match Study::shipped(scenario) {
            Some(study) => study,
            None if Path::new(scenario).exists() => Study::from_file(Path::new(scenario))?,
            None => {
                let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
                bail!(
                    "there is no file `{scenario}`, and no scenario ships by this name: there are {}",
                    names.join(", ")
                );
            }
        };
        if let Some(path) = &self.policies {
            study.candidates = candidates(path)?;
        }
        if !self.names.is_empty() {
            study.candidates = self.named(&study.candidates)?;
        }
        study.seeds = self.seeds.unwrap_or(study.seeds).max(1);
        Ok(study)
    }

    /// A scenario that ships, with the policies and seeds of another.
    pub(crate) fn study_of(name: &str, other: &Study) -> Result<Study> {
        let mut study = Study::shipped(name).with_context(|| format!("no scenario `{name}` ships"))?;
        study.candidates.clone_from(&other.candidates);
        study.seeds = other.seeds;
        Ok(study)
    }

    /// The policies of these names, in their order.
    fn named(&self, candidates: &[Candidate]) -> Result<Vec<Candidate>> {
        let find = |name: &String| {
            let found = candidates.iter().find(|candidate| candidate.name() == name);
            found.cloned().with_context(|| {
                let names: Vec<&str> = candidates.iter().map(Candidate::name).collect();
                format!("there is no policy `{name}`: there are {}", names.join("; "))
            })
        };
        self.names.iter().map(find).collect()
    }
}

fn candidates(path: &Path) -> Result<Vec<Candidate>> {
    let context = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(context)?;
    Study::candidates_from_toml(&text).with_context(context)
}
