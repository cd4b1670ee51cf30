//! `jitter = "full"`, `jitter = { proportional = 0.5 }`.

use crate::mistake::MistakeKind;
use crate::table::Table;
use crate::words::PROPORTIONAL;
use persevere_core::{Jitter, nearest};

const WORDS: [&str; 3] = ["none", "full", "equal"];
const WANTED: &str = "`\"none\"`, `\"full\"`, `\"equal\"` or `{ proportional = 0.5 }`";

/// Reads the jitter.
pub(crate) fn read(table: &mut Table<'_>) -> Option<Jitter> {
    match table.word("jitter") {
        Some("none") => Some(Jitter::None),
        Some("full") => Some(Jitter::Full),
        Some("equal") => Some(Jitter::Equal),
        Some(word) => {
            let suggestion = match nearest::nearest(word, WORDS) {
                Some(known) => format!("did you mean `\"{known}\"`?"),
                None => format!("write {WANTED}"),
            };
            let word = word.to_owned();
            table.mistake("jitter", MistakeKind::Choice { word, suggestion });
            None
        }
        None => {
            let kind = table.entry("jitter")?.tree.value.kind();
            if kind != "a table" {
                table.wrong_type("jitter", WANTED, kind);
                return None;
            }
            let mut own = table.table("jitter", &PROPORTIONAL)?;
            if !own.has("proportional") {
                own.incomplete("`proportional = 0.5`");
                return None;
            }
            let ratio = own.f64("proportional")?;
            own.accepted(
                "proportional",
                Jitter::try_proportional(ratio),
                MistakeKind::InvalidPolicy,
            )
        }
    }
}
