//! A table that is being read: each setting once, with a mistake for every name that no setting has.

use crate::mistake::{Mistake, MistakeKind};
use crate::tree::{Entry, Place, Tree, Value};
use crate::words::{self, Word};
use persevere_core::duration;
use std::ops::RangeInclusive;
use std::time::Duration;

/// A table that is being read.
pub(crate) struct Table<'a> {
    path: String,
    place: Place,
    entries: &'a [Entry],
    words: &'static [Word],
    /// Whether it is a table whose names are all known, so that a missing setting cannot be a misspelt name.
    is_known: bool,
    mistakes: &'a mut Vec<Mistake>,
}

impl<'a> Table<'a> {
    /// Begins to read `tree`, whose settings are `words`. Other names are mistakes, and so is any value except a table.
    pub(crate) fn read(
        path: &str,
        noun: &'static str,
        example: &'static str,
        tree: &'a Tree,
        words: &'static [Word],
        mistakes: &'a mut Vec<Mistake>,
    ) -> Table<'a> {
        let before = mistakes.len();
        let entries = tree.entries().unwrap_or_else(|| {
            let kind = MistakeKind::Type {
                wanted: "a table",
                found: tree.value.kind(),
                example,
            };
            mistakes.push(Mistake::new(&tree.place, path, kind));
            &[]
        });
        for entry in entries {
            if !words.iter().any(|(known, _)| *known == entry.name) {
                let suggestion = words::suggestion(&entry.name, noun, words);
                let kind = MistakeKind::Unknown { noun, suggestion };
                mistakes.push(Mistake::new(&entry.place, &joined(path, &entry.name), kind));
            }
        }
        let mut table = Table {
            path: path.to_owned(),
            place: tree.place.clone(),
            entries,
            words,
            is_known: mistakes.len() == before,
            mistakes,
        };
        table.find_conflicts();
        table
    }

    fn find_conflicts(&mut self) {
        for group in words::EXCLUSIVE {
            let mut of_group = self.entries.iter().filter(|entry| group.contains(&entry.name.as_str()));
            let Some(first) = of_group.next() else {
                continue;
            };
            for entry in of_group {
                let with = first.name.clone();
                let path = joined(&self.path, &entry.name);
                self.mistakes
                    .push(Mistake::new(&entry.place, &path, MistakeKind::Conflict { with }));
            }
        }
    }

    /// Whether a setting is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entry(name).is_some()
    }

    /// The entry of a setting.
    pub(crate) fn entry(&self, name: &str) -> Option<&'a Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The entry of a setting, and the list of mistakes.
    pub(crate) fn entry_and_mistakes(&mut self, name: &str) -> Option<(&'a Entry, &mut Vec<Mistake>)> {
        let entry = self.entry(name)?;
        Some((entry, self.mistakes))
    }

    /// Adds a mistake about a setting that is there.
    pub(crate) fn mistake(&mut self, name: &str, kind: MistakeKind) {
        let place = self.entry(name).map_or(&self.place, |entry| &entry.place);
        self.mistakes.push(Mistake::new(place, &joined(&self.path, name), kind));
    }

    /// Adds a mistake about the table, unless one of its names may be the missing setting, misspelt.
    pub(crate) fn incomplete(&mut self, example: &'static str) {
        if self.is_known {
            let kind = MistakeKind::Incomplete { example };
            self.mistakes.push(Mistake::new(&self.place, &self.path, kind));
        }
    }

    /// Adds a mistake for a setting that is there without another.
    pub(crate) fn needs(&mut self, name: &str, others: &[&'static str]) {
        if self.has(name) && !others.iter().any(|other| self.has(other)) {
            let example = words::example(self.words, others[0]);
            self.mistake(name, MistakeKind::Needs { example });
        }
    }

    /// Adds a mistake for a value of another type.
    pub(crate) fn wrong_type(&mut self, name: &'static str, wanted: &'static str, found: &'static str) {
        let example = words::example(self.words, name);
        self.mistake(name, MistakeKind::Type { wanted, found, example });
    }

    /// A duration.
    pub(crate) fn duration(&mut self, name: &'static str) -> Option<Duration> {
        match &self.entry(name)?.tree.value {
            Value::Text(text) | Value::Untyped(text) => self.parsed(name, text),
            other => {
                self.wrong_type(name, "a duration as text with a unit", other.kind());
                None
            }
        }
    }

    fn parsed(&mut self, name: &'static str, text: &str) -> Option<Duration> {
        match duration::parse(text) {
            Ok(duration) => Some(duration),
            Err(invalid) => {
                self.mistake(name, MistakeKind::InvalidDuration(invalid));
                None
            }
        }
    }

    /// Durations in a list, or in text separated by commas where there are no lists.
    pub(crate) fn durations(&mut self, name: &'static str) -> Option<Vec<Duration>> {
        const WANTED: &str = "a list of durations as text with units";
        match &self.entry(name)?.tree.value {
            Value::Untyped(text) => text.split(',').map(|part| self.parsed(name, part.trim())).collect(),
            Value::List(list) => {
                let each = list.iter().map(|tree| match &tree.value {
                    Value::Text(text) => self.parsed(name, text),
                    other => {
                        self.wrong_type(name, WANTED, other.kind());
                        None
                    }
                });
                // Not stopped at the first mistake.
                let each: Vec<Option<Duration>> = each.collect();
                each.into_iter().collect()
            }
            other => {
                self.wrong_type(name, WANTED, other.kind());
                None
            }
        }
    }

    /// Names in a list, or one name.
    pub(crate) fn names(&mut self, name: &'static str) -> Vec<String> {
        const WANTED: &str = "a name, or a list of names";
        match &self.entry(name).map(|entry| &entry.tree.value) {
            None => Vec::new(),
            Some(Value::Text(text)) => vec![text.clone()],
            Some(Value::Untyped(text)) => text.split(',').map(|part| part.trim().to_owned()).collect(),
            Some(Value::List(list)) => {
                let each = list.iter().filter_map(|tree| match &tree.value {
                    Value::Text(text) => Some(text.clone()),
                    other => {
                        self.wrong_type(name, WANTED, other.kind());
                        None
                    }
                });
                each.collect()
            }
            Some(other) => {
                self.wrong_type(name, WANTED, other.kind());
                Vec::new()
            }
        }
    }

    /// A whole number. A number such as 3.0 is whole.
    fn whole(&mut self, name: &'static str, range: RangeInclusive<i128>, wanted: &'static str) -> Option<i128> {
        let value = &self.entry(name)?.tree.value;
        let number = match value {
            Value::Integer(number) => Some(*number),
            Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e30 => Some(*number as i128),
            Value::Untyped(text) => text.trim().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if range.contains(&number) => Some(number),
            Some(_) => {
                self.mistake(name, MistakeKind::Range { wanted });
                None
            }
            None => {
                let found = match value {
                    Value::Float(_) => "a number with a fraction",
                    other => other.kind(),
                };
                self.wrong_type(name, "a whole number", found);
                None
            }
        }
    }

    /// A whole number of 32 bits.
    pub(crate) fn u32(&mut self, name: &'static str) -> Option<u32> {
        let wanted = "a whole number from 0 to 4294967295";
        self.whole(name, 0..=u32::MAX.into(), wanted)
            .map(|number| number as u32)
    }

    /// A whole number of 64 bits.
    pub(crate) fn u64(&mut self, name: &'static str) -> Option<u64> {
        let wanted = "a whole number from 0 to 18446744073709551615";
        self.whole(name, 0..=u64::MAX.into(), wanted)
            .map(|number| number as u64)
    }

    /// A number.
    pub(crate) fn f64(&mut self, name: &'static str) -> Option<f64> {
        let value = &self.entry(name)?.tree.value;
        let number = match value {
            Value::Float(number) => Some(*number),
            Value::Integer(number) => Some(*number as f64),
            Value::Untyped(text) => text.trim().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong_type(name, "a number", value.kind());
        }
        number
    }

    /// `true` or `false`.
    pub(crate) fn bool(&mut self, name: &'static str) -> Option<bool> {
        let value = &self.entry(name)?.tree.value;
        let truth = match value {
            Value::Bool(truth) => Some(*truth),
            Value::Untyped(text) => text.trim().parse().ok(),
            _ => None,
        };
        if truth.is_none() {
            self.wrong_type(name, "`true` or `false`", value.kind());
        }
        truth
    }

    /// A word of a choice, or `None` if the value is something else, which is no mistake yet.
    pub(crate) fn word(&self, name: &str) -> Option<&'a str> {
        match &self.entry(name)?.tree.value {
            Value::Text(text) | Value::Untyped(text) => Some(text),
            _ => None,
        }
    }

    /// A table within this table.
    pub(crate) fn table(&mut self, name: &'static str, words: &'static [Word]) -> Option<Table<'_>> {
        let entry = self.entry(name)?;
        let example = words::example(self.words, name);
        let path = joined(&self.path, name);
        Some(Table::read(
            &path,
            "setting",
            example,
            &entry.tree,
            words,
            self.mistakes,
        ))
    }

    /// Returns the value of a builder. If the builder rejected it, adds a mistake and returns `None`.
    pub(crate) fn accepted<T, E>(
        &mut self,
        name: &str,
        result: Result<T, E>,
        kind: impl Fn(E) -> MistakeKind,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.mistake(name, kind(invalid));
                None
            }
        }
    }
}

/// A name behind a path.
pub(crate) fn joined(path: &str, name: &str) -> String {
    match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    }
}
