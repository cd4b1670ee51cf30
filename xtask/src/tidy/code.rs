//! The code of a Rust source, without what only looks like code: comments, strings and characters.

/// `source` with everything but code blanked out, line for line.
pub(crate) fn code(source: &str) -> String {
    let mut code = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let before = code.chars().next_back();
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if first == '"' {
            string(rest)
        } else if first == 'r' && !before.is_some_and(is_word) || rest.starts_with("br") || rest.starts_with("cr") {
            raw_string(rest)
        } else if first == '\'' {
            character(rest)
        } else {
            0
        };
        let (blank, code_follows) = rest.split_at(length);
        code.extend(blank.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        rest = code_follows;
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    code
}

/// The words of `code`, each with its line, from 1.
pub(crate) fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = |(index, line): (usize, _)| (index + 1, line);
    code.lines()
        .enumerate()
        .map(numbered)
        .flat_map(|(number, line): (_, &str)| {
            line.split(|c| !is_word(c))
                .filter(|word| !word.is_empty())
                .map(move |word| (number, word))
        })
}

/// Whether `c` may stand in an identifier.
pub(crate) fn is_word(c: char) -> bool {
    c == '_' || c.is_alphanumeric()
}

/// The length of the block comment, others within it included, that `rest` begins with.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest[at..].starts_with("*/") {
            (depth, at) = (depth - 1, at + 2);
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// The length of the string that `rest` begins with.
fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    rest.len()
}

/// The length of the raw string that `rest` begins with; 0 if it is something else.
fn raw_string(rest: &str) -> usize {
    let quoted = rest.trim_start_matches(['b', 'c']).trim_start_matches('r');
    let prefix = rest.len() - quoted.len();
    let hashes = quoted.len() - quoted.trim_start_matches('#').len();
    if !quoted[hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = prefix + hashes + 1;
    rest[inside..]
        .find(&end)
        .map_or(rest.len(), |at| inside + at + end.len())
}

/// The length of the character that `rest` begins with; 0 if it is a lifetime or a label.
fn character(rest: &str) -> usize {
    let inside = &rest[1..];
    if inside.starts_with('\\') {
        // The character after the backslash may itself be a quote.
        let escaped = inside.chars().nth(1).map_or(1, |c| 1 + c.len_utf8());
        return inside[escaped..].find('\'').map_or(0, |at| 1 + escaped + at + 1);
    }
    let first = inside.chars().next().map_or(0, char::len_utf8);
    if inside[first..].starts_with('\'') {
        first + 2
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(source: &str) -> Vec<&str> {
        let words: Vec<_> = words(source).map(|(_, word)| word).collect();
        words
    }

    #[test]
    fn comments_are_no_code() {
        let source = "a // Future\nb /* x /* Future */ y */ c";
        assert_eq!(code(source).len(), source.len());
        assert_eq!(all(&code(source)), ["a", "b", "c"]);
        assert_eq!(all(&code("//! Future\n/// Future\nfn a() {}")), ["fn", "a"]);
    }

    #[test]
    fn strings_are_no_code() {
        assert_eq!(all(&code(r#"let a = "\" Future"; b"#)), ["let", "a", "b"]);
        assert_eq!(
            all(&code(r##"let a = r#"" Future"#; b(br"\", cr"\")"##)),
            ["let", "a", "b"]
        );
        assert_eq!(all(&code(r#"let a = "\\"; b"#)), ["let", "a", "b"]);
    }

    #[test]
    fn characters_are_no_code_and_lifetimes_are() {
        assert_eq!(
            all(&code(
                r#"fn a<'a>(b: &'a str) { c('"', '\'', '\\', '{', 'é') } // "Future"#
            )),
            ["fn", "a", "a", "b", "a", "str", "c"]
        );
    }

    #[test]
    fn lines_stay_lines() {
        let source = "a\n/* \n */ b \"\n\" c";
        assert_eq!(words(&code(source)).collect::<Vec<_>>(), [(1, "a"), (3, "b"), (4, "c")]);
    }
}
