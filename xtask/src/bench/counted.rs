//! All that was counted, by the parts of the cases' names: `kind/contestant/case`, where a contestant may have several
//! words.

use super::probe::Counts;

/// All that was counted, in the order of the probe's list.
#[derive(Default)]
pub(crate) struct Counted {
    cases: Vec<(String, Counts)>,
    /// By how many bytes a run's future exceeds its operation's, at most.
    pub(crate) overhead: usize,
}

/// What a case's name consists of.
pub(crate) fn parts(name: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = name.split_once('/')?;
    let (contestant, case) = rest.rsplit_once('/')?;
    Some((kind, contestant, case))
}

/// Whether a contestant is of this repository.
pub(crate) fn is_ours(contestant: &str) -> bool {
    matches!(contestant.split('/').next(), Some("persevere" | "attribute"))
}

/// Whether a contestant is of somebody else: neither ours, nor a loop by hand, nor nothing at all.
pub(crate) fn is_peer(contestant: &str) -> bool {
    !is_ours(contestant) && !matches!(contestant, "best" | "usual" | "bare")
}

impl Counted {
    pub(crate) fn add(&mut self, name: &str, counts: Counts) {
        self.cases.push((name.to_owned(), counts));
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Counts> {
        self.cases
            .iter()
            .find(|(case, _)| case == name)
            .map(|(_, counts)| counts)
    }

    pub(crate) fn of(&self, kind: &str, contestant: &str, case: &str) -> Option<&Counts> {
        self.get(&format!("{kind}/{contestant}/{case}"))
    }

    /// Those of a kind, each once: what is by hand first, then ours, then the others.
    pub(crate) fn contestants(&self, kind: &str) -> Vec<&str> {
        let mut found = Vec::new();
        for (name, _) in &self.cases {
            match parts(name) {
                Some((of, contestant, _)) if of == kind && !found.contains(&contestant) => found.push(contestant),
                _ => {}
            }
        }
        found.sort_by_key(|contestant| match *contestant {
            "bare" => (0, ""),
            "best" => (1, ""),
            "usual" => (2, ""),
            // Sorted by name, a contestant comes before its own variants.
            ours if is_ours(ours) => (3 + u8::from(ours.starts_with("attribute")), ours),
            peer => (5, peer),
        });
        found
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Counts)> {
        self.cases.iter().map(|(name, counts)| (name.as_str(), counts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contestants_are_in_order() {
        let mut counted = Counted::default();
        for name in [
            "sync/attribute/plain",
            "sync/backon/plain",
            "sync/persevere/in_place/plain",
            "sync/persevere/plain",
            "sync/best/plain",
            "async/best/plain",
            "sync/backoff/plain",
            "sync/best/jitter",
        ] {
            counted.add(name, Counts::default());
        }
        let order = [
            "best",
            "persevere",
            "persevere/in_place",
            "attribute",
            "backoff",
            "backon",
        ];
        assert_eq!(counted.contestants("sync"), order);
        assert!(counted.of("sync", "persevere/in_place", "plain").is_some());
        assert!(counted.of("sync", "persevere", "jitter").is_none());
    }

    #[test]
    fn a_peer_is_somebody_else() {
        assert!(is_peer("backon") && is_peer("tower-resilience"));
        for other in ["persevere/dyn", "attribute/whole", "best", "usual", "bare"] {
            assert!(!is_peer(other), "{other}");
        }
    }
}
