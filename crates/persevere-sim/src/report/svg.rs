//! SVG, written without a library: numbers have one decimal, so that the bytes depend on the figures alone.

use std::fmt::Write as _;

/// A picture in a box of its own coordinates.
#[derive(Debug)]
pub(super) struct Svg {
    text: String,
}

/// Where a text is, relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    /// A picture with a title and a description for readers who do not see it.
    pub(super) fn new(id: &str, (width, height): (f64, f64), title: &str, description: &str) -> Svg {
        let mut svg = Svg { text: String::new() };
        let (title, description) = (escaped(title), escaped(description));
        let _ = writeln!(
            svg.text,
            "<svg viewBox=\"0 0 {width} {height}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{description}</desc>"
        );
        svg
    }

    pub(super) fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        let _ = writeln!(
            self.text,
            "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>"
        );
    }

    pub(super) fn rect(&mut self, class: &str, (x, y): (f64, f64), (width, height): (f64, f64), title: Option<&str>) {
        let _ = write!(
            self.text,
            "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\""
        );
        self.close("rect", title);
    }

    pub(super) fn circle(&mut self, class: &str, (x, y): (f64, f64), radius: f64, title: Option<&str>) {
        let _ = write!(
            self.text,
            "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius:.1}\""
        );
        self.close("circle", title);
    }

    fn close(&mut self, name: &str, title: Option<&str>) {
        let _ = match title {
            Some(title) => writeln!(self.text, "><title>{}</title></{name}>", escaped(title)),
            None => writeln!(self.text, "/>"),
        };
    }

    /// A line through points, with a gap where a point is missing.
    pub(super) fn path(&mut self, class: &str, points: impl Iterator<Item = Option<(f64, f64)>>) {
        let mut data = String::new();
        let mut is_down = false;
        for point in points {
            match point {
                Some((x, y)) => {
                    let _ = write!(data, "{}{x:.1} {y:.1}", if is_down { "L" } else { "M" });
                    is_down = true;
                }
                None => is_down = false,
            }
        }
        if !data.is_empty() {
            let _ = writeln!(self.text, "<path class=\"{class}\" d=\"{data}\"/>");
        }
    }

    pub(super) fn text(&mut self, class: &str, (x, y): (f64, f64), anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let text = escaped(text);
        let _ = writeln!(
            self.text,
            "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{text}</text>"
        );
    }

    pub(super) fn finish(mut self) -> String {
        self.text.push_str("</svg>\n");
        self.text
    }
}

/// Text for HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// Round values from zero to at least `highest`, three to six of them.
pub(super) fn ticks(highest: f64) -> Vec<f64> {
    if !(highest > 0.0 && highest.is_finite()) {
        return vec![0.0, 1.0];
    }
    let powers = (0..=12).rev().map(|power| 1.0 / 10u64.pow(power) as f64);
    let powers = powers.chain((1..=18).map(|power| 10u64.pow(power) as f64));
    let mut steps = powers.flat_map(|power| [1.0, 2.0, 5.0].map(|factor| factor * power));
    let step = steps.find(|step| highest / step <= 5.0).unwrap_or(highest);
    let count = (highest / step - 1e-9).max(0.0) as u32 + 1;
    (0..=count).map(|index| f64::from(index) * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_reach_the_highest_value() {
        assert_eq!(ticks(560.0), [0.0, 200.0, 400.0, 600.0]);
        assert_eq!(ticks(5.0), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
        assert_eq!(ticks(0.0), [0.0, 1.0]);
        for highest in [0.013, 0.9, 1.1, 33.0, 101.0, 123_456.0] {
            let ticks = ticks(highest);
            assert!(
                (3..=7).contains(&ticks.len()) && *ticks.last().unwrap() >= highest * 0.999,
                "{ticks:?}"
            );
        }
    }

    #[test]
    fn text_is_escaped() {
        let mut svg = Svg::new("a", (10.0, 10.0), "1 < 2", "\"so\" & so");
        svg.path(
            "line",
            [Some((0.0, 1.0)), Some((1.0, 2.25)), None, Some((3.0, 3.0))].into_iter(),
        );
        let text = svg.finish();
        assert!(text.contains("1 &lt; 2") && text.contains("&quot;so&quot; &amp; so"));
        assert!(text.contains("d=\"M0.0 1.0L1.0 2.2M3.0 3.0\""), "{text}");
    }
}
