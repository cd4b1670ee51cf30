//! `cargo xtask deny`: the bans, licenses and sources of `deny.toml`, asked of every dependency.
//!
//! By `cargo deny`, which takes minutes to install. CI, where it is not installed, asks the same of what cargo says of the
//! dependencies, so that no machine is without.

use crate::command::{Failure, Outcome, cargo, output, run};
use crate::metadata::{Workspace, each};
use crate::tool::{installed, tool};
use serde_json::Value;
use spdx::{Expression, ParseMode};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

/// Where all dependencies come from.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// By `cargo deny`.
pub(crate) fn run_all(workspace: &Workspace) -> Outcome {
    by_tool(tool("deny", workspace)?)
}

/// By `cargo deny` where it is installed, and without it elsewhere.
pub(crate) fn check(workspace: &Workspace) -> Outcome {
    if let Some(program) = installed("deny", workspace) {
        return by_tool(Command::new(program));
    }
    let rules: toml::Table = read("deny.toml")?;
    let graph = output(cargo("metadata --locked --all-features --format-version 1"))?;
    let graph = serde_json::from_str(&graph).map_err(Failure::at("cargo metadata"))?;
    let (packages, problems) = Rules::of(&rules)
        .zip(Graph::of(&graph))
        .map(|(rules, graph)| rules.problems(&graph))
        .ok_or_else(|| Failure::new("deny: `deny.toml` or `cargo metadata` says something that is not understood"))?;
    for problem in &problems {
        println!("{problem}");
    }
    if problems.is_empty() {
        println!(
            "deny: {packages} packages keep to deny.toml by what cargo says of them; `cargo xtask deny` asks cargo-deny"
        );
        Ok(())
    } else {
        Err(Failure::new(format!("deny: {} problems", problems.len())))
    }
}

fn by_tool(mut deny: Command) -> Outcome {
    deny.args(["deny", "check", "--hide-inclusion-graph", "--deny", "warnings"]);
    deny.args(["bans", "licenses", "sources"]);
    run(deny)
}

fn read(path: &str) -> Outcome<toml::Table> {
    let text = fs::read_to_string(path).map_err(Failure::at(path))?;
    text.parse().map_err(Failure::at(path))
}

/// What `deny.toml` asks.
#[derive(Debug)]
struct Rules<'r> {
    /// Members whose dependencies are nobody's.
    excluded: Vec<&'r str>,
    licenses: Vec<&'r str>,
    /// A package that may be there in this version beside another.
    skipped: Vec<(&'r str, &'r str)>,
}

impl<'r> Rules<'r> {
    fn of(rules: &'r toml::Table) -> Option<Rules<'r>> {
        let strings = |value: &'r toml::Value| value.as_array()?.iter().map(toml::Value::as_str).collect::<Option<_>>();
        let skipped = rules.get("bans")?.get("skip")?.as_array()?.iter();
        Some(Rules {
            excluded: strings(rules.get("graph")?.get("exclude")?)?,
            licenses: strings(rules.get("licenses")?.get("allow")?)?,
            skipped: skipped
                .map(|skip| Some((skip.get("name")?.as_str()?, skip.get("version")?.as_str()?)))
                .collect::<Option<_>>()?,
        })
    }

    /// How many packages there are, and what is wrong with them.
    fn problems(&self, graph: &Graph<'_>) -> (usize, Vec<String>) {
        let packages = graph.reached(&self.excluded);
        let (mut problems, mut used) = (Vec::new(), BTreeSet::<&str>::new());
        let mut versions = BTreeMap::<_, BTreeSet<_>>::new();
        for package in packages.iter().map(|id| &graph.packages[id]) {
            let Package { name, version, .. } = package;
            let is_skipped = |&(skipped, of): &(&str, &str)| skipped == *name && version.starts_with(&format!("{of}."));
            if !self.skipped.iter().any(is_skipped) {
                versions.entry(name).or_default().insert(version);
            }
            problems.extend(
                package
                    .wildcards
                    .iter()
                    .map(|wildcard| format!("{name} accepts every version of {wildcard}")),
            );
            if package.source.is_some_and(|source| source != REGISTRY) {
                problems.push(format!(
                    "{name} {version} comes from {}",
                    package.source.unwrap_or_default()
                ));
            }
            let license = package.license.unwrap_or_default();
            let mut is_allowed = |license: &str| {
                let allowed = self.licenses.iter().find(|allowed| **allowed == license);
                used.extend(allowed);
                allowed.is_some()
            };
            let is_allowed = Expression::parse_mode(license, ParseMode::LAX)
                .is_ok_and(|all| all.evaluate(|one| is_allowed(&one.license.to_string())));
            if !is_allowed {
                problems.push(format!(
                    "{name} {version} has the license `{license}`, which is not allowed"
                ));
            }
        }
        let unused = self.licenses.iter().filter(|license| !used.contains(*license));
        problems.extend(unused.map(|license| format!("no package needs the license `{license}` to be allowed")));
        let many = versions.iter().filter(|(_, versions)| versions.len() > 1);
        problems.extend(many.map(|(name, versions)| format!("{name} is there more than once: {versions:?}")));
        (packages.len(), problems)
    }
}

/// All packages, and which depends on which.
#[derive(Debug)]
struct Graph<'g> {
    members: Vec<&'g str>,
    packages: BTreeMap<&'g str, Package<'g>>,
    edges: BTreeMap<&'g str, Vec<&'g str>>,
}

#[derive(Debug)]
struct Package<'g> {
    name: &'g str,
    version: &'g str,
    license: Option<&'g str>,
    /// None for what is here.
    source: Option<&'g str>,
    /// What it accepts every version of, and not by path.
    wildcards: Vec<&'g str>,
}

impl<'g> Graph<'g> {
    fn of(graph: &'g Value) -> Option<Graph<'g>> {
        let package = |value: &'g Value| {
            let any = |value: &&Value| value["req"] == "*" && value["path"].is_null();
            let package = Package {
                name: value["name"].as_str()?,
                version: value["version"].as_str()?,
                license: value["license"].as_str(),
                source: value["source"].as_str(),
                wildcards: value["dependencies"]
                    .as_array()?
                    .iter()
                    .filter(any)
                    .filter_map(|value| value["name"].as_str())
                    .collect(),
            };
            Some((value["id"].as_str()?, package))
        };
        let edges = |value: &'g Value| {
            Some((
                value["id"].as_str()?,
                each(&value["deps"], |edge| edge["pkg"].as_str())?,
            ))
        };
        Some(Graph {
            members: each(&graph["workspace_members"], Value::as_str)?,
            packages: each(&graph["packages"], package)?,
            edges: each(&graph["resolve"]["nodes"], edges)?,
        })
    }

    /// What the members depend on, themselves included, but for some.
    fn reached(&self, excluded: &[&str]) -> BTreeSet<&'g str> {
        let is_left = |id: &&str| !excluded.contains(&self.packages[id].name);
        let mut left: Vec<_> = self.members.iter().copied().filter(is_left).collect();
        let mut reached = BTreeSet::new();
        while let Some(id) = left.pop() {
            if reached.insert(id) {
                left.extend(&self.edges[id]);
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const RULES: &str = r#"
        [graph]
        exclude = ["benches"]
        [licenses]
        allow = ["MIT", "Unicode-3.0"]
        [bans]
        skip = [{ name = "old", version = "1" }]
    "#;

    /// What is wrong with these packages, or is once they are changed.
    fn problems(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let package = |id: &str, name: &str, version: &str, license: &str, source: Option<&str>| {
            let by_path = json!({"name": "member", "req": "*", "path": "../member"});
            json!({
                "id": id, "name": name, "version": version, "license": license, "source": source, "dependencies": [by_path],
            })
        };
        let node = |id: &str, on: &[&str]| {
            let deps: Vec<_> = on.iter().map(|pkg| json!({"pkg": pkg})).collect();
            json!({"id": id, "deps": deps})
        };
        let mut graph = json!({
            "workspace_members": ["ours", "benches"],
            "packages": [
                package("ours", "ours", "1.0.0", "MIT", None),
                package("benches", "benches", "1.0.0", "MIT", None),
                package("a", "a", "1.0.0", "MIT/Apache-2.0", Some(REGISTRY)),
                package("b", "b", "1.0.0", "(MIT OR Apache-2.0) AND Unicode-3.0", Some(REGISTRY)),
                package("old", "old", "1.2.0", "MIT", Some(REGISTRY)),
                package("new", "old", "2.0.0", "MIT", Some(REGISTRY)),
                package("peer", "a", "9.0.0", "GPL-3.0", Some("elsewhere")),
            ],
            "resolve": {"nodes": [
                node("ours", &["a", "new"]),
                node("benches", &["ours", "peer"]),
                node("a", &["b", "old"]),
                node("b", &[]),
                node("old", &[]),
                node("new", &[]),
                node("peer", &[]),
            ]},
        });
        change(&mut graph);
        let rules = RULES.parse().unwrap();
        Rules::of(&rules).unwrap().problems(&Graph::of(&graph).unwrap()).1
    }

    #[test]
    fn packages_that_keep_to_the_rules_are_no_problem() {
        assert_eq!(problems(|_| ()), [""; 0]);
    }

    #[test]
    fn each_rule_is_asked() {
        let changed = |index: usize, key: &str, value: Value| problems(|graph| graph["packages"][index][key] = value);
        let is_not_allowed = ["a 1.0.0 has the license `GPL-3.0`, which is not allowed"];
        assert_eq!(changed(2, "license", json!("GPL-3.0")), is_not_allowed);
        assert_eq!(
            changed(2, "license", Value::Null),
            ["a 1.0.0 has the license ``, which is not allowed"]
        );
        assert_eq!(
            changed(3, "license", json!("MIT")),
            ["no package needs the license `Unicode-3.0` to be allowed"]
        );
        assert_eq!(changed(2, "source", json!("git+x")), ["a 1.0.0 comes from git+x"]);
        assert_eq!(
            changed(0, "dependencies", json!([{"name": "b", "req": "*"}])),
            ["ours accepts every version of b"]
        );
        assert_eq!(
            changed(4, "version", json!("3.0.0")),
            ["old is there more than once: {\"2.0.0\", \"3.0.0\"}"]
        );
        let of_ours = |graph: &mut Value| graph["resolve"]["nodes"][0]["deps"][0]["pkg"] = "peer".into();
        assert!(problems(of_ours).contains(&"a 9.0.0 comes from elsewhere".to_owned()));
    }
}
