//! The "did you mean" of messages: the known word nearest to an unknown one.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The word of `known` with the smallest edit distance to `word`, `None` if all differ in more than a third of it.
#[must_use]
pub fn nearest<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let most = word.chars().count().max(3) / 3;
    known
        .into_iter()
        .map(|known| (distance(word, known), known))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

/// "did you mean `b`?", or the list of all `known` words if none is near.
#[must_use]
pub fn suggestion(word: &str, kind: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(known) => format!("did you mean `{known}`?"),
        None => listed(kind, known),
    }
}

/// "the settings are `a`, `b`".
#[must_use]
pub fn listed(kind: &str, known: &[&str]) -> String {
    let known: Vec<_> = known.iter().map(|known| format!("`{known}`")).collect();
    format!("the {kind} are {}", known.join(", "))
}

/// The Levenshtein distance: how many characters have to be inserted, removed or replaced.
fn distance(from: &str, to: &str) -> usize {
    // Invariant: `row[j]` is the distance from the characters so far to the first `j` characters of `to`.
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.chars().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[row.len() - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_insertions_removals_and_replacements() {
        for (from, to, edits) in [
            ("", "", 0),
            ("", "abc", 3),
            ("abc", "", 3),
            ("abc", "abc", 0),
            ("abc", "abd", 1),
            ("abc", "xabc", 1),
            ("kitten", "sitting", 3),
            ("größe", "grosse", 3),
        ] {
            assert_eq!(distance(from, to), edits, "{from} to {to}");
            assert_eq!(distance(to, from), edits, "{to} to {from}");
        }
    }

    #[test]
    fn misspelt_word_has_a_suggestion() {
        let known = ["max_attempts", "max_delay", "max_elapsed", "on"];
        for (word, suggested) in [
            ("max_atempts", Some("max_attempts")),
            ("maxdelay", Some("max_delay")),
            ("max_elapse", Some("max_elapsed")),
            ("no", None),
            ("om", Some("on")),
            ("quadratic", None),
        ] {
            assert_eq!(nearest(word, known), suggested, "{word}");
        }
        assert_eq!(suggestion("maxdelay", "settings", &known), "did you mean `max_delay`?");
        assert_eq!(suggestion("x", "words", &["one", "two"]), "the words are `one`, `two`");
    }
}
