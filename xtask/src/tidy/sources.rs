//! What every source looks like.

use super::code::{code, words};
use super::files::File;

/// The most lines of a file: a file holds one noun.
const CEILING: usize = 300;

/// Macros that stand for what is not there.
const UNFINISHED: [&str; 3] = ["todo", "unimplemented", "dbg"];

/// Checks the sources, and the white space of all files.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    for file in files {
        problems.extend(white_space(file));
        if file.extension() == "rs" {
            problems.extend(source(file));
        }
        problems.extend(fences(file));
        problems.extend(length(file));
    }
    problems
}

fn white_space(file: &File) -> Vec<String> {
    let trailing = file.lines().filter(|(_, line)| line.ends_with([' ', '\t', '\r']));
    let mut problems: Vec<_> = trailing
        .map(|(place, _)| format!("{place}: blanks at the end of the line"))
        .collect();
    if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
        problems.push(file.problem(file.text.lines().count(), "the file ends with one end of line"));
    }
    problems
}

fn source(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    // A test of what the compiler says is a program as a user would write it.
    if !file.text.starts_with("//! ") && !file.path.starts_with("tests/ui/") {
        problems.push(file.problem(1, "the first line says what the file is: `//! ..`"));
    }
    if file.path.ends_with("/util.rs") || file.path.ends_with("/utils.rs") {
        problems.push(file.problem(1, "a module is named for what is in it"));
    }
    let code = code(&file.text);
    for (line, text) in code.lines().enumerate().map(|(index, text)| (index + 1, text)) {
        let words: Vec<_> = words(text).map(|(_, word)| word).collect();
        if words
            .windows(2)
            .any(|pair| pair[0] == "mod" && (pair[1] == "util" || pair[1] == "utils"))
        {
            problems.push(file.problem(line, "a module is named for what is in it"));
        }
        for name in UNFINISHED {
            if words.contains(&name) && text.contains(&format!("{name}!")) {
                problems.push(file.problem(line, &format!("`{name}!` is for work in progress")));
            }
        }
        if text.contains("#[ignore]") {
            problems.push(file.problem(line, "a test that is ignored says why: `#[ignore = \"..\"]`"));
        }
    }
    problems
}

/// A sample in the documentation is compiled and run.
fn fences(file: &File) -> Vec<String> {
    let documentation = |line: &&str| match file.extension() {
        "rs" => line.starts_with("///") || line.starts_with("//!"),
        extension => extension == "md",
    };
    // Those of front pages are compiled with a crate: see `readme`.
    let is_compiled = file.extension() == "rs" || file.path.ends_with("README.md");
    file.lines()
        .map(|(place, line)| (place, line.trim_start()))
        .filter(|(_, line)| documentation(line))
        .filter_map(|(place, line)| Some((place, line.trim_start_matches(['/', '!', ' ']).strip_prefix("```")?)))
        .filter_map(|(place, tags)| Some(format!("{place}: {}", unproved(tags, is_compiled)?)))
        .collect()
}

/// Why a sample with these tags proves nothing, if so.
fn unproved(tags: &str, is_compiled: bool) -> Option<&'static str> {
    let is_code = |tag: &str| tag.len() == 5 && tag.starts_with('E') && tag[1..].bytes().all(|b| b.is_ascii_digit());
    let tags: Vec<&str> = tags.split([',', ' ']).collect();
    if tags.iter().any(|tag| tag.starts_with("ignore") || *tag == "no_run") {
        Some("a sample that is not run proves nothing")
    } else if tags.contains(&"compile_fail") && !tags.iter().any(|tag| is_code(tag)) {
        Some("any mistake makes a sample fail to compile: name the error, as in `compile_fail,E0080`")
    } else if tags.contains(&"rust") && !is_compiled {
        Some("nothing compiles a sample on this page")
    } else {
        None
    }
}

fn length(file: &File) -> Option<String> {
    let lines = file.text.lines().count();
    (file.extension() == "rs" && lines > CEILING)
        .then(|| file.problem(lines, &format!("more than {CEILING} lines: split it by its nouns")))
}

#[cfg(test)]
mod tests {
    use super::super::files::file;
    use super::*;

    #[test]
    fn a_plain_source_is_in_order() {
        let plain = file(
            "crates/a/src/lib.rs",
            "//! A.\n\n/// ```\n/// b();\n/// ```\npub mod b;\n",
        );
        assert_eq!(
            (white_space(&plain), source(&plain), fences(&plain), length(&plain)),
            Default::default()
        );
    }

    #[test]
    fn white_space_is_found() {
        assert_eq!(
            white_space(&file("a.md", "a \nb\t\nc\r\nd\n")),
            [
                "a.md:1: blanks at the end of the line",
                "a.md:2: blanks at the end of the line",
            ]
        );
        assert_eq!(white_space(&file("a.md", "a")).len(), 1);
        assert_eq!(white_space(&file("a.md", "a\n\n")).len(), 1);
    }

    #[test]
    fn every_source_has_a_header() {
        assert_eq!(source(&file("tests/src/lib.rs", "#![no_std]\n//! A.\n")).len(), 1);
        assert_eq!(source(&file("tests/ui/async_sleeper.rs", "fn main() {}\n")), [""; 0]);
    }

    #[test]
    fn unfinished_work_is_found() {
        for line in [
            "fn a() { todo!() }",
            "mod util;",
            "pub(crate) mod utils {}",
            "#[ignore]",
            "let a = dbg!(b);",
        ] {
            assert_eq!(source(&file("a.rs", &format!("//! A.\n{line}\n"))).len(), 1, "{line}");
        }
        for line in [
            "// todo!()",
            "let a = \"dbg!\";",
            "#[ignore = \"needs a network\"]",
            "let todo = !a;",
        ] {
            assert_eq!(source(&file("a.rs", &format!("//! A.\n{line}\n"))), [""; 0], "{line}");
        }
        assert_eq!(source(&file("crates/a/src/util.rs", "//! A.\n")).len(), 1);
    }

    #[test]
    fn samples_that_are_not_run_are_found() {
        for (path, line) in [
            ("a.rs", "/// ```ignore"),
            ("a.rs", "    //! ```rust,no_run"),
            ("a.md", "```rust,ignore"),
            ("a.md", "```ignore-wasm32"),
            ("a.rs", "/// ```compile_fail"),
            ("a.rs", "/// ```compile_fail,edition2021"),
            ("docs/a.md", "```rust"),
        ] {
            assert_eq!(fences(&file(path, line)).len(), 1, "{line}");
        }
        for (path, line) in [
            ("a.rs", "/// ```compile_fail,E0080"),
            ("a.rs", "let a = \"```ignore\";"),
            ("a.rs", "/// ```rust"),
            ("a.md", "```sh"),
            ("crates/a/README.md", "```rust"),
        ] {
            assert_eq!(fences(&file(path, line)), [""; 0], "{line}");
        }
    }

    #[test]
    fn long_files_are_found() {
        let lines = |count| "//! A.\n".repeat(count);
        assert_eq!(length(&file("a.rs", &lines(CEILING))), None);
        assert!(length(&file("a.rs", &lines(CEILING + 1))).is_some());
        assert_eq!(length(&file("a.md", &lines(CEILING + 1))), None);
    }
}
