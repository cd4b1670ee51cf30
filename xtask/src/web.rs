//! `cargo xtask web`: the crates for browsers, under Node and in a browser, and the playground.
//!
//! The page of `examples/web` is built into one file, `target/web/playground.html`. A copy of it has a script at its
//! end, which moves the sliders. It compares delays and retries on the page with the numbers that the package's tests
//! have checked. Screenshots stay beside it, in light and in dark.

use crate::browser::Browser;
use crate::embedded::targets::{self, Compiler};
use crate::project::Project;
use crate::tools::wasm_bindgen;
use anyhow::{Result, ensure};
use std::path::{Path, PathBuf};
use xshell::cmd;

/// Where the page has its program.
const PLACE: &str = "<!-- bindings -->";

/// Appended to a copy of the page: makes the choices of each case, and lists the problems in the title.
const SCRIPT: &str = include_str!("web/drive.js");

/// Runs the tests under Node and in a browser, and then the playground.
pub(crate) fn check(project: &Project) -> Result<()> {
    let folder = project.sh.create_dir(project.target().join("web"))?;
    let Some(browser) = Browser::unpacked(project, &folder)? else {
        return Ok(());
    };
    let Some(compiler) = targets::compiler(project)? else {
        return Ok(());
    };
    compiler.test_web(&browser)?;
    let page = build(project, &compiler, &folder)?;
    browser.shoot(&page)?;
    drive(project, &browser, &page)
}

/// Builds the page, with its program inside.
fn build(project: &Project, compiler: &Compiler<'_>, folder: &Path) -> Result<PathBuf> {
    let sh = &project.sh;
    let program = compiler.small_web("persevere-playground")?;
    let bindgen = wasm_bindgen(project)?.join("wasm-bindgen");
    let options = ["--target", "no-modules", "--no-typescript", "--remove-name-section"];
    cmd!(sh, "{bindgen} {options...} --out-dir {folder} {program}").run()?;
    let bindings = sh.read_file(folder.join("persevere_playground.js"))?;
    let bytes = sh.read_binary_file(folder.join("persevere_playground_bg.wasm"))?;
    let program = format!(
        "<script>\n{bindings}\nconst PROGRAM = \"{}\";\n</script>",
        base64(&bytes)
    );
    let template = sh.read_file("examples/web/index.html")?;
    ensure!(template.contains(PLACE), "examples/web/index.html has no {PLACE}");
    let page = folder.join("playground.html");
    sh.write_file(&page, template.replacen(PLACE, &program, 1))?;
    println!("web: {} with a program of {} KiB", page.display(), bytes.len() / 1024);
    Ok(page)
}

/// Makes the choices of every case in a browser.
fn drive(project: &Project, browser: &Browser<'_>, page: &Path) -> Result<()> {
    let sh = &project.sh;
    let cases = sh.read_file("examples/web/tests/cases.txt")?;
    let cases: Vec<String> = cases
        .lines()
        .map(|line| format!("[\"{}\"]", line.split(' ').collect::<Vec<_>>().join("\", \"")))
        .collect();
    let script = format!("<script>\nconst CASES = [{}];\n{SCRIPT}</script>\n", cases.join(", "));
    let driven = page.with_file_name("driven.html");
    sh.write_file(&driven, sh.read_file(page)? + &script)?;
    let count = browser.inspect(&driven, "cases")?;
    ensure!(count == cases.len(), "{count} of {} cases were made", cases.len());
    println!("web: the playground shows delays and retries of {count} policies as they are");
    Ok(())
}

/// Bytes as text, by RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize % 64];
            text.push(if place <= group.len() { letter.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_text_by_the_examples_of_the_rfc() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map(|bytes| base64(bytes.as_bytes()));
        assert_eq!(texts, ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy"]);
    }
}
