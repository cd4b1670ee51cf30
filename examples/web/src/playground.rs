//! [`Playground`]: everything that the page shows.

use crate::chart;
use crate::choices::Choices;
use crate::fleet::{CLIENTS, Fleet};
use crate::words::{number, time};
use persevere::Jitter;
use persevere::config::Settings;
use std::time::Duration;

/// The delays before a retry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// The delay without jitter; `None` if the curve draws its delays itself.
    pub plain: Option<Duration>,
    /// The delay of a client whose seed is 1.
    pub drawn: Duration,
    /// The shortest delay among the clients of the fleet that reached this retry.
    pub shortest: Duration,
    /// The longest delay among the clients of the fleet that reached this retry.
    pub longest: Duration,
}

/// Everything that the page shows for some choices.
#[derive(Debug, Clone, PartialEq)]
pub struct Playground {
    /// The delays before each retry.
    pub rows: Vec<Row>,
    /// The worst case and the load, as a sentence each.
    pub summary: String,
    /// The calls for each request of clients that all fail together.
    pub amplification: f64,
    /// The delays as SVG.
    pub schedule: String,
    /// The retries of the fleet in each of 60 spans of equal length.
    pub counts: Vec<u32>,
    /// The retries of the fleet as SVG.
    pub spread: String,
    /// The policy in TOML.
    pub toml: String,
    /// The policy in Rust.
    pub rust: String,
}

impl Playground {
    /// Reads choices such as `curve=exponential&base=100ms`: see [`Choices::new`]. The policy and the budget are read from
    /// the settings in TOML that the page shows.
    ///
    /// # Errors
    ///
    /// The mistakes in the settings, as text.
    pub fn read(choices: &str) -> Result<Playground, String> {
        let choices = Choices::new(choices);
        let toml = choices.toml();
        let settings = Settings::from_toml(&toml).map_err(|mistakes| mistakes.to_string())?;
        let policy = settings.policy("api").ok_or("there is no policy")?;
        let budget = settings.build_budget("api", 0);
        let fleet = Fleet::run(policy, budget.as_ref());
        let unlimited = budget.as_ref().map(|_| Fleet::run(policy, None));
        let plain = policy.jitter(Jitter::None);
        let client = policy.seed(1);
        let delays = plain.delays().zip(client.delays());
        let ranges = &unlimited.as_ref().unwrap_or(&fleet).ranges;
        let rows: Vec<Row> = delays
            .zip(ranges)
            .map(|((plain, drawn), &(shortest, longest))| Row {
                plain: (!choices.is_random()).then_some(plain),
                drawn,
                shortest,
                longest,
            })
            .collect();
        let worst = policy.worst_case();
        let mut summary = format!(
            "At worst {} attempts and {} of waiting. If {CLIENTS} clients fail together and the server stays down, they \
             make {} calls for each request",
            worst.attempts,
            time(worst.total_delay),
            number(fleet.amplification())
        );
        if let Some(unlimited) = &unlimited {
            summary += &format!(
                ", where they would make {} without the budget",
                number(unlimited.amplification())
            );
        }
        summary += &format!(". The last retry comes after {}.", time(fleet.end()));
        let counts = fleet.histogram();
        Ok(Playground {
            schedule: chart::schedule(&rows),
            spread: chart::spread(&fleet, &counts),
            counts,
            amplification: fleet.amplification(),
            rows,
            summary,
            toml,
            rust: choices.rust(),
        })
    }

    /// The delays as the rows of a table in HTML, each with the exact nanoseconds.
    #[must_use]
    pub fn table(&self) -> String {
        let mut text = String::new();
        for (index, row) in self.rows.iter().enumerate() {
            text += &format!("<tr><th scope=\"row\">{}</th>", index + 1);
            for delay in [row.plain, Some(row.drawn), Some(row.shortest), Some(row.longest)] {
                match delay {
                    Some(delay) => text += &format!("<td data-nanos=\"{}\">{}</td>", delay.as_nanos(), time(delay)),
                    None => text += "<td>drawn</td>",
                }
            }
            text += "</tr>\n";
        }
        text
    }
}
