//! The counts beside the ceilings of `benches/ceilings.txt`, so that they get no worse by accident.

use super::counts::Counted;
use super::probe::With;
use super::table::is_ours;
use crate::project::Project;
use anyhow::{Context, Result, ensure};

const CEILINGS: &str = "benches/ceilings.txt";

/// Counts every case that a ceiling names, prints each figure beside its ceiling, and fails if one is above it.
pub(crate) fn hold(project: &Project) -> Result<()> {
    let text = project.sh.read_file(CEILINGS)?;
    let ceilings: Vec<_> = text.lines().filter_map(ceiling).collect();
    ensure!(!ceilings.is_empty(), "{CEILINGS} has no ceilings");
    let is_named = |name: &str| {
        ceilings
            .iter()
            .any(|(case, beside, _)| *case == name || *beside == name)
    };
    let counted = Counted::of(project, With::Nothing, is_named)?;
    println!("\n     now  at most  case beside another, of {CEILINGS}");
    let mut above = Vec::new();
    for (case, beside, at_most) in ceilings {
        let most: f64 = at_most.parse().with_context(|| format!("{case} {at_most}"))?;
        let now = figure(&counted, case, beside, !at_most.starts_with('+')).with_context(|| format!("no {case}"))?;
        let line = format!("{now:>8.2} {at_most:>8}  {case} beside {beside}");
        println!("{line}");
        if now > most {
            above.push(line);
        }
    }
    for (name, counts) in &counted.cases {
        if counts.allocations > 0.0 && !name.contains("/dyn/") && name.split('/').nth(1).is_some_and(is_ours) {
            above.push(format!("{name} allocates {} times", counts.allocations));
        }
    }
    ensure!(above.is_empty(), "above the ceilings:\n{}", above.join("\n"));
    Ok(())
}

/// The case, the case that it is compared with (or `future`), and its ceiling: a ratio such as `1.15`, or a difference
/// such as `+60`.
fn ceiling(line: &str) -> Option<(&str, &str, &str)> {
    let mut columns = line.split('#').next()?.split_whitespace();
    Some((columns.next()?, columns.next()?, columns.next()?))
}

fn figure(counted: &Counted, case: &str, beside: &str, is_ratio: bool) -> Option<f64> {
    if beside == "future" {
        return Some(counted.overhead);
    }
    let (case, beside) = (counted.get(case)?.instructions, counted.get(beside)?.instructions);
    Some(if is_ratio { case / beside } else { case - beside })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ceilings_are_read() {
        assert_eq!(ceiling("a/b  a/c  +60"), Some(("a/b", "a/c", "+60")));
        assert_eq!(ceiling("# a/b  a/c  +60"), None);
    }
}
