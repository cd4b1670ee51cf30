//! The report is the same to the byte for the same figures.

use persevere_sim::{Report, Study, Values, Watch, compare, sweep};
use std::time::Duration;

/// Set this variable to write the page anew.
const BLESS: &str = "BLESS";

#[test]
fn report_of_the_same_figures_has_the_same_bytes() {
    let study = Study::shipped("metastable-outage").unwrap();
    let scenario = study.scenario.duration(Duration::from_secs(90));
    let picked = ["one retry at once", "adaptive and breaker"];
    let candidates = study
        .candidates
        .into_iter()
        .filter(|candidate| picked.contains(&candidate.name()));
    let candidates: Vec<_> = candidates.collect();
    let summaries = compare(&scenario, &candidates, 0..2, Watch::none()).unwrap();
    let partial = Study::shipped("partial-errors").unwrap().scenario;
    let partial = compare(&partial, &candidates, 0..2, Watch::none()).unwrap();
    let values: Values = "demand=120,160,280".parse().unwrap();
    let rows = sweep(&scenario, &candidates, &values, 0..2, Watch::none()).unwrap();
    let report = Report::new(&scenario, &summaries);
    let page = report.trade_off(&partial).threshold(values.parameter(), &rows).html();

    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/report.html");
    if std::env::var_os(BLESS).is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap();
    let line = page
        .lines()
        .zip(golden.lines())
        .position(|(ours, theirs)| ours != theirs);
    assert_eq!(
        line, None,
        "the first line that differs; {BLESS}=1 writes the page anew"
    );
    assert_eq!(page, golden);
}

#[test]
fn report_needs_no_script_and_nothing_from_elsewhere() {
    let page = include_str!("data/report.html");
    for word in ["<script", "http://", "https://", "url(", "src=", "<link"] {
        assert!(!page.contains(word), "{word}");
    }
    assert_eq!(page.matches("<svg").count(), page.matches("</desc>").count());
    assert!(page.contains("prefers-color-scheme: dark") && page.contains("@media print"));
}
