//! `cargo xtask bench`: instructions, memory, bytes, builds and time, beside hand-written loops and the peers.
//!
//! The page is `benches/page.md`, in which each line `<!-- .. -->` is replaced by the table that it names. These lines choose
//! the contestants and columns.

mod builds;
mod bytes;
mod counts;
mod held;
mod probe;
mod scale;
mod table;

use crate::project::{Project, skip, succeeds};
use anyhow::{Context, Result, bail};
use counts::Counted;
use probe::With;
use std::num::NonZero;
use xshell::cmd;

const TEMPLATE: &str = "benches/page.md";
const PAGE: &str = "docs/benchmarks.md";

/// How often times are measured by default.
const ROUNDS: usize = 5;

/// Writes the page, prints one part of it, or holds the counts to the ceilings.
pub(crate) fn run(project: &Project, options: &[&str]) -> Result<()> {
    let (parts, rounds) = match options {
        [parts @ .., "--rounds", rounds] => (parts, rounds.parse::<NonZero<usize>>()?.get()),
        parts => (parts, ROUNDS),
    };
    let words: &[&str] = match parts {
        [] => &[],
        ["--quick"] => {
            let is_possible = can_count(project)?;
            return if is_possible { held::hold(project) } else { Ok(()) };
        }
        ["counts"] => &["times", "over", "memory"],
        ["telemetry"] => &["telemetry"],
        ["bytes"] => &["bytes"],
        ["builds"] => &["builds"],
        ["scale"] => &["retries", "calls"],
        _ => bail!("bench: the parts are --quick, counts, telemetry, bytes, builds, scale"),
    };
    let (counted, behind) = (None, Vec::new());
    let mut bench = Bench {
        project,
        rounds,
        counted,
        behind,
    };
    let page = bench.page(words)?;
    if words.is_empty() {
        println!("{page}");
        return Ok(project.sh.write_file(PAGE, page)?);
    }
    // The tables, each with the title above it.
    let lines: Vec<&str> = page.lines().filter(|line| line.starts_with(['|', '#'])).collect();
    for pair in lines
        .windows(2)
        .filter(|pair| pair.iter().any(|line| line.starts_with('|')))
    {
        println!("{}", pair[0]);
    }
    println!("\n{}", bench.behind.join("\n"));
    Ok(())
}

struct Bench<'p> {
    project: &'p Project,
    rounds: usize,
    counted: Option<Counted>,
    /// Where peers are ahead, in the tables so far.
    behind: Vec<String>,
}

impl Bench<'_> {
    /// The page with the tables of these words, or with all.
    fn page(&mut self, words: &[&str]) -> Result<String> {
        let template = self.project.sh.read_file(TEMPLATE)?;
        let (mut page, mut title) = (String::new(), "");
        for line in template.lines() {
            title = line.strip_prefix('#').unwrap_or(title);
            let directive = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->"));
            let Some(directive) = directive else {
                page += &format!("{line}\n");
                continue;
            };
            let (word, rest) = directive.split_once(' ').unwrap_or((directive, ""));
            if words.is_empty() || words.contains(&word) {
                let title = title.trim_start_matches(['#', ' ']);
                page += &self.replaced(title, word, rest).with_context(|| directive.to_owned())?;
            }
        }
        Ok(page)
    }

    /// The lines that replace a directive below this title.
    fn replaced(&mut self, title: &str, word: &str, rest: &str) -> Result<String> {
        let (project, rounds) = (self.project, self.rounds);
        let (head, list) = rest.split_once(": ").unwrap_or(("", rest));
        let list: Vec<&str> = list.split(" | ").collect();
        let mut table = match word {
            "machine" => return machine(project),
            "behind" => return Ok(self.behind.iter().map(|line| format!("- {line}\n")).collect()),
            "versions" => return builds::versions(project),
            "bytes" => bytes::table(project)?,
            "builds" => builds::table(project, &list, rounds)?,
            "retries" => scale::retries(project, head, &list, rounds)?,
            "calls" => scale::calls(project, &list, rounds)?,
            "telemetry" => Counted::telemetry(project)?.instructions("telemetry", "bare", &list, false),
            "memory" => self.counted()?.memory(),
            _ => {
                let (kind, beside) = head.split_once(' ').context("a kind and a contestant")?;
                self.counted()?.instructions(kind, beside, &list, word == "times")
            }
        };
        table.title = title.to_owned();
        self.behind.extend(table.ahead());
        Ok(table.to_string())
    }

    /// All counts, counted at the first call.
    fn counted(&mut self) -> Result<&Counted> {
        if self.counted.is_none() && can_count(self.project)? {
            self.counted = Some(Counted::of(self.project, With::Peers, |_| true)?);
        }
        self.counted.as_ref().context("nothing was counted")
    }
}

/// The compiler, the processor, and the number of cores.
fn machine(project: &Project) -> Result<String> {
    let sh = &project.sh;
    let rustc = cmd!(sh, "rustc --version").quiet().read()?;
    let processors = sh.read_file("/proc/cpuinfo")?;
    let model = processors.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| Some(line.split_once(": ")?.1));
    let cores = std::thread::available_parallelism()?;
    Ok(format!(
        "{rustc}, {}, {cores} cores.\n",
        model.unwrap_or(std::env::consts::ARCH)
    ))
}

/// Whether there is something to count with. In CI it is installed.
fn can_count(project: &Project) -> Result<bool> {
    let sh = &project.sh;
    if succeeds(cmd!(sh, "valgrind --version")) {
        return Ok(true);
    }
    if std::env::var_os("CI").is_none() {
        return skip("bench", "`apt-get install valgrind` installs the counter").map(|()| false);
    }
    cmd!(sh, "apt-get update --quiet").run()?;
    cmd!(sh, "apt-get install --yes --quiet valgrind").run()?;
    Ok(true)
}
