//! The lines that no test can reach, each with its reason.

use super::report::{File, Report};
use std::io;

/// Lines of a file that have this text, but for the blanks around it, and why no test reaches them.
pub(crate) struct Unreached {
    pub(crate) file: &'static str,
    pub(crate) line: &'static str,
    pub(crate) reason: &'static str,
}

/// All there are. One that is reached after all, or that is gone, has to go from here.
pub(crate) const UNREACHED: [Unreached; 0] = [];

/// What is not reached without a reason in the crates of these names, and reasons for what is reached or is not there.
pub(crate) fn problems(
    report: &Report,
    whole: &[&str],
    unreached: &[Unreached],
    read: &dyn Fn(&str) -> io::Result<String>,
) -> Vec<String> {
    let mut problems = Vec::new();
    let mut met = vec![false; unreached.len()];
    for name in whole {
        let Some(files) = report.crates.get(*name).filter(|files| !files.is_empty()) else {
            problems.push(format!("{name}: nothing is said of it"));
            continue;
        };
        for (path, File { uncovered, .. }) in files {
            let text = match read(path) {
                Ok(text) => text,
                Err(error) => {
                    problems.push(format!("{path}: {error}"));
                    continue;
                }
            };
            for number in uncovered {
                let line = text.lines().nth(number - 1).unwrap_or_default().trim();
                let reason = unreached.iter().position(|it| it.file == path && it.line == line);
                match reason {
                    Some(index) => met[index] = true,
                    None => problems.push(format!("{path}:{number}: no test reaches `{line}`")),
                }
            }
        }
    }
    for (Unreached { file, line, reason }, _) in unreached.iter().zip(met).filter(|(_, met)| !met) {
        problems.push(format!(
            "{file}: `{line}` is reached or is not there, so there is nothing to say ({reason}): take it from \
             xtask/src/coverage/unreached.rs"
        ));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// A file of which the second line is not reached.
    fn found(unreached: &[Unreached]) -> Vec<String> {
        let lcov = "SF:/r/crates/one/src/a.rs\nDA:1,1\nDA:2,0\n";
        let report = Report::of(lcov, r#"{"data": [{"files": []}]}"#, Path::new("/r"), &["one"]).unwrap();
        problems(&report, &["one"], unreached, &|_| Ok("first\n    second\n".to_owned()))
    }

    const fn because(line: &'static str) -> Unreached {
        Unreached {
            file: "crates/one/src/a.rs",
            line,
            reason: "it is never called",
        }
    }

    #[test]
    fn what_is_not_reached_has_a_reason() {
        assert_eq!(found(&[because("second")]), [""; 0]);
        assert_eq!(found(&[]), ["crates/one/src/a.rs:2: no test reaches `second`"]);
    }

    #[test]
    fn a_reason_for_nothing_is_found() {
        for gone in ["first", "third"] {
            assert_eq!(found(&[because("second"), because(gone)]).len(), 1, "{gone}");
        }
        assert_eq!(found(&[because("sec")]).len(), 2);
    }

    #[test]
    fn a_crate_of_which_nothing_is_known_is_found() {
        let report = Report::of("", r#"{"data": [{"files": []}]}"#, Path::new("/r"), &["one"]).unwrap();
        let found = problems(&report, &["one", "two"], &[], &|_| Ok(String::new()));
        assert_eq!(found.len(), 2);
    }
}
