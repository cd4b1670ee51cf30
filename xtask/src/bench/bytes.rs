//! The bytes of code that a further call site takes: programs with one and with many, which differ in nothing else.

use super::probe::code;
use super::table::{Table, whole};
use crate::project::Project;
use anyhow::Result;
use xshell::cmd;

const FORMS: [&str; 9] = [
    "sync/best",
    "sync/persevere",
    "sync/persevere/inlined",
    "sync/backon",
    "async/bare",
    "async/best",
    "async/persevere",
    "async/persevere/inlined",
    "async/backon",
];

/// The levels of optimization.
const LEVELS: [&str; 3] = ["3", "s", "z"];

/// The call sites of the larger program.
const MANY: u32 = 50;

pub(crate) fn table(project: &Project) -> Result<Table> {
    let sh = &project.sh;
    let program = project.target().join("release/sites");
    let size = |form: &str, level: &str, sites: u32| -> Result<f64> {
        let build = cmd!(sh, "cargo build --quiet --release --package persevere-benches");
        let build = build.args(["--features=sites", "--bin=sites"]);
        let build = build.env("SITES_FORM", form).env("SITES", sites.to_string());
        build.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", level).quiet().run()?;
        code(sh, &program)
    };
    let mut table = Table::new(LEVELS.map(|level| format!("opt-level {level}")));
    for form in FORMS {
        let cells = LEVELS.map(|level| Ok((size(form, level, MANY)? - size(form, level, 1)?) / f64::from(MANY - 1)));
        let cells = cells.into_iter().collect::<Result<Vec<_>>>()?;
        println!("{form:<30} {cells:>8.0?}");
        table.row(form, cells.into_iter().map(whole));
    }
    Ok(table)
}
