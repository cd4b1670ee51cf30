//! Names that are not configured.

use persevere_core::nearest;
use std::error::Error;
use std::fmt;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noun {
    Policy,
    Breaker,
    Budget,
    Limit,
    Hedge,
}

impl Noun {
    /// The noun, its plural, and its table.
    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Noun::Policy => ("policy", "policies", "retry"),
            Noun::Breaker => ("breaker", "breakers", "breaker"),
            Noun::Budget => ("budget", "budgets", "budget"),
            Noun::Limit => ("limit", "limits", "limit"),
            Noun::Hedge => ("hedge", "hedges", "hedge"),
        }
    }
}

/// A name that is not configured; returned by [`Policies::get`](crate::Policies::get), [`Policies::breaker`](crate::Policies::breaker), [`Policies::budget`](crate::Policies::budget),
/// [`Policies::limit`](crate::Policies::limit) and [`Policies::hedge`](crate::Policies::hedge).
///
/// `{}` prints the configured name that was meant, or all configured names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    noun: Noun,
    name: String,
    known: Vec<String>,
}

impl UnknownName {
    pub(crate) fn new<'n>(noun: Noun, name: &str, known: impl Iterator<Item = &'n String>) -> UnknownName {
        UnknownName {
            noun,
            name: name.to_owned(),
            known: known.cloned().collect(),
        }
    }

    /// Returns the name that was looked up.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the names that are configured.
    #[must_use]
    pub fn known(&self) -> &[String] {
        &self.known
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (noun, nouns, table) = self.noun.words();
        let name = &self.name;
        write!(f, "no {noun} `{name}` is configured: ")?;
        if self.known.is_empty() {
            return write!(f, "write `[{table}.{name}]`");
        }
        let known: Vec<&str> = self.known.iter().map(String::as_str).collect();
        f.write_str(&nearest::suggestion(name, nouns, &known))
    }
}

impl Error for UnknownName {}

/// Settings that cannot replace others, since names that are in use are not configured in them; returned by
/// [`Policies::replace`](crate::Policies::replace).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidReplacement {
    pub(crate) missing: Vec<UnknownName>,
}

impl InvalidReplacement {
    /// Returns the names.
    #[must_use]
    pub fn missing(&self) -> &[UnknownName] {
        &self.missing
    }
}

impl fmt::Display for InvalidReplacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nothing was replaced, since names in use are missing")?;
        for missing in &self.missing {
            write!(f, "\n{missing}")?;
        }
        Ok(())
    }
}

impl Error for InvalidReplacement {}
