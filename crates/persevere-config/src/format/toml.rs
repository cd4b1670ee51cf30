//! TOML, with the line of every name and value.

use crate::mistake::{Mistake, MistakeKind};
use crate::tree::{Entry, Place, Tree, Value};
use ::toml::Spanned;
use ::toml::de::{DeTable, DeValue};
use std::ops::Range;

/// Reads a document.
pub(crate) fn parse(text: &str) -> Result<Tree, Mistake> {
    let lines = Lines::of(text);
    let document = DeTable::parse(text).map_err(|error| {
        let place = Place {
            source: None,
            line: error.span().map(|span| lines.line(&span)),
        };
        let of_span = error.span().and_then(|span| text.get(span));
        let message = match (error.message(), of_span) {
            ("duplicate key", Some(name)) => format!("`{name}` is set twice: remove one"),
            (message, _) => format!("invalid TOML: {}", message.trim_end().replace('\n', ", ")),
        };
        Mistake::new(&place, "", MistakeKind::Syntax(message))
    })?;
    let place = Place {
        source: None,
        line: Some(1),
    };
    let value = table(document.get_ref(), &lines);
    Ok(Tree { place, value })
}

/// Where the lines of a text begin.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Lines {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Lines(breaks.map(|(index, _)| index).collect())
    }

    /// The number of the line, from 1.
    fn line(&self, span: &Range<usize>) -> usize {
        self.0.partition_point(|end| *end < span.start) + 1
    }

    fn place(&self, span: &Range<usize>) -> Place {
        Place {
            source: None,
            line: Some(self.line(span)),
        }
    }
}

fn table(table: &DeTable<'_>, lines: &Lines) -> Value {
    let mut entries: Vec<Entry> = table
        .iter()
        .map(|(name, value)| Entry {
            name: name.get_ref().to_string(),
            place: lines.place(&name.span()),
            tree: tree(value, lines),
        })
        .collect();
    // In the order of the file, in which mistakes are listed.
    entries.sort_by_key(|entry| entry.place.line);
    Value::Table(entries)
}

fn tree(value: &Spanned<DeValue<'_>>, lines: &Lines) -> Tree {
    let place = lines.place(&value.span());
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text.to_string()),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Other("a number of more than 128 bits"),
        },
        DeValue::Float(number) => number.as_str().parse().map_or(Value::Other("a number"), Value::Float),
        DeValue::Boolean(value) => Value::Bool(*value),
        DeValue::Datetime(_) => Value::Other("a date or time"),
        DeValue::Array(list) => Value::List(list.iter().map(|value| tree(value, lines)).collect()),
        DeValue::Table(entries) => table(entries, lines),
    };
    Tree { place, value }
}
