//! The samples of the front pages are the samples that the tests compile and run.

use super::files::File;
use super::find;
use crate::metadata::Package;

/// The front page of the repository, and the facade's, which its documentation tests read.
const PAGES: [&str; 2] = ["README.md", "crates/persevere/README.md"];

/// What a sample may be, if not Rust.
const PLAIN: [&str; 6] = ["sh", "console", "toml", "text", "mermaid", "json"];

/// Checks every front page.
pub(crate) fn check(packages: &[Package], files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    let [front, facade] = PAGES.map(|path| find(files, path).map_or("", |page| &page.text));
    if front != facade || front.is_empty() {
        problems.push(format!("{} and {} are not one text", PAGES[0], PAGES[1]));
    }
    for package in packages.iter().filter(|package| package.published) {
        let folder = format!("crates/{}", package.name);
        match find(files, &format!("{folder}/README.md")) {
            Some(page) if !page.text.trim().is_empty() => {
                problems.extend(page_problems(page, find(files, &format!("{folder}/src/lib.rs"))));
            }
            _ => problems.push(format!("{folder}/README.md: is not there, or empty")),
        }
    }
    problems
}

fn page_problems(page: &File, library: Option<&File>) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut open, mut rust) = (false, false);
    for (place, line) in page.lines() {
        let Some(tags) = line.trim_start().strip_prefix("```") else {
            if open && line.starts_with("# ") {
                problems.push(format!(
                    "{place}: a line that documentation hides is seen on a front page"
                ));
            }
            continue;
        };
        open = !open;
        // Without a tag the documentation tests take a sample for Rust, and readers see no colours.
        let tag = tags.split(',').next().unwrap_or_default();
        if open && tag == "rust" {
            rust = true;
        } else if open && !PLAIN.contains(&tag) {
            problems.push(format!("{place}: a sample is `rust`, or one of {}", PLAIN.join(", ")));
        }
    }
    if rust && !library.is_some_and(|library| library.text.contains("include_str!(\"../README.md\")")) {
        problems.push(page.problem(1, "the samples are not compiled: src/lib.rs does not include this page"));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::files::file;
    use super::*;

    const INCLUDED: &str = "//! A.\n#[cfg(doctest)]\n#[doc = include_str!(\"../README.md\")]\nstruct Readme;\n";
    const SAMPLE: &str = "# A\n\n```rust\nfn main() {}\n```\n\n```sh\ncargo test\n```\n";

    fn problems(front: &str, facade: &str, library: &str) -> Vec<String> {
        let package = Package {
            name: "persevere".to_owned(),
            published: true,
            ..Package::default()
        };
        let files = [
            file(PAGES[0], front),
            file(PAGES[1], facade),
            file("crates/persevere/src/lib.rs", library),
        ];
        check(&[package], &files)
    }

    #[test]
    fn compiled_samples_are_in_order() {
        assert_eq!(problems(SAMPLE, SAMPLE, INCLUDED), [""; 0]);
        assert_eq!(problems("# A\n", "# A\n", ""), [""; 0]);
    }

    #[test]
    fn others_are_found() {
        assert_eq!(problems(SAMPLE, SAMPLE, "//! A.\n").len(), 1, "not included");
        assert_eq!(
            problems(SAMPLE, &SAMPLE.replace("main", "other"), INCLUDED).len(),
            1,
            "not the same"
        );
        assert_eq!(problems("```\na\n```\n", "```\na\n```\n", INCLUDED).len(), 1, "no tag");
        assert_eq!(problems("", "", INCLUDED).len(), 2, "empty");
    }

    #[test]
    fn hidden_lines_are_found() {
        let hidden = SAMPLE.replace("fn main() {}", "# fn main() {}");
        assert_eq!(problems(&hidden, &hidden, INCLUDED).len(), 1);
    }
}
