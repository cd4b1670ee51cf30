//! JSON.

use crate::mistake::{Mistake, MistakeKind};
use crate::tree::{Place, Tree};

/// Reads a document. Its values have no lines, except where the syntax is wrong.
pub(crate) fn parse(text: &str) -> Result<Tree, Mistake> {
    ::serde_json::from_str(text).map_err(|error| {
        let place = Place {
            source: None,
            line: Some(error.line()),
        };
        let message = error.to_string();
        // The line is printed already.
        let message = message.split(" at line ").next().unwrap_or(&message);
        let message = match error.is_data() {
            true => message.to_owned(),
            false => format!("invalid JSON: {message}"),
        };
        Mistake::new(&place, "", MistakeKind::Syntax(message))
    })
}
