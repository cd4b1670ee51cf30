//! The trade-off: success in a partial outage against the time to recover from a whole one.

use super::svg::{Anchor, Svg, ticks};
use crate::outcome::Phase;
use crate::summary::Summary;
use crate::table::{number, short};
use core::time::Duration;

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 340.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 20.0;
const BAND: f64 = 44.0;
const BOTTOM: f64 = 44.0;

/// Half the width and the height of a number's box.
const LABEL: (f64, f64) = (8.0, 6.0);

/// The radius of a dot.
const DOT: f64 = 4.0;

/// The candidates by their numbers in the table. Candidates that succeed in a partial outage are to the right, and
/// candidates that recover soon are at the top.
pub(super) fn draw(whole: &[Summary], partial: &[Summary]) -> String {
    let points: Vec<_> = whole
        .iter()
        .zip(partial)
        .enumerate()
        .filter_map(|(index, (whole, partial))| {
            let success = partial.success(Phase::During)?;
            // A candidate that does not recover with most seeds counts as not recovered.
            let is_well = whole.recovered() * 2 > whole.outcomes().len();
            let time = whole.time_to_recover().filter(|_| is_well);
            Some((index + 1, whole.name(), success, time))
        })
        .collect();
    let description = points.iter().map(|(number, name, success, time)| {
        let time = time.map_or("never recovers".to_owned(), |time| {
            format!("recovers after {}", short(time))
        });
        format!("{number}, {name}: {:.1} % succeed, {time}.", success * 100.0)
    });
    let description = description.collect::<Vec<_>>().join(" ");
    let mut svg = Svg::new(
        "trade-off",
        (WIDTH, HEIGHT),
        "Success in a partial outage, and time to recover",
        &description,
    );
    let (width, height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM - BAND);
    let lowest = points.iter().map(|(_, _, success, _)| *success).fold(1.0, f64::min);
    let lowest = ((lowest - 0.02) * 10.0).max(0.0) as u32;
    let slowest = points.iter().filter_map(|(.., time)| *time).max().unwrap_or_default();
    // A dot at the longest time stays above the band.
    let times = ticks(slowest.as_secs_f64() * 1.04);
    let longest = times.last().copied().unwrap_or(1.0);
    let x = |success: f64| {
        let low = f64::from(lowest) / 10.0;
        LEFT + width * (success - low) / (1.0 - low)
    };
    let y = |seconds: f64| TOP + height * seconds / longest;
    svg.rect("never", (LEFT, TOP + height), (width, BAND), None);
    svg.text(
        "levelname",
        (LEFT + 6.0, TOP + height + BAND - 6.0),
        Anchor::Start,
        "never recovers",
    );
    for time in &times {
        svg.line("grid", (LEFT, y(*time)), (LEFT + width, y(*time)));
        svg.text(
            "tick",
            (LEFT - 5.0, y(*time) + 3.5),
            Anchor::End,
            &format!("{} s", number(*time)),
        );
    }
    let step = if lowest >= 8 { 1 } else { 2 };
    for tenth in (lowest..=10).rev().step_by(step) {
        let place = x(f64::from(tenth) / 10.0);
        svg.line("grid", (place, TOP), (place, TOP + height + BAND));
        let below = TOP + height + BAND + 14.0;
        svg.text("tick", (place, below), Anchor::Middle, &format!("{} %", tenth * 10));
    }
    let below = HEIGHT - 6.0;
    svg.text(
        "axis",
        (LEFT + width, below),
        Anchor::End,
        "requests that succeed in a partial outage \u{2192}",
    );
    let place = |success: f64, time: Option<Duration>| match time {
        Some(time) => (x(success), y(time.as_secs_f64())),
        None => (x(success), TOP + height + 10.0),
    };
    let mut taken = vec![Taken((LEFT + 46.0, TOP + height + BAND - 9.5), (44.0, 6.0))];
    taken.extend(
        points
            .iter()
            .map(|(_, _, success, time)| Taken(place(*success, *time), (DOT, DOT))),
    );
    let numbers: Vec<_> = points
        .iter()
        .map(|(_, _, success, time)| {
            let beside = free_place(&taken, place(*success, *time), (WIDTH - RIGHT, TOP + height + BAND));
            taken.push(Taken(beside, LABEL));
            beside
        })
        .collect();
    for ((_, _, success, time), beside) in points.iter().zip(&numbers) {
        svg.line("leader", place(*success, *time), *beside);
    }
    for ((label, name, success, time), beside) in points.iter().zip(numbers) {
        let when = time.map_or("never recovers".to_owned(), |time| {
            format!("recovers after {}", short(time))
        });
        let title = format!("{name}\n{:.1} % succeed\n{when}", success * 100.0);
        svg.circle("dot", place(*success, *time), DOT, Some(&title));
        svg.text("number", (beside.0, beside.1 + 3.5), Anchor::Middle, &label.to_string());
    }
    svg.finish()
}

/// A box that is taken: its middle, and half its width and height.
struct Taken((f64, f64), (f64, f64));

/// A place near a dot where neither a dot nor a text is.
fn free_place(taken: &[Taken], (x, y): (f64, f64), (right, bottom): (f64, f64)) -> (f64, f64) {
    let around = [
        (1.0, 0.0),
        (-1.0, 0.0),
        (0.0, -1.0),
        (0.0, 1.0),
        (0.7, -0.7),
        (-0.7, -0.7),
        (0.7, 0.7),
        (-0.7, 0.7),
    ];
    let places = (1..12).flat_map(|ring| {
        let distance = 3.0 + 11.0 * f64::from(ring);
        around.map(|(dx, dy)| (x + dx * distance, y + dy * distance))
    });
    let is_free = |place: &(f64, f64)| {
        let is_inside = place.0 - LABEL.0 > LEFT && place.0 + LABEL.0 < right && place.1 > TOP && place.1 < bottom;
        let is_apart = |Taken(middle, half): &Taken| {
            (place.0 - middle.0).abs() >= LABEL.0 + half.0 || (place.1 - middle.1).abs() >= LABEL.1 + half.1
        };
        is_inside && taken.iter().all(is_apart)
    };
    places.into_iter().find(is_free).unwrap_or((x + 14.0, y))
}
