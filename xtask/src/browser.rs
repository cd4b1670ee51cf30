//! Debian's Chromium without a window.

use crate::debian::{self, Kit};
use crate::project::Project;
use anyhow::{Context, Result, ensure};
use std::path::{Path, PathBuf};
use xshell::{Cmd, Shell, cmd};

/// The arguments of every start: no window, and no sandbox, which root cannot have.
pub(crate) const HEADLESS: [&str; 5] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
];

/// A browser whose pictures and profile are kept in a folder.
pub(crate) struct Browser<'p> {
    sh: &'p Shell,
    folder: &'p Path,
    pub(crate) program: PathBuf,
    pub(crate) driver: PathBuf,
}

impl<'p> Browser<'p> {
    /// Unpacks the browser; `None` where it cannot be had.
    pub(crate) fn unpacked(project: &'p Project, folder: &'p Path) -> Result<Option<Browser<'p>>> {
        let kit = debian::unpack(project, Kit::Browser)?;
        Ok(kit.map(|kit| Browser {
            sh: &project.sh,
            folder,
            program: kit.program("chromium"),
            driver: kit.program("chromedriver"),
        }))
    }

    fn open(&self, page: &Path, arguments: &[&str]) -> Cmd<'p> {
        let profile = format!("--user-data-dir={}", self.folder.join("profile").display());
        let (browser, size) = (&self.program, "--window-size=1280,2400");
        cmd!(
            self.sh,
            "{browser} {HEADLESS...} {profile} {size} {arguments...} {page}"
        )
        .quiet()
    }

    /// Takes a picture of the page in light and in dark.
    pub(crate) fn shoot(&self, page: &Path) -> Result<()> {
        for (name, scheme) in [("light", 1), ("dark", 0)] {
            let shot = format!("--screenshot={}", self.folder.join(format!("{name}.png")).display());
            let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
            let time = "--virtual-time-budget=5000";
            self.open(page, &[&shot, &scheme, time]).ignore_stderr().read()?;
        }
        Ok(())
    }

    /// Prints the page to a file.
    pub(crate) fn print(&self, page: &Path) -> Result<()> {
        let file = format!("--print-to-pdf={}", self.folder.join("printed.pdf").display());
        self.open(page, &[&file]).ignore_stderr().read()?;
        Ok(())
    }

    /// Opens a page whose script counts `what` and lists problems in the title, such as `cases: 3; problems: ;`. Returns the
    /// count. Fails if there is a problem, or the script did not come to its end.
    pub(crate) fn inspect(&self, page: &Path, what: &str) -> Result<usize> {
        let html = self.dump(page)?;
        let (count, problems) = findings(&html, what)
            .with_context(|| format!("the script of {} did not come to its end", page.display()))?;
        ensure!(problems.is_empty(), "{}: {problems}", page.display());
        Ok(count)
    }

    /// Returns the page as HTML after its scripts have run. Fails if a script wrote to the console.
    fn dump(&self, page: &Path) -> Result<String> {
        let log = ["--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"];
        let output = self.open(page, &log).output()?;
        let text = String::from_utf8_lossy(&output.stderr);
        let console: Vec<&str> = text.lines().filter(|line| line.contains(":CONSOLE")).collect();
        ensure!(console.is_empty(), "{}: {}", page.display(), console.join("\n"));
        ensure!(output.status.success(), "{}: {}", page.display(), output.status);
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// The count and the problems in the title of a page.
fn findings<'h>(html: &'h str, what: &str) -> Option<(usize, &'h str)> {
    let (_, rest) = html.split_once(&format!("<title>{what}: "))?;
    let (count, rest) = rest.split_once("; problems: ")?;
    let (problems, _) = rest.split_once("</title>")?;
    Some((count.parse().ok()?, problems.strip_suffix(';')?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn title_has_count_and_problems() {
        let of = |title| findings(title, "cases");
        assert_eq!(of("<title>cases: 3; problems: ;</title>"), Some((3, "")));
        assert_eq!(of("<title>cases: 3; problems: a; b;</title>"), Some((3, "a; b")));
        assert_eq!(of("<title>pictures: 3; problems: ;</title>"), None);
        assert_eq!(of("<title>Playground</title>"), None);
    }
}
