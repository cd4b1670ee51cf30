//! Tools of the registry, at fixed versions, and the arguments that this repository calls them with.

use crate::debian::{Kit, unpack};
use crate::fleet;
use crate::project::{Project, skip, succeeds};
use anyhow::{Context, Result, ensure};
use std::path::PathBuf;
use xshell::{Cmd, cmd};

/// The versions that are installed.
const VERSIONS: [(&str, &str); 7] = [
    ("deny", "0.20.2"),
    ("fuzz", "0.13.2"),
    ("hack", "0.6.46"),
    ("llvm-cov", "0.9.1"),
    ("mutants", "27.1.0"),
    ("nextest", "0.9.143"),
    ("semver-checks", "0.51.0"),
];

/// The share of lines that the tests have to reach, in percent.
const COVERED: &str = "95";

/// The files whose lines do not count. The sleepers for browsers and for embassy run in browsers and on boards.
const NOT_COVERED: &str = "(^|/)(benches|examples|tests|xtask|persevere-web|persevere-embassy)/";

/// The test binaries that are about a crate. The rest of the tests would only slow its mutants down.
const MUTATED: [(&str, &[&str]); 5] = [
    (
        "persevere-core",
        &[
            "attribute",
            "behaviour",
            "budget",
            "corpus",
            "guarded",
            "limit",
            "sleepers",
        ],
    ),
    ("persevere-breaker", &["breaker", "corpus", "guarded"]),
    ("persevere-budget", &["budget", "corpus", "guarded"]),
    ("persevere-limit", &["limit"]),
    ("persevere-macros", &["attribute", "corpus"]),
];

/// `cargo {line}`, by the tool on the path, or else by a tool that is installed below the target directory once.
pub(crate) fn tool<'p>(project: &'p Project, line: &str) -> Result<Cmd<'p>> {
    let sh = &project.sh;
    let words: Vec<&str> = line.split_whitespace().collect();
    let name = words.first().context("a tool has a name")?;
    if succeeds(cmd!(sh, "cargo {name} --version")) {
        return Ok(cmd!(sh, "cargo {words...}"));
    }
    let version = VERSIONS.iter().find(|(tool, _)| tool == name);
    let version = version.context("a tool has a version")?.1;
    let root = project.target().join("tools");
    let program = root.join("bin").join(format!("cargo-{name}"));
    let installed = cmd!(sh, "{program} {name} --version").ignore_stderr().read();
    if !installed.is_ok_and(|line| line.contains(version)) {
        let package = format!("cargo-{name}@{version}");
        // Without optimization, which would take twice as long as it saves.
        let install = cmd!(sh, "cargo install --quiet --locked --debug --root {root} {package}");
        install.arg("--force").env("CARGO_PROFILE_DEV_DEBUG", "false").run()?;
    }
    Ok(cmd!(sh, "{program} {words...}"))
}

/// The folder of wasm-bindgen's programs, of the version that the lock file names, installed below the target directory once.
pub(crate) fn wasm_bindgen(project: &Project) -> Result<PathBuf> {
    let lock = project.sh.read_file("Cargo.lock")?;
    let version = lock.split("name = \"wasm-bindgen\"\nversion = \"").nth(1);
    let version = version
        .and_then(|rest| rest.split('"').next())
        .context("wasm-bindgen is not locked")?;
    let root = project.target().join("tools");
    let package = format!("wasm-bindgen-cli@{version}");
    // Not by its lock file, which may name packages of a day that the registry does not have.
    let install = cmd!(project.sh, "cargo install --quiet --debug --root {root} {package}");
    install.env("CARGO_PROFILE_DEV_DEBUG", "false").run()?;
    Ok(root.join("bin"))
}

/// Every published crate by itself, so that no other turns on a feature that it needs: without features, then with each.
pub(crate) fn features(project: &Project) -> Result<()> {
    hack(project, "--each-feature --exclude-all-features")
}

/// The same with every combination of up to three features.
pub(crate) fn feature_powerset(project: &Project) -> Result<()> {
    hack(project, "--feature-powerset --depth 3")
}

fn hack(project: &Project, which: &str) -> Result<()> {
    let hack = tool(project, &format!("hack clippy --quiet {which}"))?;
    let hack = hack.args(project.published_arguments());
    Ok(hack.args(["--", "-Dwarnings"]).run()?)
}

/// The rules of deny.toml for every package of the lock file, without advisories, whose database is not a package.
pub(crate) fn deny(project: &Project) -> Result<()> {
    let line = "deny check --hide-inclusion-graph --deny=warnings bans licenses sources";
    Ok(tool(project, line)?.run()?)
}

/// The losses of the API since the last tag, if its version does not announce them.
pub(crate) fn semver(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let tag = cmd!(sh, "git describe --tags --abbrev=0").ignore_stderr();
    match tag.read() {
        Ok(tag) => {
            let line = format!("semver-checks --workspace --all-features --baseline-rev {tag}");
            Ok(tool(project, &line)?.run()?)
        }
        Err(_) => skip("semver", "there is no tag to compare with"),
    }
}

/// The lines that the tests reach. They are built in a separate target directory, because tests that build programs would
/// take instrumented crates for plain ones.
pub(crate) fn coverage(project: &Project, arguments: &[&str]) -> Result<()> {
    let sh = &project.sh;
    let about = cmd!(sh, "rustc --version --verbose").read()?;
    let major = llvm_major(&about).context("`rustc --version --verbose` names no LLVM")?;
    let Some(llvm) = unpack(project, Kit::Llvm(major))? else {
        return Ok(());
    };
    let _cov = sh.push_env("LLVM_COV", llvm.program("llvm-cov"));
    let _profdata = sh.push_env("LLVM_PROFDATA", llvm.program("llvm-profdata"));
    let _server = fleet::with_server(project)?;
    let _target = sh.push_env("CARGO_TARGET_DIR", project.target().join("coverage"));
    // For the tests of documentation. The compiler's messages are others then.
    let _bootstrap = sh.push_env("RUSTC_BOOTSTRAP", "1");
    let line =
        format!("llvm-cov --workspace --exclude-from-test=persevere-messages --doctests --fail-under-lines {COVERED}");
    let coverage = tool(project, &line)?;
    let coverage = coverage.args(["--ignore-filename-regex", NOT_COVERED]);
    Ok(coverage.args(arguments).run()?)
}

fn llvm_major(about: &str) -> Option<u32> {
    let version = about.lines().find_map(|line| line.strip_prefix("LLVM version: "))?;
    version.split('.').next()?.parse().ok()
}

/// The mutants of each crate, tried by the tests about it. `.cargo/mutants.toml` excludes what no test can notice.
pub(crate) fn mutants(project: &Project, arguments: &[&str]) -> Result<()> {
    let sh = &project.sh;
    let _nextest = tool(project, "nextest")?;
    let path = std::env::var("PATH")?;
    let _path = sh.push_env("PATH", format!("{path}:{}/tools/bin", project.target().display()));
    let mut failed = Vec::new();
    for (name, tests) in MUTATED {
        let output = sh.create_dir(project.target().join("mutants").join(name))?;
        // The package of tests as an argument of cargo: `--test-package` would not run its tests on unchanged code.
        let line = format!("mutants --package {name} --cargo-arg=--package=persevere-tests --cargo-arg=--lib");
        let mutants = tool(project, &line)?.arg("--output").arg(output);
        let mutants = mutants.args(tests.iter().map(|test| format!("--cargo-arg=--test={test}")));
        let mutants = mutants.args(arguments).args(["--", "--profile=mutants"]);
        if mutants.arg("--max-fail=1:immediate").run().is_err() {
            failed.push(name);
        }
    }
    let failed = failed.join(", ");
    ensure!(
        failed.is_empty(),
        "{failed}: add a test, or an exclusion to .cargo/mutants.toml"
    );
    Ok(())
}

/// Each fuzz target for some time, from the seeds of `tests/fuzz`. Its findings are kept below the target directory.
pub(crate) fn fuzz(project: &Project, options: &[&str]) -> Result<()> {
    let (seconds, names) = match options {
        ["--seconds", seconds, names @ ..] => (*seconds, names),
        names => ("60", names),
    };
    let sh = &project.sh;
    if !succeeds(cmd!(sh, "cargo +nightly --version")) {
        return skip("fuzz", "the instrumentation of libFuzzer needs a nightly compiler");
    }
    let _toolchain = sh.push_env("RUSTUP_TOOLCHAIN", "nightly");
    let target = project.target().join("fuzz");
    for source in sh.read_dir("tests/fuzz/targets")? {
        let name = source.file_stem().and_then(|name| name.to_str());
        let name = name.context("a target has a name")?;
        if names.is_empty() || names.contains(&name) {
            let found = sh.create_dir(target.join("corpus").join(name))?;
            // Without sanitizers: there is no `unsafe` code to watch.
            let fuzz = tool(project, "fuzz run --sanitizer=none --fuzz-dir=tests/fuzz --target-dir")?;
            let fuzz = fuzz.arg(&target).arg(name).arg(found);
            let fuzz = fuzz.arg(format!("tests/fuzz/seeds/{name}")).arg("--");
            let fuzz = fuzz.arg(format!("-max_total_time={seconds}"));
            fuzz.arg("-print_final_stats=1").env_remove("CARGO").run()?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn llvm_version_is_read() {
        assert_eq!(llvm_major("release: 1.2.3\nLLVM version: 22.1.2\n"), Some(22));
        assert_eq!(llvm_major("release: 1.2.3\n"), None);
    }
}
