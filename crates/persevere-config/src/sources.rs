//! Settings from several sources, of which a later one overrides an earlier one.

use crate::format;
use crate::mistake::{LoadError, Mistake, MistakeKind, Mistakes};
use crate::settings::Settings;
use crate::tree::{Entry, Place, Tree, Value};
use crate::words::{CURVES, EXCLUSIVE};
use std::path::Path;
use std::sync::Arc;

/// The prefix of the names of variables.
const PREFIX: &str = "PERSEVERE_";

/// Sources of settings, each of which overrides those before it, setting by setting.
///
/// A variable of the environment is named by the tables around a setting: `PERSEVERE_RETRY__BILLING__MAX_ATTEMPTS=6` is
/// `max_attempts = 6` in `[retry.billing]`, and `PERSEVERE_RETRY__BILLING__BACKOFF__FIXED=1s` another backoff. A name with
/// `-` is written with `_`. Lists are separated by commas. Variables without `__` are ignored.
///
/// A setting removes the settings of an earlier source that it excludes: `over` removes `over_calls`, and another curve
/// the backoff before it.
///
/// # Examples
///
/// ```
/// use persevere::config::Sources;
///
/// let settings = Sources::new()
///     .toml("[retry.billing]\nmax_attempts = 4\nmax_delay = \"5s\"")?
///     .variables([("PERSEVERE_RETRY__BILLING__MAX_ATTEMPTS", "6")])
///     .settings()?;
/// assert_eq!(settings.policy("billing").unwrap().limits().max_attempts(), Some(6));
/// # Ok::<(), persevere::config::LoadError>(())
/// ```
#[derive(Debug, Default)]
#[must_use = "sources do nothing until `.settings()`"]
pub struct Sources {
    tree: Tree,
    mistakes: Vec<Mistake>,
}

impl Sources {
    /// No source yet.
    pub fn new() -> Sources {
        Sources::default()
    }

    /// Adds a file, in the format that its name ends with.
    ///
    /// # Errors
    ///
    /// [`LoadError`] if it cannot be read, or is not of its format.
    pub fn file(mut self, path: impl AsRef<Path>) -> Result<Sources, LoadError> {
        merge(&mut self.tree, format::read(path.as_ref())?, 0);
        Ok(self)
    }

    /// Adds text in TOML.
    ///
    /// # Errors
    ///
    /// [`LoadError::Mistakes`] if it is not TOML.
    #[cfg(feature = "toml")]
    pub fn toml(mut self, text: &str) -> Result<Sources, LoadError> {
        merge(&mut self.tree, format::toml::parse(text).map_err(Mistakes::from)?, 0);
        Ok(self)
    }

    /// Adds text in JSON.
    ///
    /// # Errors
    ///
    /// [`LoadError::Mistakes`] if it is not JSON.
    #[cfg(feature = "json")]
    pub fn json(mut self, text: &str) -> Result<Sources, LoadError> {
        merge(&mut self.tree, format::json::parse(text).map_err(Mistakes::from)?, 0);
        Ok(self)
    }

    /// Adds the environment of the process. Variables that are not Unicode are ignored.
    pub fn environment(self) -> Sources {
        let variables = std::env::vars_os();
        let unicode = variables.filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()));
        self.variables(unicode)
    }

    /// Adds variables that are read like the variables of the environment.
    pub fn variables<N: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Sources {
        let variables = variables.into_iter().map(|(name, value)| (name.into(), value.into()));
        let mut ours: Vec<(String, String)> = variables
            .filter(|(name, _)| name.strip_prefix(PREFIX).is_some_and(|path| path.contains("__")))
            .collect();
        ours.sort();
        for (name, value) in ours {
            self.variable(&name, value);
        }
        self
    }

    fn variable(&mut self, variable: &str, value: String) {
        let place = Place {
            source: Some(Arc::from(variable)),
            line: None,
        };
        let names: Vec<String> = variable[PREFIX.len()..].split("__").map(str::to_lowercase).collect();
        let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
        let [section, rest @ ..] = names.as_mut_slice() else {
            return;
        };
        let is_whole = match *section {
            "retry" | "breaker" | "budget" | "limit" | "hedge" => rest.len() >= 2,
            _ => true,
        };
        if !is_whole || rest.iter().any(|name| name.is_empty()) {
            let message = format!(
                "`{variable}` names no setting: write the table, the name and the setting, as in \
                 `PERSEVERE_RETRY__BILLING__MAX_ATTEMPTS`"
            );
            self.mistakes
                .push(Mistake::new(&place, variable, MistakeKind::Variable(message)));
            return;
        }
        if *section != "review" {
            let same = same_name(&self.tree, section, rest[0]);
            match same.as_slice() {
                [] => {}
                [name] => {
                    let name = name.clone();
                    let mut owned: Vec<String> = names.iter().map(ToString::to_string).collect();
                    owned[1] = name;
                    return merge(&mut self.tree, nested(&owned, &place, value), 0);
                }
                several => {
                    let message = format!(
                        "`{variable}` may mean any of `{}`: rename all but one",
                        several.join("`, `")
                    );
                    self.mistakes
                        .push(Mistake::new(&place, variable, MistakeKind::Variable(message)));
                    return;
                }
            }
        }
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        merge(&mut self.tree, nested(&names, &place, value), 0);
    }

    /// Reads and checks the settings as a whole.
    ///
    /// # Errors
    ///
    /// Every mistake.
    pub fn settings(self) -> Result<Settings, Mistakes> {
        if !self.mistakes.is_empty() {
            let mut mistakes = self.mistakes;
            if let Err(others) = Settings::from_tree(&self.tree) {
                mistakes.extend(others.list().iter().cloned());
            }
            return Mistakes::none_or(mistakes, Settings::default());
        }
        Settings::from_tree(&self.tree)
    }
}

/// The names in a section that a variable writes like this.
fn same_name(tree: &Tree, section: &str, written: &str) -> Vec<String> {
    let as_variable = |name: &str| name.to_lowercase().replace(['-', '.', ' '], "_");
    let sections = tree.entries().unwrap_or_default().iter();
    let entries = sections
        .filter(|entry| entry.name == section)
        .filter_map(|entry| entry.tree.entries());
    let names = entries.flatten().map(|entry| entry.name.clone());
    names.filter(|name| as_variable(name) == written).collect()
}

/// Tables of these names around a value.
fn nested(names: &[String], place: &Place, value: String) -> Tree {
    let innermost = Tree {
        place: place.clone(),
        value: Value::Untyped(value),
    };
    names.iter().rev().fold(innermost, |tree, name| {
        let entry = Entry {
            name: name.clone(),
            place: place.clone(),
            tree,
        };
        Tree {
            place: place.clone(),
            value: Value::Table(vec![entry]),
        }
    })
}

/// Adds what a later source sets, at a depth of the given number of tables.
fn merge(earlier: &mut Tree, later: Tree, depth: usize) {
    let (Value::Table(entries), Value::Table(added)) = (&mut earlier.value, &later.value) else {
        *earlier = later;
        return;
    };
    for entry in added {
        let is_known = entries.iter().any(|known| known.name == entry.name);
        // Names of sections, and names that users choose, are not settings.
        let groups = EXCLUSIVE
            .iter()
            .filter(|group| depth > 1 && group.contains(&entry.name.as_str()));
        for group in groups {
            if group == &CURVES && !is_known {
                entries.clear();
            }
            entries.retain(|known| known.name == entry.name || !group.contains(&known.name.as_str()));
        }
        match entries.iter_mut().find(|known| known.name == entry.name) {
            Some(known) => {
                // A table keeps the place in its first source.
                if known.tree.entries().is_none() {
                    known.place = entry.place.clone();
                }
                merge(&mut known.tree, entry.tree.clone(), depth + 1);
            }
            None => entries.push(entry.clone()),
        }
    }
}
