//! The pictures of the page.

use crate::fleet::{CLIENTS, Fleet};
use crate::playground::Row;
use crate::svg::{Anchor, Svg, ticks};
use crate::words::{number, time};
use std::time::Duration;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 38.0;

/// A frame with the grid of one value.
struct Frame {
    svg: Svg,
    highest: f64,
}

impl Frame {
    fn new(id: &str, title: &str, description: &str, highest: f64, label: impl Fn(f64) -> String) -> Frame {
        let ticks = ticks(highest);
        let mut frame = Frame {
            svg: Svg::new(id, (WIDTH, HEIGHT), title, description),
            highest: ticks.last().copied().unwrap_or(1.0),
        };
        for tick in ticks {
            let y = frame.y(tick);
            frame.svg.line("grid", (LEFT, y), (WIDTH - RIGHT, y));
            frame.svg.text("tick", (LEFT - 6.0, y + 4.0), Anchor::End, &label(tick));
        }
        frame
    }

    fn y(&self, value: f64) -> f64 {
        TOP + (HEIGHT - TOP - BOTTOM) * (1.0 - value / self.highest)
    }

    /// The left end of the given one of several columns.
    fn x(column: f64, columns: usize) -> f64 {
        LEFT + (WIDTH - LEFT - RIGHT) * column / columns.max(1) as f64
    }

    fn below(&mut self, class: &str, x: f64, anchor: Anchor, line: u8, text: &str) {
        let y = HEIGHT - BOTTOM + 15.0 * f64::from(line);
        self.svg.text(class, (x, y), anchor, text);
    }
}

/// The delay before each retry: without jitter as a dot, and as a bar from the shortest to the longest of the fleet.
pub(crate) fn schedule(rows: &[Row]) -> String {
    let seconds = |delay: Duration| delay.as_secs_f64();
    let longest = rows
        .iter()
        .map(|row| row.longest.max(row.plain.unwrap_or_default()))
        .max();
    let longest = seconds(longest.unwrap_or_default());
    let description = match rows {
        [] => "There is no retry.".to_owned(),
        rows => format!(
            "{} retries, each with its delay; the table has the numbers.",
            rows.len()
        ),
    };
    let label = |value: f64| time(Duration::from_secs_f64(value));
    let mut frame = Frame::new("schedule", "The delay before each retry", &description, longest, label);
    let width = Frame::x(1.0, rows.len()) - Frame::x(0.0, rows.len());
    for (column, row) in rows.iter().enumerate() {
        let middle = Frame::x(column as f64 + 0.5, rows.len());
        let half = (width * 0.3).min(24.0);
        let (top, bottom) = (frame.y(seconds(row.longest)), frame.y(seconds(row.shortest)));
        let title = format!("retry {}: {} to {}", column + 1, time(row.shortest), time(row.longest));
        let size = (half * 2.0, (bottom - top).max(1.5));
        frame.svg.rect("bar", (middle - half, top), size, Some(&title));
        if let Some(plain) = row.plain {
            let y = frame.y(seconds(plain));
            frame.svg.circle(
                "dot",
                (middle, y),
                4.0,
                Some(&format!("without jitter: {}", time(plain))),
            );
        }
        frame.below("tick", middle, Anchor::Middle, 1, &(column + 1).to_string());
    }
    frame.below("axis", WIDTH / 2.0, Anchor::Middle, 2, "retry");
    frame.svg.finish()
}

/// The retries of the fleet over time, as a bar for each count of its histogram and their outline.
pub(crate) fn spread(fleet: &Fleet, counts: &[u32]) -> String {
    let most = counts.iter().copied().max().unwrap_or(0);
    let span = fleet.end() / counts.len() as u32;
    let description = format!(
        "{} retries of {CLIENTS} clients within {}; at most {most} in {}.",
        fleet.retries.len(),
        time(fleet.end()),
        time(span)
    );
    let label = |value: f64| number(value);
    let mut frame = Frame::new(
        "spread",
        "The retries of 1,000 clients over time",
        &description,
        f64::from(most),
        label,
    );
    let bottom = frame.y(0.0);
    for (column, count) in counts.iter().enumerate() {
        let ends = [column as f64, column as f64 + 1.0];
        let [left, right] = ends.map(|end| Frame::x(end, counts.len()));
        let top = frame.y(f64::from(*count));
        let title = format!("{count} retries from {}", time(span * column as u32));
        frame.svg.rect(
            "bar",
            (left + 0.5, top),
            (right - left - 1.0, bottom - top),
            Some(&title),
        );
    }
    for quarter in 0..=4_u32 {
        let x = Frame::x(f64::from(quarter), 4);
        // The outermost texts stay in the picture.
        let anchor = match quarter {
            0 => Anchor::Start,
            4 => Anchor::End,
            _ => Anchor::Middle,
        };
        frame.below("tick", x, anchor, 1, &time(fleet.end() * quarter / 4));
    }
    let height = |(column, count): (usize, &u32)| {
        Some((Frame::x(column as f64 + 0.5, counts.len()), frame.y(f64::from(*count))))
    };
    let outline: Vec<_> = counts.iter().enumerate().map(height).collect();
    frame.svg.path("outline", outline.into_iter());
    frame.below("axis", WIDTH / 2.0, Anchor::Middle, 2, "time since all clients failed");
    frame.svg.finish()
}
