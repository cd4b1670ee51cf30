//! Mistakes in settings: where, why, and what to write.

use crate::tree::Place;
use persevere_breaker::InvalidBreaker;
use persevere_budget::InvalidBudget;
use persevere_core::InvalidPolicy;
use persevere_core::duration::{InvalidDuration, text};
use persevere_hedge::InvalidHedge;
use persevere_limit::InvalidLimit;
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// A mistake in settings.
///
/// `{}` prints the file and the line (where the format has lines), the setting, what is wrong, and what to write.
///
/// # Examples
///
/// ```
/// use persevere::config::{MistakeKind, Settings};
///
/// let mistakes = Settings::from_toml("[retry.billing]\nmax_atempts = 4\n").unwrap_err();
/// let mistake = &mistakes.list()[0];
/// assert_eq!((mistake.line(), mistake.path()), (Some(2), "retry.billing.max_atempts"));
/// assert!(matches!(mistake.kind(), MistakeKind::Unknown { .. }));
/// assert_eq!(
///     mistake.to_string(),
///     "line 2: unknown setting `max_atempts` in [retry.billing]: did you mean `max_attempts`?",
/// );
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Mistake {
    place: Place,
    path: String,
    kind: MistakeKind,
}

/// The kind of a mistake.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum MistakeKind {
    /// The text is not of its format.
    Syntax(String),
    /// An unknown name, with the suggestion of another name.
    #[non_exhaustive]
    Unknown {
        /// The word for names of this kind, such as "setting".
        noun: &'static str,
        /// "did you mean `max_attempts`?", or the list of all names.
        suggestion: String,
    },
    /// A value of another type than the setting takes.
    #[non_exhaustive]
    Type {
        /// The kind of value that the setting takes, such as "a whole number".
        wanted: &'static str,
        /// The kind of value that was found, such as "text".
        found: &'static str,
        /// The text to write, such as `max_attempts = 3`.
        example: &'static str,
    },
    /// A number outside of the range of its type.
    #[non_exhaustive]
    Range {
        /// The least and the most, in words.
        wanted: &'static str,
    },
    /// Text that is none of the words of a setting.
    #[non_exhaustive]
    Choice {
        /// The text.
        word: String,
        /// "did you mean `\"full\"`?", or all the words.
        suggestion: String,
    },
    /// Text that is not a duration.
    InvalidDuration(InvalidDuration),
    /// A value that a policy rejects.
    InvalidPolicy(InvalidPolicy),
    /// A value that a breaker rejects.
    InvalidBreaker(InvalidBreaker),
    /// A value that a budget rejects.
    InvalidBudget(InvalidBudget),
    /// A value that a limit rejects.
    InvalidLimit(InvalidLimit),
    /// A value that a hedge rejects.
    InvalidHedge(InvalidHedge),
    /// Two settings that exclude each other.
    #[non_exhaustive]
    Conflict {
        /// The other setting.
        with: String,
    },
    /// A setting that has an effect only with another.
    #[non_exhaustive]
    Needs {
        /// The other setting, as it is written.
        example: &'static str,
    },
    /// A table that must have one of several settings, and has none of them.
    #[non_exhaustive]
    Incomplete {
        /// The text to write.
        example: &'static str,
    },
    /// The worst case of a policy exceeds `max_worst_case`.
    #[non_exhaustive]
    WorstCase {
        /// The longest time of a run; `None` if it is not bounded.
        time: Option<Duration>,
        /// The bound.
        most: Duration,
    },
    /// The attempts that a run makes through all layers exceed `max_amplification`.
    #[non_exhaustive]
    Amplification {
        /// The attempts; `None` if they are not bounded.
        attempts: Option<u64>,
        /// The bound.
        most: u32,
        /// The policies from this one down.
        through: Vec<String>,
    },
    /// A policy that calls itself, through the policies named.
    Cycle(Vec<String>),
    /// An environment variable that names no setting, or may mean several.
    Variable(String),
}

impl Mistake {
    pub(crate) fn new(place: &Place, path: &str, kind: MistakeKind) -> Mistake {
        Mistake {
            place: place.clone(),
            path: path.to_owned(),
            kind,
        }
    }

    pub(crate) fn within(mut self, source: &Arc<str>) -> Mistake {
        self.place.source = Some(Arc::clone(source));
        self
    }

    /// Returns the file or the environment variable; `None` if it is not known.
    #[must_use]
    pub fn source_name(&self) -> Option<&str> {
        self.place.source.as_deref()
    }

    /// Returns the line, from 1; `None` if it is not known.
    #[must_use]
    pub fn line(&self) -> Option<usize> {
        self.place.line
    }

    /// Returns the setting with the tables around it, such as `retry.billing.max_attempts`. Empty for a mistake in the
    /// syntax.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Returns the kind.
    #[must_use]
    pub fn kind(&self) -> &MistakeKind {
        &self.kind
    }
}

/// The last name of a path, and what is around it.
fn split(path: &str) -> (&str, &str) {
    match path.rsplit_once('.') {
        Some((table, name)) => (name, table),
        None => (path, ""),
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, table) = split(&self.path);
        let within = |f: &mut fmt::Formatter<'_>| match table {
            "" => Ok(()),
            table => write!(f, " in [{table}]"),
        };
        self.place.fmt(f)?;
        match &self.kind {
            MistakeKind::Syntax(message) => return f.write_str(message),
            MistakeKind::Variable(message) => return f.write_str(message),
            MistakeKind::Unknown { noun, suggestion } => {
                write!(f, "unknown {noun} `{name}`")?;
                within(f)?;
                return write!(f, ": {suggestion}");
            }
            _ => {}
        }
        write!(f, "`{name}`")?;
        within(f)?;
        match &self.kind {
            MistakeKind::Type { wanted, found, example } => {
                write!(f, " takes {wanted}, not {found}: write `{example}`")
            }
            MistakeKind::Range { wanted } => write!(f, " must be {wanted}"),
            MistakeKind::Choice { word, suggestion } => write!(f, ": unknown word \"{word}\": {suggestion}"),
            MistakeKind::InvalidDuration(invalid) => write!(f, ": {invalid}"),
            MistakeKind::InvalidPolicy(invalid) => rejected(f, invalid),
            MistakeKind::InvalidBreaker(invalid) => rejected(f, invalid),
            MistakeKind::InvalidBudget(invalid) => rejected(f, invalid),
            MistakeKind::InvalidLimit(invalid) => rejected(f, invalid),
            MistakeKind::InvalidHedge(invalid) => rejected(f, invalid),
            MistakeKind::Conflict { with } => write!(f, " conflicts with `{with}`: write only one of them"),
            MistakeKind::Needs { example } => write!(f, " has no effect alone: write `{example}` too"),
            MistakeKind::Incomplete { example } => write!(f, " is incomplete: write {example}"),
            MistakeKind::WorstCase { time: Some(time), most } => {
                let (time, most) = (text(*time), text(*most));
                write!(
                    f,
                    " is exceeded: a run may take {time}, and the bound is {most}: write fewer attempts, a shorter \
                     `attempt_timeout`, or a higher bound"
                )
            }
            MistakeKind::WorstCase { time: None, most } => write!(
                f,
                " is exceeded: the time of a run is not bounded, and the bound is {}: write `attempt_timeout = \"2s\"`, \
                 and `max_attempts` or `max_elapsed`",
                text(*most)
            ),
            MistakeKind::Amplification {
                attempts,
                most,
                through,
            } => {
                f.write_str(" is exceeded: a run may make ")?;
                match attempts {
                    Some(attempts) => write!(f, "{attempts} attempts")?,
                    None => f.write_str("any number of attempts")?,
                }
                let through = through.join(", ");
                write!(
                    f,
                    " through {through}, and the bound is {most}: write fewer attempts, or a higher bound"
                )
            }
            MistakeKind::Cycle(through) => {
                let through = through.join(" calls ");
                write!(f, ": a policy cannot call itself: {through}: remove one of these calls")
            }
            _ => Ok(()),
        }
    }
}

/// The message of a builder, without "invalid retry policy".
fn rejected(f: &mut fmt::Formatter<'_>, invalid: &dyn Error) -> fmt::Result {
    let message = invalid.to_string();
    let reason = message.split_once(": ").map_or(message.as_str(), |(_, reason)| reason);
    write!(f, ": {reason}")
}

impl Error for Mistake {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            MistakeKind::InvalidDuration(invalid) => Some(invalid),
            MistakeKind::InvalidPolicy(invalid) => Some(invalid),
            MistakeKind::InvalidBreaker(invalid) => Some(invalid),
            MistakeKind::InvalidBudget(invalid) => Some(invalid),
            MistakeKind::InvalidLimit(invalid) => Some(invalid),
            MistakeKind::InvalidHedge(invalid) => Some(invalid),
            _ => None,
        }
    }
}

/// All mistakes of some settings, in the order of the text; at least one. `{}` prints one on each line.
#[derive(Debug, Clone, PartialEq)]
pub struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Returns `settings` if there are no mistakes.
    pub(crate) fn none_or<T>(mut mistakes: Vec<Mistake>, settings: T) -> Result<T, Mistakes> {
        if mistakes.is_empty() {
            return Ok(settings);
        }
        mistakes.sort_by(|one, other| {
            let key = |mistake: &Mistake| (mistake.place.source.clone(), mistake.place.line);
            key(one).cmp(&key(other))
        });
        Err(Mistakes(mistakes))
    }

    /// Returns the mistakes.
    #[must_use]
    pub fn list(&self) -> &[Mistake] {
        &self.0
    }
}

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Mistakes {
        Mistakes(vec![mistake])
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, mistake) in self.0.iter().enumerate() {
            let line = if index == 0 { "" } else { "\n" };
            write!(f, "{line}{mistake}")?;
        }
        Ok(())
    }
}

impl Error for Mistakes {}

/// Why settings could not be loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file could not be read.
    #[non_exhaustive]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// The name of the file ends with no known format, or the format needs a feature.
    #[non_exhaustive]
    Format {
        /// The file.
        path: PathBuf,
    },
    /// The settings are wrong.
    Mistakes(Mistakes),
}

impl LoadError {
    pub(crate) fn read(path: &Path, error: std::io::Error) -> LoadError {
        let path = path.to_owned();
        LoadError::Read { path, error }
    }

    /// Returns the mistakes; none if the file could not be read.
    #[must_use]
    pub fn mistakes(&self) -> &[Mistake] {
        match self {
            LoadError::Mistakes(mistakes) => mistakes.list(),
            _ => &[],
        }
    }
}

impl From<Mistakes> for LoadError {
    fn from(mistakes: Mistakes) -> LoadError {
        LoadError::Mistakes(mistakes)
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Read { path, error } => write!(f, "cannot read {}: {error}", path.display()),
            LoadError::Format { path } => write!(
                f,
                "unknown format of {}: name the file `.toml` (feature `toml`) or `.json` (feature `json`)",
                path.display()
            ),
            LoadError::Mistakes(mistakes) => mistakes.fmt(f),
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Its message is part of this message.
            LoadError::Read { error, .. } => error.source(),
            LoadError::Format { .. } | LoadError::Mistakes(_) => None,
        }
    }
}
