//! Settings as they were written, whatever the format: values, each with its place.

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;
use std::sync::Arc;

/// Where something was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file or the environment variable.
    pub(crate) source: Option<Arc<str>>,
    /// From 1; `None` if it is not known.
    pub(crate) line: Option<usize>,
}

impl fmt::Display for Place {
    /// With a colon and a space behind it, unless nothing is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.source, self.line) {
            (Some(source), Some(line)) => write!(f, "{source}:{line}: "),
            (Some(source), None) => write!(f, "{source}: "),
            (None, Some(line)) => write!(f, "line {line}: "),
            (None, None) => Ok(()),
        }
    }
}

/// A value and its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tree {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

#[derive(Debug, Clone)]
pub(crate) enum Value {
    Bool(bool),
    Integer(i128),
    Float(f64),
    Text(String),
    /// Text of a source that has only text, such as the environment. It is read as a number where a setting takes a
    /// number.
    Untyped(String),
    List(Vec<Tree>),
    Table(Vec<Entry>),
    /// A value of a type that no setting takes: the name of the type.
    Other(&'static str),
}

impl Default for Value {
    fn default() -> Value {
        Value::Table(Vec::new())
    }
}

impl Value {
    /// The word for this value in messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Value::Bool(_) => "a truth value",
            Value::Integer(_) | Value::Float(_) => "a number",
            Value::Text(_) | Value::Untyped(_) => "text",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Other(kind) => kind,
        }
    }
}

/// A name and its value in a table.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// The place of the name.
    pub(crate) place: Place,
    pub(crate) tree: Tree,
}

impl Tree {
    /// The entries of a table.
    pub(crate) fn entries(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The place of the last of these names, each within the one before, as far as they are there.
    pub(crate) fn place_of(&self, path: &[&str]) -> &Place {
        let (mut tree, mut place) = (self, &self.place);
        for name in path {
            let mut entries = tree.entries().unwrap_or_default().iter();
            let Some(entry) = entries.find(|entry| entry.name == *name) else {
                break;
            };
            (tree, place) = (&entry.tree, &entry.place);
        }
        place
    }

    /// Sets the source of every place.
    pub(crate) fn set_source(&mut self, source: &Arc<str>) {
        self.place.source = Some(Arc::clone(source));
        match &mut self.value {
            Value::List(trees) => trees.iter_mut().for_each(|tree| tree.set_source(source)),
            Value::Table(entries) => {
                for entry in entries {
                    entry.place.source = Some(Arc::clone(source));
                    entry.tree.set_source(source);
                }
            }
            _ => {}
        }
    }
}

impl From<Value> for Tree {
    fn from(value: Value) -> Tree {
        Tree {
            place: Place::default(),
            value,
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Tree, D::Error> {
        deserializer.deserialize_any(AnyValue).map(Tree::from)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("settings")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Integer(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other("null"))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Other("null"))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut trees = Vec::new();
        while let Some(tree) = list.next_element()? {
            trees.push(tree);
        }
        Ok(Value::List(trees))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        while let Some((name, tree)) = map.next_entry::<String, Tree>()? {
            if entries.iter().any(|entry| entry.name == name) {
                return Err(A::Error::custom(format_args!("`{name}` is set twice: remove one")));
            }
            let place = Place::default();
            entries.push(Entry { name, place, tree });
        }
        Ok(Value::Table(entries))
    }
}
