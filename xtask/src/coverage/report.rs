//! What `cargo llvm-cov report` says, by crate and by file.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// What was reached, by crate.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) crates: BTreeMap<String, BTreeMap<String, File>>,
}

/// What was reached of a file.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct File {
    lines: Share,
    regions: Share,
    /// The numbers of the lines that were not reached.
    uncovered: Vec<usize>,
}

/// So many of so many.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Share {
    covered: u64,
    all: u64,
}

impl Report {
    /// Reads the lines, in the format of lcov, and the regions, in that of llvm-cov, of the crates of these names. Paths are
    /// from `root`.
    pub(crate) fn of(lcov: &str, json: &str, root: &Path, names: &[&str]) -> Option<Report> {
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        let relative = |path: &str| Some(Path::new(path).strip_prefix(root).ok()?.to_str()?.to_owned());
        let mut current = None;
        for line in lcov.lines() {
            match line.split_once(':') {
                Some(("SF", path)) => current = relative(path),
                Some(("DA", counted)) => {
                    let (number, count) = counted.split_once(',')?;
                    let Some(path) = &current else { continue };
                    files
                        .entry(path.clone())
                        .or_default()
                        .line(number.parse().ok()?, count != "0");
                }
                _ => {}
            }
        }
        let json: Value = serde_json::from_str(json).ok()?;
        for file in json["data"][0]["files"].as_array()? {
            let regions = &file["summary"]["regions"];
            let share = Share {
                covered: regions["covered"].as_u64()?,
                all: regions["count"].as_u64()?,
            };
            if let Some(file) = relative(file["filename"].as_str()?).and_then(|path| files.get_mut(&path)) {
                file.regions = share;
            }
        }
        let of_crate = |name: &&str| {
            let folder = format!("crates/{name}/src/");
            let files = files.iter().filter(|(path, _)| path.starts_with(&folder));
            (
                name.to_string(),
                files.map(|(path, file)| (path.clone(), file.clone())).collect(),
            )
        };
        Some(Report {
            crates: names.iter().map(of_crate).collect(),
        })
    }
}

impl File {
    fn line(&mut self, number: usize, is_covered: bool) {
        self.lines.all += 1;
        if is_covered {
            self.lines.covered += 1;
        } else {
            self.uncovered.push(number);
        }
    }

    /// The first and the last of the lines that follow each other and were not reached.
    pub(crate) fn ranges(&self) -> Vec<(usize, usize)> {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for number in &self.uncovered {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == *number => *last = *number,
                _ => ranges.push((*number, *number)),
            }
        }
        ranges
    }
}

impl Share {
    fn sum(shares: impl Iterator<Item = Share>) -> Share {
        shares.fold(Share::default(), |sum, share| Share {
            covered: sum.covered + share.covered,
            all: sum.all + share.all,
        })
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let share = if self.all == 0 {
            1.0
        } else {
            self.covered as f64 / self.all as f64
        };
        // Never rounded up to all.
        let percent = (share * 1000.0).floor() / 10.0;
        f.pad(&format!("{percent:.1} % of {}", self.all))
    }
}

/// The crates, and below each the files that are not reached in every line.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:<44}{:>18}{:>18}", "crate", "lines", "regions")?;
        for (name, files) in &self.crates {
            let lines = Share::sum(files.values().map(|file| file.lines));
            let regions = Share::sum(files.values().map(|file| file.regions));
            writeln!(f, "{name:<44}{lines:>18}{regions:>18}")?;
            for (path, file) in files.iter().filter(|(_, file)| !file.uncovered.is_empty()) {
                let path = path.split_once("/src/").map_or(path.as_str(), |(_, path)| path);
                let shown = |(first, last): &(usize, usize)| match first == last {
                    true => first.to_string(),
                    false => format!("{first}-{last}"),
                };
                let ranges: Vec<_> = file.ranges().iter().map(shown).collect();
                let File { lines, regions, .. } = file;
                writeln!(f, "  {path:<42}{lines:>18}{regions:>18}  not {}", ranges.join(", "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LCOV: &str = "SF:/r/crates/one/src/a.rs\nFN:1,x\nDA:1,0\nDA:2,7\nDA:3,0\nDA:4,0\nLH:1\nend_of_record\n\
        SF:/r/crates/one/src/b.rs\nDA:9,18446744073709551615\nend_of_record\n\
        SF:/r/tests/c.rs\nDA:1,0\nend_of_record\nSF:/elsewhere/d.rs\nDA:1,0\nend_of_record\n";
    const JSON: &str = r#"{"data": [{"files": [
        {"filename": "/r/crates/one/src/a.rs", "summary": {"regions": {"count": 8, "covered": 2}}},
        {"filename": "/elsewhere/d.rs", "summary": {"regions": {"count": 8, "covered": 2}}}
    ]}]}"#;

    #[test]
    fn lines_and_regions_are_read_by_crate() {
        let report = Report::of(LCOV, JSON, Path::new("/r"), &["one", "two"]).unwrap();
        let one = &report.crates["one"];
        assert_eq!(one.len(), 2);
        assert_eq!(one["crates/one/src/a.rs"].uncovered, [1, 3, 4]);
        assert_eq!(one["crates/one/src/a.rs"].regions, Share { covered: 2, all: 8 });
        assert!(one["crates/one/src/b.rs"].uncovered.is_empty());
        assert!(report.crates["two"].is_empty());
        let text = report.to_string();
        assert!(text.contains("25.0 % of 8  not 1, 3-4\n"), "{text}");
        assert!(!text.contains("b.rs"), "{text}");
    }

    #[test]
    fn what_is_no_report_is_refused() {
        for (lcov, json) in [("SF:/r/a.rs\nDA:one,1\n", JSON), (LCOV, "{}"), (LCOV, "")] {
            assert!(
                Report::of(lcov, json, Path::new("/r"), &["one"]).is_none(),
                "{lcov}{json}"
            );
        }
    }

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        let share = |covered, all| Share { covered, all }.to_string();
        assert_eq!(share(9_999, 10_000), "99.9 % of 10000");
        assert_eq!(share(10, 10), "100.0 % of 10");
        assert_eq!(share(0, 0), "100.0 % of 0");
    }
}
