//! [`sweep`]: how candidates fare while one number of a scenario changes.

use crate::candidate::Candidate;
use crate::error::InvalidScenario;
use crate::scenario::Scenario;
use crate::service::Service;
use crate::summary::{Summary, Watch, compare};
use core::fmt;
use core::ops::Range;
use core::str::FromStr;
use core::time::Duration;
use std::sync::atomic::Ordering;

/// A number of a scenario that a sweep changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Parameter {
    /// The calls of all clients, per second.
    Demand,
    /// The client processes.
    Processes,
    /// The timeout of clients, in seconds.
    Timeout,
    /// The length of the queues of the last service.
    Queue,
    /// How long every trigger lasts, in seconds.
    Lasting,
}

impl Parameter {
    /// The name in files and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Parameter::Demand => "demand",
            Parameter::Processes => "processes",
            Parameter::Timeout => "timeout",
            Parameter::Queue => "queue",
            Parameter::Lasting => "lasting",
        }
    }

    /// The value that a scenario has.
    #[must_use]
    pub fn of(self, scenario: &Scenario) -> Option<f64> {
        let seconds = |nanos: u64| Duration::from_nanos(nanos).as_secs_f64();
        match self {
            Parameter::Demand => Some(scenario.demand),
            Parameter::Processes => Some(f64::from(scenario.processes)),
            Parameter::Timeout => scenario.timeout.map(seconds),
            Parameter::Queue => scenario.services.last().map(|service| f64::from(service.queue)),
            Parameter::Lasting => scenario.triggers.first().map(|trigger| seconds(trigger.lasting)),
        }
    }

    /// The scenario with another value.
    #[must_use]
    pub fn set(self, scenario: &Scenario, value: f64) -> Scenario {
        let mut scenario = scenario.clone();
        let nanos = (value.max(0.0) * 1e9) as u64;
        match self {
            Parameter::Demand => scenario.demand = value,
            Parameter::Processes => scenario.processes = (value as u32).max(1),
            Parameter::Timeout => scenario.timeout = Some(nanos),
            Parameter::Queue => scenario
                .services
                .iter_mut()
                .next_back()
                .into_iter()
                .for_each(|service| {
                    service.queue = value as u32;
                }),
            Parameter::Lasting => scenario.triggers.iter_mut().for_each(|trigger| trigger.lasting = nanos),
        }
        scenario
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A parameter and its values, such as `demand=100..290` (twenty values), `demand=100..290:10` (at every 10) or
/// `processes=1,10,100`.
///
/// ```
/// use persevere_sim::{Parameter, Values};
///
/// let range: Values = "demand=100..290:10".parse()?;
/// assert_eq!((range.parameter(), range.values().len()), (Parameter::Demand, 20));
/// # Ok::<(), persevere_sim::InvalidScenario>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Values {
    parameter: Parameter,
    values: Vec<f64>,
}

impl Values {
    /// The given values of a parameter.
    #[must_use]
    pub const fn new(parameter: Parameter, values: Vec<f64>) -> Values {
        Values { parameter, values }
    }

    /// Twelve demands, from a third of the capacity of the last service up to the capacity. They begin lower or end
    /// higher if the scenario's demand is low or high. None without a service.
    ///
    /// ```
    /// use persevere_sim::{Study, Values};
    ///
    /// let scenario = Study::shipped("metastable-outage").unwrap().scenario;
    /// let values = Values::of_demand(&scenario);
    /// assert_eq!((values.values()[0], values.values()[11]), (100.0, 308.0));
    /// ```
    #[must_use]
    pub fn of_demand(scenario: &Scenario) -> Values {
        let demand = scenario.demand_per_second();
        let capacity = scenario.services().last().map(Service::capacity_per_second);
        let values = capacity.into_iter().flat_map(|capacity| {
            let (least, most) = ((capacity / 3.0).min(demand * 0.8), capacity.max(demand * 1.1));
            (0..12).map(move |index| (least + (most - least) * f64::from(index) / 11.0).round())
        });
        Values::new(Parameter::Demand, values.collect())
    }

    /// The parameter.
    #[must_use]
    pub const fn parameter(&self) -> Parameter {
        self.parameter
    }

    /// Its values.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        &self.values
    }
}

impl FromStr for Values {
    type Err = InvalidScenario;

    fn from_str(text: &str) -> Result<Values, InvalidScenario> {
        let wrong = || {
            let forms = "`demand=100..290`, `demand=100..290:10` or `processes=1,10,100`";
            InvalidScenario::Text(format!("`{text}` is not a parameter and its values: write {forms}"))
        };
        let (name, values) = text.split_once('=').ok_or_else(wrong)?;
        let all = [
            Parameter::Demand,
            Parameter::Processes,
            Parameter::Timeout,
            Parameter::Queue,
            Parameter::Lasting,
        ];
        let parameter = all.into_iter().find(|parameter| parameter.as_str() == name.trim());
        let parameter = parameter.ok_or_else(|| {
            let names = all.map(Parameter::as_str).join(", ");
            InvalidScenario::Text(format!("there is no parameter `{name}`; there are {names}"))
        })?;
        let number = |text: &str| {
            let number = text.trim().parse::<f64>().ok();
            number
                .filter(|number| number.is_finite() && *number >= 0.0)
                .ok_or_else(wrong)
        };
        let values = match values.split_once("..") {
            None => values.split(',').map(number).collect::<Result<Vec<f64>, _>>()?,
            Some((first, rest)) => {
                let (last, step) = rest.split_once(':').unwrap_or((rest, ""));
                let (first, last) = (number(first)?, number(last)?);
                let step = match step {
                    "" => (last - first) / 19.0,
                    step => number(step)?,
                };
                let count = (last - first) / step;
                if !(step > 0.0 && (0.0..=10_000.0).contains(&count)) {
                    return Err(wrong());
                }
                (0..=(count + 1e-9) as u32)
                    .map(|index| first + f64::from(index) * step)
                    .collect()
            }
        };
        Ok(Values { parameter, values })
    }
}

/// How the candidates fared at one value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct SweepRow {
    /// The value.
    pub value: f64,
    /// The summary of each candidate.
    pub summaries: Vec<Summary>,
}

/// Simulates every candidate at every value. Returns a row for each value that was finished.
///
/// # Errors
///
/// [`InvalidScenario`] as [`Scenario::run`].
pub fn sweep(
    scenario: &Scenario,
    candidates: &[Candidate],
    values: &Values,
    seeds: Range<u64>,
    watch: Watch<'_>,
) -> Result<Vec<SweepRow>, InvalidScenario> {
    let mut rows = Vec::new();
    for &value in values.values() {
        let changed = values.parameter().set(scenario, value);
        let summaries = compare(&changed, candidates, seeds.clone(), watch)?;
        if watch.stop.load(Ordering::Relaxed) {
            break;
        }
        rows.push(SweepRow { value, summaries });
    }
    Ok(rows)
}
