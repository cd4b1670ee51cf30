//! The arrows between the modules of the core: `drive` stands on `machine`, and that on what a policy is made of.

use super::code::{code, is_word, words};
use super::files::File;

const CORE: &str = "crates/persevere-core/src/";

/// Each module with all that it may name of its crate. `Sleeper::shared` makes a `SharedSleeper`, so the sleeper
/// names that much of what stands on it.
const MODULES: [(&str, &[&str]); 24] = [
    ("as_policy", &["backoff", "limits", "policy"]),
    ("attempt", &[]),
    ("backoff", &["error", "nanos", "random", "span"]),
    ("cancel", &["sleeper"]),
    ("classify", &[]),
    (
        "drive",
        &[
            "as_policy",
            "attempt",
            "classify",
            "error",
            "machine",
            "nanos",
            "observe",
            "run",
            "run_future",
            "sleeper",
        ],
    ),
    ("error", &[]),
    (
        "expansion",
        &[
            "as_policy",
            "backoff",
            "classify",
            "drive",
            "error",
            "jitter",
            "limits",
            "observe",
            "policy",
            "run",
            "sleeper",
        ],
    ),
    (
        "in_place",
        &["as_policy", "backoff", "limits", "policy", "run", "sleeper"],
    ),
    ("jitter", &["error", "random"]),
    ("limits", &["jitter"]),
    (
        "machine",
        &[
            "as_policy",
            "backoff",
            "classify",
            "error",
            "jitter",
            "limits",
            "nanos",
            "random",
            "span",
        ],
    ),
    ("nanos", &[]),
    ("observe", &["classify", "error", "nanos"]),
    ("plan", &["backoff", "classify", "limits", "machine", "policy"]),
    ("policy", &["backoff", "classify", "error", "jitter", "limits", "nanos"]),
    ("random", &["nanos"]),
    (
        "retry",
        &["as_policy", "backoff", "classify", "error", "machine", "policy"],
    ),
    (
        "run",
        &[
            "as_policy",
            "backoff",
            "limits",
            "machine",
            "observe",
            "policy",
            "sleeper",
        ],
    ),
    (
        "run_future",
        &["as_policy", "classify", "error", "observe", "run", "settle", "sleeper"],
    ),
    (
        "settle",
        &[
            "as_policy",
            "attempt",
            "classify",
            "error",
            "machine",
            "observe",
            "run",
            "sleeper",
            "span",
        ],
    ),
    ("shared", &["backoff", "classify", "policy", "sleeper", "span"]),
    ("sleeper", &["SharedSleeper"]),
    ("span", &["limits", "nanos"]),
];

/// What would make the machine more than a function of (policy, verdict, now).
const NOT_IN_MACHINE: [&str; 5] = ["Future", "Sleeper", "Instant", "async", "await"];

/// Checks the sources of the core, the tests beside the code apart.
pub(crate) fn check(files: &[File]) -> Vec<String> {
    let mut problems = Vec::new();
    let mut seen = Vec::new();
    for file in files {
        let Some(name) = file.path.strip_prefix(CORE).and_then(|path| path.strip_suffix(".rs")) else {
            continue;
        };
        let module = name.split('/').next().unwrap_or(name);
        if module == "lib" {
            continue;
        }
        let Some((_, allowed)) = MODULES.iter().find(|(name, _)| *name == module) else {
            problems.push(file.problem(1, "say in xtask/src/tidy/modules.rs what this module may name"));
            continue;
        };
        seen.push(module);
        let code = code(&file.text);
        let code = code.split("#[cfg(test)]").next().unwrap_or_default();
        for (line, other) in named(code) {
            if other != module && !allowed.contains(&other) {
                problems.push(file.problem(line, &format!("`{module}` may not name `{other}`")));
            }
        }
        if module == "machine" {
            for (line, word) in words(code).filter(|(_, word)| NOT_IN_MACHINE.contains(word)) {
                problems.push(file.problem(line, &format!("the machine decides, and knows of no `{word}`")));
            }
        }
    }
    for (module, _) in MODULES.iter().filter(|(module, _)| !seen.contains(module)) {
        problems.push(format!(
            "{CORE}{module}.rs: is not there; see xtask/src/tidy/modules.rs"
        ));
    }
    problems
}

/// What `code` names right below `crate`, and the modules it names right below `super`, each with its line.
fn named(code: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    for (root, any) in [("crate::", true), ("super::", false)] {
        for (at, _) in code.match_indices(root) {
            if code[..at].ends_with(is_word) {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            let names = match code[at + root.len()..].strip_prefix('{') {
                Some(group) => group_heads(group),
                None => vec![head(&code[at + root.len()..])],
            };
            let is_module = |name: &str| MODULES.iter().any(|(module, _)| *module == name);
            found.extend(
                names
                    .into_iter()
                    .filter(|name| any || is_module(name))
                    .map(|name| (line, name)),
            );
        }
    }
    found
}

/// The identifier that `path` begins with.
fn head(path: &str) -> &str {
    let path = path.trim_start();
    &path[..path.find(|c| !is_word(c)).unwrap_or(path.len())]
}

/// The first identifiers of the paths in a group of imports, up to its closing brace.
fn group_heads(group: &str) -> Vec<&str> {
    let (mut heads, mut depth) = (vec![head(group)], 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => heads.push(head(&group[at + 1..])),
            _ => {}
        }
    }
    heads.retain(|head| !head.is_empty());
    heads
}

#[cfg(test)]
mod tests {
    use super::super::files::file;
    use super::*;

    /// The core, with nothing in it but `text` in `module`.
    fn problems(module: &str, text: &str) -> Vec<String> {
        let mut files: Vec<_> = MODULES
            .iter()
            .map(|(name, _)| file(&format!("{CORE}{name}.rs"), ""))
            .collect();
        files.retain(|file| file.path != format!("{CORE}{module}.rs"));
        files.push(file(&format!("{CORE}{module}.rs"), text));
        check(&files)
    }

    #[test]
    fn what_runs_down_is_in_order() {
        assert_eq!(
            problems(
                "run",
                "use crate::machine::Machine;\nuse crate::{limits::{A, B}, policy};"
            ),
            [""; 0]
        );
        assert_eq!(
            problems("sleeper", "fn shared(self) -> crate::SharedSleeper {}"),
            [""; 0]
        );
        assert_eq!(
            problems("backoff/fixed", "use super::Backoff; use crate::backoff::Context;"),
            [""; 0]
        );
        assert_eq!(
            problems("machine", "/// A [`Sleeper`](crate::Sleeper).\nfn a() {}"),
            [""; 0]
        );
        assert_eq!(
            problems("policy", "#[cfg(test)]\nmod tests { use crate::drive::Run; }"),
            [""; 0]
        );
    }

    #[test]
    fn what_runs_up_is_found() {
        for (module, text) in [
            ("policy", "use crate::machine::Machine;"),
            ("machine", "use crate::drive::Run;"),
            ("backoff", "fn a(_: crate::Policy) {}"),
            ("backoff/fixed", "use super::super::machine::Machine;"),
            ("sleeper", "use crate::{\n    SharedSleeper,\n    policy::Policy,\n};"),
            ("classify", "use super::error::StopReason;"),
        ] {
            assert_eq!(problems(module, text).len(), 1, "{module}: {text}");
        }
    }

    #[test]
    fn the_machine_knows_neither_futures_nor_sleepers() {
        assert_eq!(
            problems("machine", "fn a<S: Sleeper>() -> impl core::future::Future {}").len(),
            2
        );
    }

    #[test]
    fn modules_and_table_agree() {
        assert_eq!(problems("unheard_of", "").len(), 1);
        let files: Vec<_> = MODULES[1..]
            .iter()
            .map(|(name, _)| file(&format!("{CORE}{name}.rs"), ""))
            .collect();
        assert_eq!(check(&files).len(), 1);
    }
}
