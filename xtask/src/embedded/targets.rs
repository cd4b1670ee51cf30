//! Builds for processors without an operating system, all in the package of the firmware: one profile, one lock file.
//!
//! With rustup's compiler where the target is installed, else with Debian's and the source of its library. Nothing is
//! added to rustup.

use crate::browser::{Browser, HEADLESS};
use crate::debian::{Kit, unpack};
use crate::project::Project;
use crate::tools::wasm_bindgen;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use xshell::{Cmd, Shell, cmd};

/// The targets of the firmware. The first has no compare-and-swap, so a program has to choose how to do without.
pub(crate) const WITHOUT_CAS: &str = "thumbv6m-none-eabi";
pub(crate) const WITH_CAS: &str = "thumbv7m-none-eabi";

/// The target that has compare-and-swap of 32 bits and none of 64.
const RISCV: &str = "riscv32imac-unknown-none-elf";

const TARGETS: [&str; 4] = [WITHOUT_CAS, WITH_CAS, RISCV, "wasm32-unknown-unknown"];

/// The crates that need no operating system.
const CRATES: [&str; 10] = [
    "persevere-core",
    "persevere-blocking",
    "persevere-breaker",
    "persevere-budget",
    "persevere-embassy",
    "persevere-embedded-hal-async",
    "persevere-examples-drivers",
    "persevere-hedge",
    "persevere-limit",
    "persevere",
];

/// The compiler for all targets.
pub(crate) struct Compiler<'p> {
    project: &'p Project,
    /// Debian's compiler and a linker, unless rustup has every target.
    debian: Option<(PathBuf, PathBuf)>,
}

/// Finds the compiler; `None` where it cannot be had.
pub(crate) fn compiler(project: &Project) -> Result<Option<Compiler<'_>>> {
    let sh = &project.sh;
    let is_installed = |target: &&str| {
        let libraries = cmd!(sh, "rustc --print target-libdir --target {target}");
        libraries
            .quiet()
            .read()
            .is_ok_and(|libraries| sh.path_exists(libraries))
    };
    if TARGETS.iter().all(is_installed) {
        return Ok(Some(Compiler { project, debian: None }));
    }
    let Some(kit) = unpack(project, Kit::Newest)? else {
        return Ok(None);
    };
    let debian = Some((kit.program("rustc"), linker(sh)?));
    Ok(Some(Compiler { project, debian }))
}

impl Compiler<'_> {
    /// `cargo build` of the firmware's package for these targets.
    fn build(&self, targets: &[&str]) -> Cmd<'_> {
        self.build_package("firmware", targets)
    }

    /// `cargo build` of the checks for RISC-V.
    pub(crate) fn riscv(&self) -> Cmd<'_> {
        self.build_package("riscv", &[RISCV])
    }

    /// `cargo build` of a package outside of the workspace for these targets.
    fn build_package(&self, package: &str, targets: &[&str]) -> Cmd<'_> {
        let (sh, folder) = (&self.project.sh, self.project.target());
        let manifest = format!("tests/{package}/Cargo.toml");
        let build = cmd!(
            sh,
            "cargo build --release --locked --manifest-path {manifest} --target-dir {folder}"
        );
        let mut build = build.args(targets.iter().flat_map(|target| ["--target", target]));
        if let Some((rustc, linker)) = &self.debian {
            build = build
                .arg("-Zbuild-std=core")
                .env("RUSTC", rustc)
                .env("RUSTC_BOOTSTRAP", "1");
            for target in targets {
                let name = target.to_uppercase().replace('-', "_");
                build = build.env(format!("CARGO_TARGET_{name}_LINKER"), linker);
            }
        }
        build
    }

    /// The firmware and all crates for both of its targets, with the choice made.
    pub(crate) fn firmware(&self) -> Cmd<'_> {
        self.build(&[WITHOUT_CAS, WITH_CAS])
            .args(["--package=persevere-firmware", "--features", "single-core"])
            .args(CRATES.map(|name| format!("--package={name}")))
    }

    /// `cargo {line}` for browsers, with their standard library.
    fn web(&self, line: &str) -> Cmd<'_> {
        let words = line.split_whitespace();
        let web = cmd!(
            self.project.sh,
            "cargo {words...} --locked --target wasm32-unknown-unknown"
        );
        match &self.debian {
            Some((rustc, linker)) => web
                .arg("-Zbuild-std=std,panic_abort")
                .env("RUSTC", rustc)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker),
            None => web,
        }
    }

    /// `cargo test {line}` for 32-bit Linux, with its standard library and without a shared C library.
    pub(crate) fn test_i686(&self, line: &str, linker: &Path) -> Cmd<'_> {
        let words = line.split_whitespace();
        let test = cmd!(
            self.project.sh,
            "cargo test {words...} --locked --target i686-unknown-linux-gnu"
        );
        let test = test
            .env("CARGO_PROFILE_DEV_DEBUG", "none")
            .env("CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER", linker)
            .env(
                "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_RUSTFLAGS",
                "-Ctarget-feature=+crt-static",
            );
        match &self.debian {
            Some((rustc, _)) => test
                .arg("-Zbuild-std=std,panic_unwind,test")
                .env("RUSTC", rustc)
                .env("RUSTC_BOOTSTRAP", "1"),
            None => test,
        }
    }

    /// Checks the crates that run in browsers.
    pub(crate) fn check_web(&self) -> Result<()> {
        Ok(self
            .web("check --package=persevere-reqwest --package=persevere-web")
            .run()?)
    }

    /// Runs the tests of the sleeper for browsers under Node, and then in a browser.
    pub(crate) fn test_web(&self, browser: &Browser<'_>) -> Result<()> {
        let sh = &self.project.sh;
        let runner = wasm_bindgen(self.project)?.join("wasm-bindgen-test-runner");
        let settings = self.project.target().join("web/webdriver.json");
        let arguments = HEADLESS.map(|argument| format!("\"{argument}\"")).join(", ");
        let program = browser.program.display();
        let capabilities =
            format!("{{\"goog:chromeOptions\": {{\"binary\": \"{program}\", \"args\": [{arguments}]}}}}");
        sh.write_file(&settings, capabilities)?;
        let test = || {
            let test = self.web("test --package=persevere-web --test=timers");
            test.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner)
        };
        let in_browser = test()
            .env("WASM_BINDGEN_USE_BROWSER", "1")
            // Seconds, for a machine under load.
            .env("WASM_BINDGEN_TEST_DRIVER_TIMEOUT", "60")
            .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings)
            .env("CHROMEDRIVER", &browser.driver);
        for (place, test) in [("Node", test()), ("Chromium", in_browser)] {
            let output = test.ignore_status().output()?;
            let report = String::from_utf8_lossy(&output.stdout);
            println!("{place}: {report}");
            ensure!(
                output.status.success(),
                "{place}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            // Node ends without an error where nothing is left to wait for.
            ensure!(report.contains("test result: ok."), "{place}: a test never ended");
        }
        Ok(())
    }

    /// Builds a member as a small program for browsers, and returns its path.
    pub(crate) fn small_web(&self, package: &str) -> Result<PathBuf> {
        let build = self.web(&format!("build --release --lib --package={package}"));
        build
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "s")
            .env("CARGO_PROFILE_RELEASE_LTO", "true")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1")
            .env("CARGO_PROFILE_RELEASE_PANIC", "abort")
            .env("CARGO_PROFILE_RELEASE_DEBUG", "false")
            .run()?;
        let name = package.replace('-', "_");
        let folder = self.project.target().join("wasm32-unknown-unknown/release");
        Ok(folder.join(format!("{name}.wasm")))
    }

    /// Builds the crates for all targets, and checks that the choice is needed where the documentation requires it.
    pub(crate) fn build_all(&self) -> Result<()> {
        let crates = CRATES.map(|name| format!("--package={name}"));
        self.build(&TARGETS[1..]).args(crates).run()?;
        let undecided = self.build(&[WITHOUT_CAS]).arg("--package=persevere-breaker");
        let undecided = undecided.ignore_status().output()?;
        let message = String::from_utf8_lossy(&undecided.stderr);
        ensure!(
            !undecided.status.success() && message.contains("require atomic CAS"),
            "{WITHOUT_CAS} must not build without a feature of portable-atomic: {message}"
        );
        Ok(())
    }
}

/// The linker that comes with rustup's compiler, for every target.
fn linker(sh: &Shell) -> Result<PathBuf> {
    let root = cmd!(sh, "rustc --print sysroot").quiet().read()?;
    let about = cmd!(sh, "rustc --version --verbose").quiet().read()?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("`rustc --version --verbose` names no host")?;
    let linker = Path::new(&root).join(format!("lib/rustlib/{host}/bin/rust-lld"));
    ensure!(linker.exists(), "there is no {}", linker.display());
    Ok(linker)
}
