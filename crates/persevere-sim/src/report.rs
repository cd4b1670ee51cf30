//! [`Report`]: one page that shows how candidates fared.

#[cfg(feature = "png")]
pub(crate) mod png;
mod svg;
mod threshold;
mod time_chart;
mod trade_off;

use crate::outcome::{Outcome, Phase};
use crate::recording::Second;
use crate::scenario::Scenario;
use crate::summary::Summary;
use crate::sweep::{Parameter, SweepRow};
use crate::table::{number, short};
use std::fmt::Write as _;
use svg::escaped;
use time_chart::{Series, TimeChart};

const STYLE: &str = include_str!("report/style.css");

/// One page that shows how candidates fared in a scenario: HTML in one file, without scripts.
///
/// The pictures are SVG. They have titles for readers who do not see them, show their values on hover, follow the reader's
/// choice of light or dark, and print. The same figures give the same bytes.
///
/// ```
/// use persevere_sim::{Report, Study, Watch, compare};
///
/// let study = Study::shipped("demand-spike").unwrap();
/// let summaries = compare(&study.scenario, &study.candidates[..2], 0..2, Watch::none())?;
/// let page = Report::new(&study.scenario, &summaries).html();
/// assert!(page.starts_with("<!doctype html>") && page.contains("Goodput and load"));
/// # Ok::<(), persevere_sim::InvalidScenario>(())
/// ```
#[derive(Debug)]
#[must_use = "a report does nothing until `.html()`"]
pub struct Report<'a> {
    scenario: &'a Scenario,
    summaries: &'a [Summary],
    partial: Option<&'a [Summary]>,
    threshold: Option<(Parameter, &'a [SweepRow])>,
}

impl<'a> Report<'a> {
    /// A report of the table, and of the course of each candidate with its first seed.
    pub const fn new(scenario: &'a Scenario, summaries: &'a [Summary]) -> Report<'a> {
        Report {
            scenario,
            summaries,
            partial: None,
            threshold: None,
        }
    }

    /// Adds the trade-off between the time to recover and the success in a partial outage, which is another scenario with
    /// the same candidates.
    pub const fn trade_off(mut self, partial: &'a [Summary]) -> Report<'a> {
        self.partial = Some(partial);
        self
    }

    /// Adds a sweep: at which values of a parameter the candidates recover.
    pub const fn threshold(mut self, parameter: Parameter, rows: &'a [SweepRow]) -> Report<'a> {
        self.threshold = Some((parameter, rows));
        self
    }

    /// The page.
    #[must_use]
    pub fn html(&self) -> String {
        let name = escaped(self.scenario.name());
        let mut page = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>{name}: retry policies simulated</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>{name}</h1>\n<p>{}</p>\n",
            escaped(self.scenario.description())
        );
        self.setting(&mut page);
        self.table(&mut page);
        if let Some(partial) = self.partial {
            page.push_str(
                "<h2>The trade-off</h2>\n<p>What protects a server in an outage costs success where only some calls \
                 fail. The numbers are those of the table.</p>\n<div class=\"one\">\n<figure>\n",
            );
            page.push_str(&trade_off::draw(self.summaries, partial));
            page.push_str("</figure>\n</div>\n");
        }
        if let Some((parameter, rows)) = self.threshold {
            let _ = write!(
                page,
                "<h2>The threshold</h2>\n<p>The share of the seeds that recover, by {parameter}: the stronger the color the more of \
                 them.</p>\n<div class=\"one\">\n<figure>\n"
            );
            page.push_str(&threshold::draw(parameter, rows, parameter.of(self.scenario)));
            page.push_str("</figure>\n</div>\n");
        }
        page.push_str("<h2>What happened</h2>\n<p class=\"soft\">With the first seed of each policy. The disturbance is shaded.</p>\n");
        for (index, summary) in self.summaries.iter().enumerate() {
            if let Some(outcome) = summary.outcomes().first() {
                self.panels(&mut page, index, summary.name(), outcome);
            }
        }
        page.push_str("</main>\n</body>\n</html>\n");
        page
    }

    /// The setting of the simulations, in a sentence.
    fn setting(&self, page: &mut String) {
        let scenario = self.scenario;
        let services = scenario.services().iter().map(|service| {
            let capacity = number(service.capacity_per_second().round());
            format!("{} ({capacity}/s)", escaped(service.name()))
        });
        let services = services.collect::<Vec<_>>().join(", then ");
        let processes = scenario.process_count();
        let seeds = self
            .summaries
            .iter()
            .map(|summary| summary.outcomes().len())
            .max()
            .unwrap_or(0);
        let _ = writeln!(
            page,
            "<p class=\"soft\">{} requests per second from {processes} {}, to {services}. {seeds} {} of each policy.</p>",
            number(scenario.demand_per_second()),
            if processes == 1 { "process" } else { "processes" },
            if seeds == 1 { "seed" } else { "seeds" },
        );
    }

    fn table(&self, page: &mut String) {
        page.push_str(
            "<div class=\"wide\">\n<table>\n<caption>Load is the number of attempts that reach the last service for each \
             request, before the disturbance, in it and after it.</caption>\n<thead><tr>\
             <th scope=\"col\">#</th><th scope=\"col\" class=\"name\">policy</th><th scope=\"col\">recovered</th>\
             <th scope=\"col\">after</th><th scope=\"col\">failed</th><th scope=\"col\">load before</th>\
             <th scope=\"col\">in</th><th scope=\"col\">after</th><th scope=\"col\">p50</th><th scope=\"col\">p99</th>\
             <th scope=\"col\">p99.9</th></tr></thead>\n<tbody>\n",
        );
        for (index, summary) in self.summaries.iter().enumerate() {
            let (recovered, seeds) = (summary.recovered(), summary.outcomes().len());
            let load = |phase| {
                summary
                    .amplification(phase)
                    .map_or("–".to_owned(), |load| format!("{load:.2}"))
            };
            let latency = |share| summary.latency(share).map_or("–".to_owned(), short);
            let bad = if recovered < seeds { " class=\"bad\"" } else { "" };
            let _ = writeln!(
                page,
                "<tr><td>{}</td><td class=\"name\">{}</td><td{bad}>{recovered} of {seeds}</td><td{bad}>{}</td>\
                 <td>{:.1} %</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
                index + 1,
                escaped(summary.name()),
                summary.time_to_recover().map_or("never".to_owned(), short),
                summary.failed() * 100.0,
                load(Phase::Before),
                load(Phase::During),
                load(Phase::After),
                latency(0.5),
                latency(0.99),
                latency(0.999),
            );
        }
        page.push_str("</tbody>\n</table>\n</div>\n");
    }

    /// The three pictures of a candidate.
    fn panels(&self, page: &mut String, index: usize, name: &str, outcome: &Outcome) {
        let _ = writeln!(
            page,
            "<section>\n<h3>{}. {}</h3>\n<div class=\"panels\">",
            index + 1,
            escaped(name)
        );
        let seconds = outcome.seconds();
        let line = |name, class, unit, is_right, of: &dyn Fn(&Second) -> Option<f64>| Series {
            name,
            class,
            unit,
            is_right,
            values: seconds.iter().map(of).collect(),
        };
        let charts = [
            (
                "Goodput and load",
                vec![
                    line("load", "b", "/s", false, &|second| Some(f64::from(second.attempts))),
                    line("goodput", "a", "/s", false, &|second| Some(f64::from(second.succeeded))),
                ],
            ),
            (
                "Latency and queue",
                vec![
                    line("p99 (ms)", "b", " ms", false, &|second| {
                        second.p99.map(|time| time.as_secs_f64() * 1e3)
                    }),
                    line("p50 (ms)", "a", " ms", false, &|second| {
                        second.p50.map(|time| time.as_secs_f64() * 1e3)
                    }),
                    line("queue", "c", " calls", true, &|second| Some(f64::from(second.queued))),
                ],
            ),
            (
                "Breakers and budget",
                vec![
                    line("open breakers (%)", "b", " %", false, &|second| {
                        second.open.map(|share| share * 100.0)
                    }),
                    line("budget", "a", "", true, &|second| second.budget),
                ],
            ),
        ];
        for (number, (title, mut series)) in charts.into_iter().enumerate() {
            series.retain(|series| series.values.iter().any(Option::is_some));
            if series.is_empty() {
                continue;
            }
            let levels = if number == 0 { self.levels() } else { vec![] };
            let shaded = self.scenario.disturbance();
            let chart = TimeChart {
                id: format!("p{index}-{number}"),
                title,
                description: description(name, &series),
                series,
                levels,
                shaded: shaded.map(|(start, end)| (start.as_secs_f64(), end.as_secs_f64())),
                seconds: seconds.len(),
            };
            let _ = write!(
                page,
                "<figure>\n<figcaption>{title}</figcaption>\n{}</figure>\n",
                chart.draw()
            );
        }
        page.push_str("</div>\n</section>\n");
    }

    /// The capacity and the demand, if there is room for both names.
    fn levels(&self) -> Vec<(&'static str, f64)> {
        let last = self.scenario.services().last();
        let capacity = last.map_or(0.0, |service| service.capacity_per_second());
        let demand = self.scenario.demand_per_second();
        let mut levels = vec![("capacity", capacity)];
        if demand < capacity * 0.7 {
            levels.push(("demand", demand));
        }
        levels
    }
}

/// The lines of a picture in words.
fn description(name: &str, series: &[Series]) -> String {
    let lines = series.iter().map(|series| {
        let values = || series.values.iter().flatten().copied();
        let (least, most) = (values().fold(f64::INFINITY, f64::min), values().fold(0.0, f64::max));
        let last = values().last().unwrap_or(0.0);
        format!(
            "{} from {} to {}, {} at the end",
            series.name,
            number(least),
            number(most),
            number(last)
        )
    });
    format!("{name}: {}.", lines.collect::<Vec<_>>().join("; "))
}
