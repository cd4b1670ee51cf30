//! The lines that no test can reach, or not for certain, each with its reason.

use super::report::Report;
use std::io;

/// A line that is not reached, and those right after it that are not either, and why.
pub(crate) struct Unreached {
    /// Below `crates/persevere-`.
    pub(crate) file: &'static str,
    /// The text of the first line. One that is a brace is known by the line before it: `return; }`.
    pub(crate) line: &'static str,
    pub(crate) when: When,
    pub(crate) reason: &'static str,
}

impl Unreached {
    fn is_of(&self, path: &str) -> bool {
        path.strip_prefix("crates/persevere-") == Some(self.file)
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum When {
    /// A test that reaches it after all takes it from the list.
    Never,
    /// Threads have to meet in one place, which they do in most runs of the tests that have many.
    ByChance,
}

/// All there are. One that is gone has to go from here.
pub(crate) const UNREACHED: [Unreached; 21] = [
    by_chance("breaker/src/admit.rs", "Err(Refused::Outdated) => {}", WENT_ON),
    by_chance(
        "breaker/src/admit.rs",
        "state => return Err(self.rejected(state, 0)),",
        "another thread is between the two halves of a transition",
    ),
    by_chance("breaker/src/admit.rs", "self.probes.give_back(ticket);", WENT_ON),
    by_chance("breaker/src/admit.rs", "None => {}", WENT_ON),
    by_chance("breaker/src/breaker.rs", "None => {}", WENT_ON),
    never("breaker/src/call_future.rs", BEGUN, WAS_BEGUN),
    by_chance("breaker/src/hand.rs", "return; }", WENT_ON),
    by_chance("breaker/src/log.rs", "Err(other) => seen = other,", WROTE),
    by_chance(
        "breaker/src/probes.rs",
        "Order::Greater => return Err(Refused::Outdated),",
        WENT_ON,
    ),
    by_chance("breaker/src/probes.rs", "Err(other) => seen = Ticket(other),", WROTE),
    by_chance("breaker/src/record.rs", "return;", WENT_ON),
    by_chance("breaker/src/record.rs", "return; }", WENT_ON),
    by_chance("breaker/src/snapshot.rs", "continue;", WENT_ON),
    by_chance("breaker/src/snapshot.rs", "return; }", WENT_ON),
    by_chance(
        "core/src/observe/stats/halves.rs",
        "return (u64::from(high) + u64::from(late)) >> 1 << 32 | u64::from(low); }",
        "another thread carries a bit between two looks at the upper half",
    ),
    never("core/src/run_future.rs", BEGUN, WAS_BEGUN),
    never(
        "core/src/shared.rs",
        "fn delay(&self, context: &mut Context<'_>) -> Option<Duration> {",
        "the machine asks it for `span`, and nobody else can get hold of it; the trait wants it",
    ),
    by_chance("breaker/src/trip/consecutive.rs", "Err(other) => seen = other,", WROTE),
    by_chance("breaker/src/trip/last_calls.rs", "Err(other) => seen = other,", WROTE),
    by_chance("breaker/src/trip/time_slices.rs", "Err(other) => seen = other,", WROTE),
    by_chance("budget/src/window.rs", "Err(other) => turn = other,", WROTE),
];

const WENT_ON: &str = "another thread moves the breaker on between two looks at it";
const WROTE: &str = "another thread writes the word between a look at it and its exchange";

const BEGUN: &str = "unreachable!(\"an attempt was begun\");";
const WAS_BEGUN: &str =
    "a pinned place can be looked into, but not written to and kept: the attempt was put there right before";

const fn by_chance(file: &'static str, line: &'static str, reason: &'static str) -> Unreached {
    Unreached {
        file,
        line,
        when: When::ByChance,
        reason,
    }
}

const fn never(file: &'static str, line: &'static str, reason: &'static str) -> Unreached {
    Unreached {
        file,
        line,
        when: When::Never,
        reason,
    }
}

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
        for (path, file) in files {
            let text = match read(path) {
                Ok(text) => text,
                Err(error) => {
                    problems.push(format!("{path}: {error}"));
                    continue;
                }
            };
            let lines: Vec<_> = text.lines().map(str::trim).collect();
            for (first, _) in file.ranges() {
                let line = known_by(&lines, first - 1);
                match unreached.iter().position(|it| it.is_of(path) && it.line == line) {
                    Some(index) => met[index] = true,
                    None => problems.push(format!("{path}:{first}: no test reaches `{line}`")),
                }
            }
            for (met, it) in met.iter_mut().zip(unreached) {
                let is_there = || (0..lines.len()).any(|index| known_by(&lines, index) == it.line);
                *met |= it.when == When::ByChance && it.is_of(path) && is_there();
            }
        }
    }
    for (Unreached { file, line, reason, .. }, _) in unreached.iter().zip(met).filter(|(_, met)| !met) {
        problems.push(format!(
            "{file}: `{line}` is reached or is not there, so there is nothing to say ({reason}): take it from \
             xtask/src/coverage/unreached.rs"
        ));
    }
    problems
}

/// The text of a line; from the last line that has a word in it.
fn known_by(lines: &[&str], index: usize) -> String {
    let has_word = |line: &&str| line.contains(char::is_alphanumeric);
    let upto = &lines[..lines.len().min(index + 1)];
    let from = upto.iter().rposition(has_word).unwrap_or(0);
    upto[from..].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// A file of which the lines from the second to the fourth and the sixth are not reached.
    fn found(unreached: &[Unreached]) -> Vec<String> {
        let lcov = "SF:/r/crates/persevere-one/src/a.rs\nDA:1,1\nDA:2,0\nDA:3,0\nDA:4,0\nDA:5,1\nDA:6,0\n";
        let report = Report::of(
            lcov,
            r#"{"data": [{"files": []}]}"#,
            Path::new("/r"),
            &["persevere-one"],
        )
        .unwrap();
        let text = "first\n    second\n    third\n}\nlast;\n    }\n";
        problems(&report, &["persevere-one"], unreached, &|_| Ok(text.to_owned()))
    }

    const fn because(line: &'static str, when: When) -> Unreached {
        Unreached {
            file: "one/src/a.rs",
            line,
            when,
            reason: "it is never called",
        }
    }

    const BOTH: [Unreached; 2] = [because("second", When::Never), because("last; }", When::Never)];

    #[test]
    fn what_is_not_reached_has_a_reason() {
        assert_eq!(found(&BOTH), [""; 0]);
        assert_eq!(
            found(&BOTH[..1]),
            ["crates/persevere-one/src/a.rs:6: no test reaches `last; }`"]
        );
        assert_eq!(
            found(&BOTH[1..]),
            ["crates/persevere-one/src/a.rs:2: no test reaches `second`"]
        );
    }

    #[test]
    fn a_reason_for_nothing_is_found() {
        for gone in ["first", "third", "fourth"] {
            let [one, other] = BOTH;
            assert_eq!(found(&[one, other, because(gone, When::Never)]).len(), 1, "{gone}");
        }
        assert_eq!(
            found(&[because("sec", When::Never), because("}", When::Never)]).len(),
            4
        );
    }

    #[test]
    fn what_is_left_to_chance_has_to_be_there() {
        let [one, other] = BOTH;
        let by_chance = [
            one,
            other,
            because("first", When::ByChance),
            because("fourth", When::ByChance),
        ];
        let found = found(&by_chance);
        assert!(found.len() == 1 && found[0].contains("fourth"), "{found:?}");
    }

    #[test]
    fn a_crate_of_which_nothing_is_known_is_found() {
        let report = Report::of("", r#"{"data": [{"files": []}]}"#, Path::new("/r"), &["persevere-one"]).unwrap();
        let found = problems(&report, &["persevere-one", "two"], &[], &|_| Ok(String::new()));
        assert_eq!(found.len(), 2);
    }
}
