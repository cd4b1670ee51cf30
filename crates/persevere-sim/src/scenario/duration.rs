//! Durations in the files of scenarios.

use core::time::Duration;
use persevere_core::duration::parse;
use serde::{Deserialize, Deserializer, de};

/// A duration as a file writes it, such as `"1m30s"`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Text(pub(super) Duration);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map(Text).map_err(de::Error::custom)
    }
}
