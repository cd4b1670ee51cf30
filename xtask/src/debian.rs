//! Debian's compilers and tools, unpacked into a folder of their own below the target directory: nothing is installed.
//!
//! rustup's compilers come without the library's source, and its targets would have to be downloaded from outside a
//! package registry. Debian's `rustc-web` has the source in a package, an older version beside it, and an LLVM of the same
//! major version in its tools.

use crate::project::{Project, skip};
use anyhow::{Context, Result};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use xshell::{Shell, cmd};

/// Packages that are unpacked together.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kit<'a> {
    /// The newest compiler, and the source of its library.
    Newest,
    /// The compiler of this version, such as `1.85`.
    Version(&'a str),
    /// An emulator of microcontrollers.
    Emulator,
    /// An emulator of RISC-V.
    RiscvEmulator,
    /// LLVM's tools of this major version.
    Llvm(u32),
    /// The C library for programs of 32 bits, to link with.
    Libc32,
    /// A browser, the program that drives it for tests, and a font.
    Browser,
    /// A Redis server.
    Redis,
}

/// Where a kit is.
#[derive(Debug)]
pub(crate) struct Unpacked {
    folder: PathBuf,
}

impl Unpacked {
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// A program of the kit.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join("programs").join(name)
    }
}

impl Kit<'_> {
    fn name(self) -> String {
        match self {
            Kit::Newest => "rust".to_owned(),
            Kit::Version(version) => format!("rust-{version}"),
            Kit::Emulator => "emulator".to_owned(),
            Kit::RiscvEmulator => "riscv-emulator".to_owned(),
            Kit::Llvm(major) => format!("llvm-{major}"),
            Kit::Libc32 => "libc32".to_owned(),
            Kit::Browser => "browser".to_owned(),
            Kit::Redis => "redis".to_owned(),
        }
    }

    /// The packages to unpack, as arguments of `apt-get`.
    fn packages(self, sh: &Shell) -> Result<Vec<String>> {
        match self {
            Kit::Newest => compiler(sh, "", &["rust-web-src"]),
            Kit::Version(version) => compiler(sh, &format!("{version}."), &[]),
            Kit::Emulator => Ok(vec!["qemu-system-arm".to_owned()]),
            Kit::RiscvEmulator => Ok(vec!["qemu-system-misc".to_owned()]),
            Kit::Llvm(major) => Ok(vec![format!("llvm-{major}")]),
            Kit::Libc32 => Ok(["libc6-dev-i386", "lib32gcc-12-dev"].map(str::to_owned).to_vec()),
            Kit::Browser => Ok(["chromium", "chromium-driver", "fonts-dejavu-core"]
                .map(str::to_owned)
                .to_vec()),
            Kit::Redis => Ok(vec!["redis-server".to_owned()]),
        }
    }

    /// Its programs: the name, and what is run.
    fn programs(self) -> Vec<(&'static str, String)> {
        let plain = |name| (name, format!("usr/bin/{name}"));
        let of_llvm = |name, major| (name, format!("usr/bin/{name}-{major}"));
        match self {
            Kit::Newest | Kit::Version(_) => vec![plain("rustc"), plain("rustdoc")],
            Kit::Emulator => vec![plain("qemu-system-arm")],
            Kit::RiscvEmulator => vec![plain("qemu-system-riscv32")],
            Kit::Llvm(major) => vec![of_llvm("llvm-cov", major), of_llvm("llvm-profdata", major)],
            Kit::Libc32 => vec![],
            Kit::Redis => vec![plain("redis-server"), plain("redis-cli")],
            // Not Debian's script around it, which reads files of an installed package.
            Kit::Browser => vec![
                ("chromium", "usr/lib/chromium/chromium".to_owned()),
                plain("chromedriver"),
            ],
        }
    }
}

/// Unpacks the kit below the target directory, unless it is there already. `None` where it cannot be had, which is an
/// error in CI.
pub(crate) fn unpack(project: &Project, kit: Kit<'_>) -> Result<Option<Unpacked>> {
    let folder = project.target().join("debian").join(kit.name());
    let finished = folder.join("finished");
    // A kit that was unpacked before a program was added to it is unpacked again.
    let has_programs = || {
        kit.programs()
            .iter()
            .all(|(name, _)| folder.join("programs").join(name).exists())
    };
    if !finished.exists() || !has_programs() {
        if let Err(error) = fill(&project.sh, &folder, kit) {
            let why = format!("{error:#}; this needs apt-get and the archive of Debian 12");
            return skip(&kit.name(), &why).map(|()| None);
        }
        project.sh.write_file(finished, "")?;
    }
    Ok(Some(Unpacked { folder }))
}

fn fill(sh: &Shell, folder: &Path, kit: Kit<'_>) -> Result<()> {
    println!("{}: unpacking packages of Debian to {}", kit.name(), folder.display());
    // Without the permission to update the lists of packages, they are used as they are.
    let _outdated = cmd!(sh, "apt-get update -qq").run();
    sh.remove_path(folder)?;
    let archives = sh.create_dir(folder.join("archives"))?;
    let named = kit.packages(sh)?;
    let missing = missing(sh, &named)?;
    {
        let _folder = sh.push_dir(&archives);
        let download = cmd!(sh, "apt-get download -qq {named...} {missing...}");
        download.quiet().ignore_stderr().run()?;
    }
    for archive in sh.read_dir(&archives)? {
        cmd!(sh, "dpkg -x {archive} {folder}").quiet().run()?;
    }
    sh.remove_path(&archives)?;
    if let Kit::Browser = kit {
        sh.write_file(folder.join(FONTS), fonts(folder))?;
    }
    for (name, program) in kit.programs() {
        let path = folder.join("programs").join(name);
        sh.write_file(&path, script(folder, &program))?;
        fs::set_permissions(&path, Permissions::from_mode(0o755))?;
    }
    Ok(())
}

/// The packages of a compiler whose version begins with `prefix`, and the packages `more`, all of one version.
fn compiler(sh: &Shell, prefix: &str, more: &[&str]) -> Result<Vec<String>> {
    let table = cmd!(sh, "apt-cache madison rustc-web").quiet().read()?;
    let version = newest(&table, prefix);
    let version = version.with_context(|| format!("there is no `rustc-web` of a version {prefix}*"))?;
    let minor: Vec<&str> = version.split('.').take(2).collect();
    let library = format!("libstd-rust-web-{}", minor.join("."));
    let names = [&["rustc-web", "libstd-rust-web-dev", &library], more].concat();
    Ok(names.iter().map(|name| format!("{name}={version}")).collect())
}

/// The first version in a table of `apt-cache madison` that begins with `prefix`: the newest comes first.
fn newest<'a>(table: &'a str, prefix: &str) -> Option<&'a str> {
    let mut versions = table.lines().filter_map(|line| line.split('|').nth(1));
    versions.find_map(|version| Some(version.trim()).filter(|version| version.starts_with(prefix)))
}

/// The packages that `named` depend on and that are not installed, by a simulated installation.
fn missing(sh: &Shell, named: &[String]) -> Result<Vec<String>> {
    let plan = cmd!(sh, "apt-get install --simulate --no-install-recommends {named...}");
    let plan = plan.quiet().ignore_stderr().read()?;
    let is_named = |name: &str| named.iter().any(|named| named.split('=').next() == Some(name));
    let lines = plan.lines().filter_map(|line| line.strip_prefix("Inst "));
    let names = lines.filter_map(|line| line.split(' ').next());
    Ok(names.filter(|name| !is_named(name)).map(str::to_owned).collect())
}

/// A script that runs a program of the folder with the libraries of the folder.
fn script(folder: &Path, program: &str) -> String {
    let folder = folder.display();
    let libraries = ["usr/lib", "lib"].map(|place| {
        let triple = format!("{}-linux-gnu", std::env::consts::ARCH);
        let place = format!("{folder}/{place}");
        // A library in a folder of its own, which is found by a path that is compiled in.
        format!("{place}/{triple}:{place}/{triple}/pulseaudio:{place}")
    });
    let (mut variables, mut data) = (String::new(), String::new());
    if program.contains("qemu") {
        data = format!(" -L '{folder}/usr/share/qemu'");
    }
    if program.contains("chromium") {
        variables = format!("FONTCONFIG_FILE='{folder}/{FONTS}' ");
    }
    format!(
        "#!/bin/sh\n{variables}LD_LIBRARY_PATH='{}' exec '{folder}/{program}'{data} \"$@\"\n",
        libraries.join(":")
    )
}

/// The settings of fontconfig for the fonts of a kit.
const FONTS: &str = "fonts.conf";

fn fonts(folder: &Path) -> String {
    let folder = folder.display();
    format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">\n<fontconfig>\n\
         <dir>{folder}/usr/share/fonts</dir>\n<cachedir>{folder}/fontcache</cachedir>\n\
         <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>\n\
         <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>\n</fontconfig>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = " rustc-web | 1.96.0+dfsg1-1~deb12u2 | http://registry security/main amd64 Packages
 rustc-web | 1.85.0+dfsg3-1~deb12u3 | http://registry bookworm/main amd64 Packages\n";

    #[test]
    fn newest_version_with_prefix_is_chosen() {
        assert_eq!(newest(TABLE, ""), Some("1.96.0+dfsg1-1~deb12u2"));
        assert_eq!(newest(TABLE, "1.85."), Some("1.85.0+dfsg3-1~deb12u3"));
        assert_eq!(newest(TABLE, "1.8."), None);
        assert_eq!(newest("", ""), None);
    }
}
