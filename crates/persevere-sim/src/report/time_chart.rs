//! Lines over the time of a simulation.

use super::svg::{Anchor, Svg, ticks};
use crate::table::number;

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 58.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 24.0;

/// The most places that show their values on hover.
const PLACES: usize = 120;

/// A line.
#[derive(Debug)]
pub(super) struct Series {
    pub(super) name: &'static str,
    /// `a`, `b` or `c`: its color.
    pub(super) class: &'static str,
    /// A value for each second.
    pub(super) values: Vec<Option<f64>>,
    pub(super) unit: &'static str,
    /// Whether it belongs to the axis on the right.
    pub(super) is_right: bool,
}

/// Lines over the time of a simulation, in a frame with the disturbance shaded.
#[derive(Debug)]
pub(super) struct TimeChart<'a> {
    pub(super) id: String,
    pub(super) title: &'a str,
    pub(super) description: String,
    pub(super) series: Vec<Series>,
    /// Dashed lines, with their names.
    pub(super) levels: Vec<(&'static str, f64)>,
    /// The first and the last second of the disturbance.
    pub(super) shaded: Option<(f64, f64)>,
    pub(super) seconds: usize,
}

impl TimeChart<'_> {
    pub(super) fn draw(&self) -> String {
        let mut svg = Svg::new(&self.id, (WIDTH, HEIGHT), self.title, &self.description);
        let (width, height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
        let end = self.seconds.max(1) as f64;
        let x = |second: f64| LEFT + width * (second / end).clamp(0.0, 1.0);
        if let Some((start, stop)) = self.shaded {
            let length = (x(stop) - x(start)).max(1.0);
            svg.rect("shade", (x(start), TOP), (length, height), None);
        }
        let highest = |is_right: bool| {
            let own = self.series.iter().filter(|series| series.is_right == is_right);
            let values = own.flat_map(|series| series.values.iter().flatten().copied());
            let levels = self.levels.iter().map(|(_, level)| *level).filter(|_| !is_right);
            values.chain(levels).fold(0.0, f64::max)
        };
        let axes = [ticks(highest(false)), ticks(highest(true))];
        let top = axes.each_ref().map(|ticks| ticks.last().copied().unwrap_or(1.0));
        let y = |value: f64, is_right: bool| TOP + height * (1.0 - value / top[usize::from(is_right)]);
        for tick in &axes[0] {
            svg.line("grid", (LEFT, y(*tick, false)), (LEFT + width, y(*tick, false)));
            svg.text("tick", (LEFT - 5.0, y(*tick, false) + 3.5), Anchor::End, &number(*tick));
        }
        if self.series.iter().any(|series| series.is_right) {
            for tick in &axes[1] {
                let place = (LEFT + width + 5.0, y(*tick, true) + 3.5);
                svg.text("tick", place, Anchor::Start, &number(*tick));
            }
        }
        let times = ticks(end);
        for time in times.iter().filter(|time| **time <= end) {
            svg.text(
                "tick",
                (x(*time), TOP + height + 14.0),
                Anchor::Middle,
                &format!("{} s", number(*time)),
            );
        }
        for (name, level) in &self.levels {
            let height = y(*level, false);
            svg.line("level", (LEFT, height), (LEFT + width, height));
            svg.text("levelname", (LEFT + width + 4.0, height + 3.5), Anchor::Start, name);
        }
        for series in &self.series {
            let point = |(second, value): (usize, &Option<f64>)| {
                value.map(|value| (x(second as f64 + 0.5), y(value, series.is_right)))
            };
            let class = format!("line {}", series.class);
            svg.path(&class, series.values.iter().enumerate().map(point));
        }
        self.legend(&mut svg);
        self.hover(&mut svg, x, height);
        svg.finish()
    }

    /// The names of the lines, beside a sample of each, above the frame.
    fn legend(&self, svg: &mut Svg) {
        let mut place = LEFT;
        for series in &self.series {
            let sample = format!("line {}", series.class);
            svg.path(&sample, [Some((place, 15.0)), Some((place + 14.0, 15.0))].into_iter());
            svg.text("legend", (place + 18.0, 18.5), Anchor::Start, series.name);
            place += 30.0 + 5.6 * series.name.chars().count() as f64;
        }
    }

    /// Strips that show the values on hover.
    fn hover(&self, svg: &mut Svg, x: impl Fn(f64) -> f64, height: f64) {
        let step = self.seconds.div_ceil(PLACES).max(1);
        for start in (0..self.seconds).step_by(step) {
            let mut title = format!("{start} s");
            for series in &self.series {
                if let Some(value) = series.values.get(start).copied().flatten() {
                    title.push_str(&format!("\n{}: {}{}", series.name, number(value), series.unit));
                }
            }
            let (left, right) = (x(start as f64), x((start + step) as f64));
            svg.rect("hover", (left, TOP), (right - left, height), Some(&title));
        }
    }
}
