//! `cargo xtask report`: a report of the simulator, opened in a browser.
//!
//! Each picture must have its marks, and no text may overlap another or leave its picture. Screenshots stay in
//! `target/report`, in light, in dark and as printed.

use crate::browser::Browser;
use crate::project::{Project, programs};
use anyhow::{Context, Result, ensure};
use xshell::cmd;

/// Appended to a copy of the report, which has no script of its own: lists the problems in the title of the page.
const SCRIPT: &str = r#"
<script>
const problems = [];
const pictures = [...document.querySelectorAll("svg")];
for (const picture of pictures) {
  const name = picture.querySelector("title").textContent;
  const box = picture.getBoundingClientRect();
  const marks = picture.querySelectorAll("path.line, circle.dot, rect.cell");
  if (marks.length === 0 || ![...marks].some((mark) => mark.getBoundingClientRect().width > 0)) {
    problems.push(`${picture.getAttribute("aria-labelledby")} ${name}: no marks`);
  }
  if (!picture.querySelector("desc").textContent.trim()) problems.push(`${name}: no description`);
  const texts = [...picture.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  texts.forEach(([one, a], index) => {
    if (a.width === 0) problems.push(`${name}: "${one}" is not drawn`);
    if (a.left < box.left - 0.5 || a.right > box.right + 0.5 || a.top < box.top - 0.5 || a.bottom > box.bottom + 0.5) {
      const over = [box.left - a.left, a.right - box.right, box.top - a.top, a.bottom - box.bottom];
      problems.push(`${name}: "${one}" leaves the picture by ${Math.max(...over).toFixed(1)}`);
    }
    for (const [other, b] of texts.slice(index + 1)) {
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      // The box of a text is higher than its letters.
      if (wide > 0.5 && high > 2.5) problems.push(`${name}: "${one}" overlaps "${other}"`);
    }
  });
}
document.title = `pictures: ${pictures.length}; problems: ${problems.join("; ")};`;
</script>
"#;

pub(crate) fn check(project: &Project) -> Result<()> {
    let sh = &project.sh;
    let folder = sh.create_dir(project.target().join("report"))?;
    let Some(browser) = Browser::unpacked(project, &folder)? else {
        return Ok(());
    };
    let report = folder.join("report.html");
    let simulate = ["simulate", "metastable-outage", "--seeds", "2"];
    // Examples have the features of the tests, and so has what is built with them.
    let build = cmd!(
        sh,
        "cargo build --quiet --workspace --bin persevere --example quickstart"
    );
    let built = programs(build)?;
    let persevere = built.iter().find(|program| program.ends_with("persevere"));
    let persevere = persevere.context("there is no program `persevere`")?;
    cmd!(sh, "{persevere} {simulate...} --report {report}").run()?;
    let checked = folder.join("checked.html");
    sh.write_file(&checked, sh.read_file(&report)? + SCRIPT)?;
    browser.shoot(&report)?;
    browser.print(&report)?;
    let pictures = browser.inspect(&checked, "pictures")?;
    ensure!(pictures > 20, "the report has {pictures} pictures");
    println!(
        "report: {pictures} pictures are as they should be: see {}",
        folder.display()
    );
    Ok(())
}
