//! Packages whose dependencies are counted and whose builds are timed.

use std::path::Path;

/// A package as somebody would depend on it.
pub(crate) struct Subject {
    pub(crate) package: &'static str,
    has_defaults: bool,
    features: &'static [&'static str],
}

/// Packages that do the same, the least of ours first.
pub(crate) struct Group {
    pub(crate) title: &'static str,
    pub(crate) subjects: &'static [Subject],
}

const fn bare(package: &'static str, features: &'static [&'static str]) -> Subject {
    Subject {
        package,
        has_defaults: false,
        features,
    }
}

const fn usual(package: &'static str, features: &'static [&'static str]) -> Subject {
    Subject {
        package,
        has_defaults: true,
        features,
    }
}

pub(crate) const GROUPS: [Group; 3] = [
    Group {
        title: "Retries without a runtime",
        subjects: &[
            bare("persevere-core", &[]),
            bare("persevere", &["std"]),
            usual("persevere", &[]),
            bare("backon", &[]),
            bare("backon", &["std-blocking-sleep"]),
            usual("backoff", &[]),
            usual("exponential-backoff", &[]),
            bare("mulligan", &[]),
            bare("relentless", &[]),
            usual("relentless", &[]),
            usual("retry", &[]),
            usual("retry-policies", &[]),
        ],
    },
    Group {
        title: "Retries on tokio, and on a thread of its own",
        subjects: &[
            bare("persevere", &["std", "tokio"]),
            usual("persevere", &["tokio"]),
            usual("again", &[]),
            usual("backoff", &["tokio"]),
            bare("backon", &["tokio-sleep"]),
            usual("backon", &[]),
            usual("mulligan", &[]),
            usual("relentless", &["tokio-clock"]),
            usual("tokio-retry", &[]),
            usual("tokio-retry2", &["jitter"]),
            bare("tower", &["retry"]),
            usual("tryhard", &[]),
        ],
    },
    Group {
        title: "Circuit breakers and retry budgets",
        subjects: &[
            bare("persevere-breaker", &[]),
            usual("persevere-breaker", &[]),
            usual("persevere-budget", &[]),
            usual("breaker", &[]),
            usual("circuitbreaker-rs", &[]),
            usual("failsafe", &[]),
            usual("recloser", &[]),
            usual("tower-resilience-circuitbreaker", &[]),
        ],
    },
];

impl Subject {
    pub(crate) fn is_ours(&self) -> bool {
        self.package.starts_with("persevere")
    }

    /// The features as one would name them.
    pub(crate) fn features(&self) -> String {
        match (self.has_defaults, self.features) {
            (true, []) => "default".to_owned(),
            (true, features) => format!("default, {}", features.join(", ")),
            (false, []) => "none".to_owned(),
            (false, features) => features.join(", "),
        }
    }

    /// A name for its folder.
    pub(crate) fn folder(&self) -> String {
        let features = if self.has_defaults { "default" } else { "none" };
        [self.package, features]
            .into_iter()
            .chain(self.features.iter().copied())
            .collect::<Vec<_>>()
            .join("-")
    }

    /// The manifest of a package that depends on this one and nothing else: on ours in `crates`, on others in this version.
    pub(crate) fn manifest(&self, crates: &Path, version: Option<&str>) -> String {
        let origin = if self.is_ours() {
            format!("path = {:?}", crates.join(self.package))
        } else {
            format!(
                "version = \"{}\"",
                version.map_or("*".to_owned(), |version| format!("={version}"))
            )
        };
        let features: Vec<_> = self.features.iter().map(|feature| format!("{feature:?}")).collect();
        format!(
            "[package]\nname = \"subject\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[lib]\npath = \"lib.rs\"\n\n\
             [dependencies]\n{} = {{ {origin}, default-features = {}, features = [{}] }}\n",
            self.package,
            self.has_defaults,
            features.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_dependency() {
        let crates = Path::new("/a/crates");
        let manifest = bare("backon", &["std", "tokio-sleep"]).manifest(crates, Some("1.6.0"));
        assert!(manifest.ends_with(
            "[dependencies]\nbackon = { version = \"=1.6.0\", default-features = false, features = [\"std\", \"tokio-sleep\"] }\n"
        ));
        let manifest = usual("persevere", &[]).manifest(crates, None);
        assert!(
            manifest.contains("persevere = { path = \"/a/crates/persevere\", default-features = true, features = [] }")
        );
    }

    #[test]
    fn no_two_subjects_share_a_folder() {
        let mut folders: Vec<_> = GROUPS
            .iter()
            .flat_map(|group| group.subjects)
            .map(Subject::folder)
            .collect();
        let all = folders.len();
        folders.sort();
        folders.dedup();
        assert_eq!(folders.len(), all);
        assert!(GROUPS.iter().all(|group| group.subjects[0].is_ours()));
    }
}
