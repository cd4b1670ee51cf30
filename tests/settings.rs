//! A setting has one name: in the builder, in the attribute and in files (contract M7, F1).

use persevere::config::SCHEMA;
use std::collections::BTreeSet;

const BUILDER: [&str; 2] = [
    include_str!("../crates/persevere-core/src/policy.rs"),
    include_str!("../crates/persevere-core/src/policy/curves.rs"),
];
const BREAKER: &str = concat!(
    include_str!("../crates/persevere-breaker/src/builder.rs"),
    include_str!("../crates/persevere-breaker/src/constructors.rs"),
);
const ATTRIBUTE: &str = include_str!("../crates/persevere-macros/src/args/words.rs");

/// Names in files that are not settings of a builder: the curve, and settings that review a policy.
const OF_FILES: [&str; 4] = ["backoff", "calls", "max_worst_case", "max_amplification"];

/// Settings of the attribute that belong to a run or to the function, and so to no file.
const OF_RUNS: [&str; 17] = [
    "timeout",
    "policy",
    "retry_if",
    "classify",
    "classify_with",
    "on",
    "on_retry",
    "on_event",
    "observe",
    "pace",
    "bulkhead",
    "breaker",
    "budget",
    "budget_by",
    "sleeper",
    "clone",
    "crate",
];

/// Setters that are not settings of a file: for tests, or shorter forms of others.
const OF_CODE: [&str; 4] = [
    "draw_bits",
    "exact_hints",
    "without_max_elapsed",
    "without_attempt_timeout",
];

fn of_schema(table: &str) -> BTreeSet<String> {
    let schema: serde_json::Value = serde_json::from_str(SCHEMA).unwrap();
    let properties = schema["$defs"][table]["properties"].as_object().unwrap();
    properties.keys().cloned().collect()
}

/// The names of methods that take `self` by value and return it.
fn setters(source: &str) -> BTreeSet<String> {
    let methods = source.split("pub const fn ").skip(1);
    let setters = methods.filter(|method| {
        let signature = method.split('{').next().unwrap();
        signature.contains("self") && !signature.contains("&self") && signature.contains("-> Self")
    });
    setters
        .map(|method| method.split(['(', '<']).next().unwrap().to_owned())
        .collect()
}

#[test]
fn setting_of_a_file_is_a_setter_of_the_policy() {
    let setters: BTreeSet<String> = BUILDER.iter().flat_map(|source| setters(source)).collect();
    let of_files = of_schema("retry");
    for name in &of_files {
        assert!(setters.contains(name) || OF_FILES.contains(&name.as_str()), "{name}");
    }
    // And the other way round, so that a new setter comes to files. `factor` is part of the backoff.
    for name in setters.iter().filter(|name| *name != "factor") {
        assert!(of_files.contains(name) || OF_CODE.contains(&name.as_str()), "{name}");
    }
}

#[test]
fn setting_of_a_file_is_a_setter_of_the_breaker() {
    for name in of_schema("breaker") {
        let methods = [format!("pub const fn {name}("), format!("pub const fn {name}<")];
        assert!(methods.iter().any(|method| BREAKER.contains(method)), "{name}");
    }
}

#[test]
fn setting_of_a_file_is_a_method_of_the_hedge_or_its_latency() {
    let sources = concat!(
        include_str!("../crates/persevere-hedge/src/hedge.rs"),
        include_str!("../crates/persevere-hedge/src/latency.rs"),
    );
    for name in of_schema("hedge") {
        assert!(sources.contains(&format!("pub const fn {name}(")), "{name}");
    }
}

#[test]
fn setting_of_the_attribute_is_a_setting_of_a_file() {
    let settings = ATTRIBUTE
        .split("SETTINGS: ")
        .nth(1)
        .unwrap()
        .split("];")
        .next()
        .unwrap();
    let names: Vec<&str> = settings
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next())
        .collect();
    assert!(names.contains(&"max_attempts") && names.len() > 20, "{names:?}");
    let of_files = of_schema("retry");
    for name in names {
        assert!(of_files.contains(name) != OF_RUNS.contains(&name), "{name}");
    }
}
