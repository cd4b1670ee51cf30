//! The workspace as cargo sees it: `cargo metadata`, as far as the other commands ask for it.

use crate::command::{Failure, Outcome, cargo, output};
use serde_json::Value;
use std::path::PathBuf;

/// All members, and where they are built.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// By name.
    pub(crate) packages: Vec<Package>,
    /// Where everything is built.
    pub(crate) target: PathBuf,
}

/// A member of the workspace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Whether it goes to a registry.
    pub(crate) published: bool,
    pub(crate) description: Option<String>,
    pub(crate) readme: Option<String>,
    pub(crate) rust_version: Option<String>,
    pub(crate) features: Vec<String>,
    pub(crate) examples: Vec<String>,
    pub(crate) dependencies: Vec<Dependency>,
}

/// What a member declares to depend on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// The versions it accepts; `*` if it is by path alone.
    pub(crate) versions: String,
    /// For tests, examples and benches only.
    pub(crate) dev: bool,
    /// Not there unless a feature asks for it.
    pub(crate) optional: bool,
    pub(crate) default_features: bool,
    pub(crate) features: Vec<String>,
}

impl Workspace {
    /// The members that go to a registry.
    pub(crate) fn published(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| package.published)
    }
}

impl Package {
    /// What its users get: all but the dependencies of its tests.
    pub(crate) fn shipped(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies.iter().filter(|dependency| !dependency.dev)
    }
}

/// The workspace.
pub(crate) fn workspace() -> Outcome<Workspace> {
    let text = output(cargo("metadata --quiet --no-deps --format-version 1"))?;
    parse(&text).ok_or_else(|| Failure::new("`cargo metadata` says something that is not understood"))
}

fn parse(text: &str) -> Option<Workspace> {
    let metadata: Value = serde_json::from_str(text).ok()?;
    let mut packages: Vec<_> = each(&metadata["packages"], package)?;
    packages.sort_by(|one, two| one.name.cmp(&two.name));
    let target = PathBuf::from(metadata["target_directory"].as_str()?);
    Some(Workspace { packages, target })
}

fn package(value: &Value) -> Option<Package> {
    Some(Package {
        name: string(&value["name"])?,
        version: string(&value["version"])?,
        // `publish = false` is the empty list of registries.
        published: value["publish"]
            .as_array()
            .is_none_or(|registries| !registries.is_empty()),
        description: string(&value["description"]),
        readme: string(&value["readme"]),
        rust_version: string(&value["rust_version"]),
        features: value["features"].as_object()?.keys().cloned().collect(),
        examples: value["targets"]
            .as_array()?
            .iter()
            .filter(|target| target["kind"][0] == "example")
            .map(|target| string(&target["name"]))
            .collect::<Option<_>>()?,
        dependencies: each(&value["dependencies"], dependency)?,
    })
}

fn dependency(value: &Value) -> Option<Dependency> {
    Some(Dependency {
        name: string(&value["name"])?,
        versions: string(&value["req"])?,
        dev: value["kind"] == "dev",
        optional: value["optional"].as_bool()?,
        default_features: value["uses_default_features"].as_bool()?,
        features: each(&value["features"], string)?,
    })
}

/// What each value of a list is, if all are understood.
pub(crate) fn each<'v, T, C: FromIterator<T>>(list: &'v Value, of: impl Fn(&'v Value) -> Option<T>) -> Option<C> {
    list.as_array()?.iter().map(of).collect()
}

fn string(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_understood() {
        let packages = workspace().unwrap().packages;
        let core = packages
            .iter()
            .find(|package| package.name == "persevere-core")
            .unwrap();
        assert!(core.published);
        assert!(
            core.shipped()
                .any(|dependency| dependency.name == "fastrand" && !dependency.default_features)
        );
        assert!(
            core.shipped().all(|dependency| dependency.name != "proptest"),
            "a dependency of tests"
        );
        assert!(
            !packages
                .iter()
                .any(|package| package.name == "xtask" && package.published)
        );
    }

    #[test]
    fn what_is_not_metadata_is_refused() {
        assert!(parse("{}").is_none());
        assert!(parse("warning: no").is_none());
        assert!(parse(r#"{"packages": [{"name": "half"}]}"#).is_none());
    }
}
