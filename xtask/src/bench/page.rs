//! The page of all figures.

use super::machine::{Versions, machine};
use super::section::Section;
use super::table::Table;
use crate::command::Outcome;

/// The whole page, in Markdown.
pub(crate) fn page(versions: &Versions, sections: &[Section]) -> Outcome<String> {
    Ok(compose(&machine()?, versions, sections))
}

fn compose(machine: &str, versions: &Versions, sections: &[Section]) -> String {
    let mut peers = Table::new(["", "version"]);
    for (name, version) in &versions.0 {
        peers.row([name.clone(), version.clone()]);
    }
    let texts: String = sections.iter().map(|section| section.text.as_str()).collect();
    let behind: String = sections
        .iter()
        .flat_map(|section| &section.behind)
        .map(|line| format!("- {line}\n"))
        .collect();
    let behind = if behind.is_empty() {
        "Nowhere.\n".to_owned()
    } else {
        behind
    };
    format!(
        "# Benchmarks\n\nWritten by `cargo xtask bench`, with {machine}.\n\n\
         `cargo xtask bench --quick`, which is part of `cargo xtask ci`, counts what the project holds itself to, and fails if\n\
         one figure is worse. Instructions, allocations and sizes are the same in every run; times are not, so they are\n\
         measured in turns, and it is the ratios that count.\n\n{texts}\n\
         ## Where `persevere` is not first\n\n\
         Made from the figures above: where a peer is ahead of `persevere` with a policy in a `static`, and where a goal of the\n\
         project is missed.\n\n{behind}\n## Versions\n\n{peers}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_all_parts() {
        let versions = Versions(vec![("backon".to_owned(), "1.6.0".to_owned())]);
        let section = |behind: &[&str]| Section {
            text: "## Part\n".to_owned(),
            behind: behind.iter().map(|&line| line.to_owned()).collect(),
        };
        let page = compose("a machine", &versions, &[section(&["slower"]), section(&[])]);
        assert!(page.contains("with a machine.") && page.contains("\n- slower\n\n## Versions\n"));
        assert!(page.ends_with("| backon | 1.6.0 |\n"));
        assert!(compose("a machine", &versions, &[section(&[])]).contains("\nNowhere.\n"));
    }
}
