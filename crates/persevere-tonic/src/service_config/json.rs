//! Values of JSON with their paths, for errors that name the path.

use super::InvalidServiceConfig;
use serde_json::Value;
use std::ops::RangeInclusive;
use std::time::Duration;

pub(super) type Found<T> = Result<T, InvalidServiceConfig>;

/// A value, or the place where there is none.
pub(super) struct At<'a> {
    path: String,
    pub(super) found: Option<&'a Value>,
}

impl<'a> At<'a> {
    pub(super) fn root(value: &'a Value) -> At<'a> {
        At {
            path: String::new(),
            found: Some(value),
        }
    }

    /// A field of the object. `null` counts as missing, as in the JSON of Protocol Buffers.
    pub(super) fn field(&self, name: &str) -> At<'a> {
        let separator = if self.path.is_empty() { "" } else { "." };
        At {
            path: format!("{}{separator}{name}", self.path),
            found: self
                .found
                .and_then(|value| value.get(name))
                .filter(|value| !value.is_null()),
        }
    }

    /// The error of a value that is not allowed here.
    pub(super) fn invalid<T>(&self, allowed: &'static str) -> Found<T> {
        let is_root = self.path.is_empty();
        Err(InvalidServiceConfig::Field {
            field: if is_root {
                "the root".to_owned()
            } else {
                self.path.clone()
            },
            allowed,
            found: self.found.map(ToString::to_string),
        })
    }

    pub(super) fn object(&self) -> Found<()> {
        match self.found {
            Some(Value::Object(_)) => Ok(()),
            _ => self.invalid("an object"),
        }
    }

    /// The elements of a list, none if it is missing.
    pub(super) fn list(&self, name: &str) -> Found<Vec<At<'a>>> {
        let list = self.field(name);
        match list.found {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => {
                let element = |(index, value)| At {
                    path: format!("{}[{index}]", list.path),
                    found: Some(value),
                };
                Ok(values.iter().enumerate().map(element).collect())
            }
            Some(_) => list.invalid("a list"),
        }
    }

    /// A text, empty if it is missing.
    pub(super) fn text(&self, name: &str) -> Found<String> {
        self.object()?;
        let text = self.field(name);
        match text.found {
            None => Ok(String::new()),
            Some(Value::String(found)) => Ok(found.clone()),
            Some(_) => text.invalid("a string"),
        }
    }

    pub(super) fn whole(&self, name: &str, range: RangeInclusive<u64>, allowed: &'static str) -> Found<u64> {
        let field = self.field(name);
        match field.found.and_then(Value::as_u64) {
            Some(number) if range.contains(&number) => Ok(number),
            _ => field.invalid(allowed),
        }
    }

    pub(super) fn number(&self, name: &str, is_allowed: fn(f64) -> bool, allowed: &'static str) -> Found<f64> {
        let field = self.field(name);
        match field.found.and_then(Value::as_f64) {
            Some(number) if is_allowed(number) => Ok(number),
            _ => field.invalid(allowed),
        }
    }

    /// A duration above zero.
    pub(super) fn duration(&self, name: &str) -> Found<Duration> {
        let field = self.field(name);
        match field.found.and_then(Value::as_str).and_then(read) {
            Some(duration) if !duration.is_zero() => Ok(duration),
            _ => field.invalid("a duration above zero, such as \"0.1s\""),
        }
    }
}

/// Reads a duration in the JSON of Protocol Buffers: seconds with at most nine decimals, and `s`.
fn read(text: &str) -> Option<Duration> {
    let number = text.strip_suffix('s')?;
    let (seconds, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds) || !is_number(decimals) || decimals.len() > 9 {
        return None;
    }
    // Ten thousand years, as Protocol Buffers allow.
    let seconds = seconds.parse().ok().filter(|seconds| *seconds <= 315_576_000_000)?;
    let nanos = format!("{decimals:0<9}").parse().ok()?;
    Some(Duration::new(seconds, nanos))
}
