//! One number of a metric.

use crate::metric::{Metric, NAME};

/// One number: a series of a metric, and its value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Sample<'a> {
    /// The metric.
    pub metric: &'static Metric,
    /// The labels, `persevere.name` first.
    pub labels: &'a [(&'static str, &'a str)],
    /// The value.
    pub value: Value,
}

/// The value of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A whole number that only grows.
    Count(u64),
    /// A number that only grows.
    Sum(f64),
    /// A number that goes up and down.
    Level(f64),
}

impl<'a> Sample<'a> {
    /// The value of the label `persevere.name`.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.label(NAME).unwrap_or_default()
    }

    /// The value of a label; `None` if the series does not have it.
    #[must_use]
    pub fn label(&self, label: &str) -> Option<&'a str> {
        let found = self.labels.iter().find(|(name, _)| *name == label);
        found.map(|(_, value)| *value)
    }
}

impl Value {
    /// The value as a floating-point number.
    #[must_use]
    pub const fn as_f64(self) -> f64 {
        match self {
            Value::Count(value) => value as f64,
            Value::Sum(value) | Value::Level(value) => value,
        }
    }
}
