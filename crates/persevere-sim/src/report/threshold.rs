//! The threshold: with how many seeds each candidate recovers, while one number of the scenario changes.

use super::svg::{Anchor, Svg};
use crate::summary::Summary;
use crate::sweep::{Parameter, SweepRow};
use crate::table::{number, short};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 34.0;
const ROW: f64 = 20.0;

/// A row for each candidate and a cell for each value. The more of the seeds recovered, the stronger is the color of
/// the cell. `here` is the value of the scenario.
pub(super) fn draw(parameter: Parameter, rows: &[SweepRow], here: Option<f64>) -> String {
    let candidates = rows.first().map_or(0, |row| row.summaries.len());
    let height = TOP + ROW * candidates as f64 + 38.0;
    let title = format!("Recovery against {parameter}");
    let description = (0..candidates).map(|index| {
        let name = rows.first().map_or("", |row| row.summaries[index].name());
        let all = rows.iter().filter(|row| is_always(&row.summaries[index]));
        match all.map(|row| row.value).reduce(f64::max) {
            Some(value) => format!("{name}: recovers with every seed up to {}.", number(value)),
            None => format!("{name}: recovers with every seed at no value."),
        }
    });
    let description = description.collect::<Vec<_>>().join(" ");
    let mut svg = Svg::new("threshold", (WIDTH, height), &title, &description);
    let width = (WIDTH - LEFT - RIGHT) / rows.len().max(1) as f64;
    // As many values as have room.
    let every = (44.0 / width).ceil().max(1.0) as usize;
    for (column, SweepRow { value, summaries }) in rows.iter().enumerate() {
        let x = LEFT + width * column as f64;
        for (row, summary) in summaries.iter().enumerate() {
            let (done, all) = (summary.recovered(), summary.outcomes().len());
            let class = format!("cell c{}", (done * 4).div_ceil(all.max(1)).min(4));
            let time = summary
                .time_to_recover()
                .map_or(String::new(), |time| format!("\nafter {}", short(time)));
            let name = summary.name();
            let title = format!("{name}\n{parameter} {}: {done} of {all} recover{time}", number(*value));
            let place = (x + 0.5, TOP + ROW * row as f64 + 1.0);
            svg.rect(&class, place, (width - 1.0, ROW - 2.0), Some(&title));
        }
        if column % every == 0 {
            let below = TOP + ROW * candidates as f64 + 14.0;
            svg.text("tick", (x + width / 2.0, below), Anchor::Middle, &number(*value));
        }
    }
    if let Some(first) = rows.first() {
        for (row, summary) in first.summaries.iter().enumerate() {
            let middle = TOP + ROW * row as f64 + ROW / 2.0 + 3.5;
            svg.text("name", (LEFT - 8.0, middle), Anchor::End, summary.name());
        }
    }
    let values: Vec<f64> = rows.iter().map(|row| row.value).collect();
    if let Some(x) = here.and_then(|here| place_of(&values, here)) {
        let x = LEFT + width * (x + 0.5);
        svg.line("here", (x, TOP - 6.0), (x, TOP + ROW * candidates as f64 + 2.0));
        let anchor = if x > WIDTH - 70.0 {
            Anchor::End
        } else if x < LEFT + 70.0 {
            Anchor::Start
        } else {
            Anchor::Middle
        };
        svg.text("herename", (x, TOP - 12.0), anchor, "you are here");
    }
    svg.text(
        "axis",
        (WIDTH - RIGHT, height - 6.0),
        Anchor::End,
        &format!("{parameter} \u{2192}"),
    );
    svg.finish()
}

fn is_always(summary: &Summary) -> bool {
    summary.recovered() == summary.outcomes().len()
}

/// Where a value is among sorted values, in columns; `None` outside of them.
fn place_of(values: &[f64], here: f64) -> Option<f64> {
    let after = values.iter().position(|value| *value >= here)?;
    let Some(before) = after.checked_sub(1) else {
        return (values[0] == here).then_some(0.0);
    };
    let (low, high) = (values[before], values[after]);
    Some(before as f64 + (here - low) / (high - low))
}
