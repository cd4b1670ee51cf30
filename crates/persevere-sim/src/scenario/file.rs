//! Scenarios as TOML.

use super::duration::Text;
use super::policy::{self, Breaker, Budget, Retry};
use super::{Arrivals, Scenario};
use crate::candidate::{Candidate, Place};
use crate::error::InvalidScenario;
use crate::service::{Cache, Queue, RateLimit, Service, ServiceTime};
use crate::study::Study;
use crate::trigger::Trigger;
use core::time::Duration;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::path::Path;

/// A file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    duration: Option<Text>,
    #[serde(default)]
    seeds: Option<u64>,
    #[serde(default)]
    clients: Clients,
    #[serde(default, rename = "service")]
    services: Vec<ServiceTable>,
    #[serde(default, rename = "trigger")]
    triggers: Vec<TriggerTable>,
    #[serde(default)]
    place: Named<PlaceName>,
    #[serde(default)]
    retry: Named<Retry>,
    #[serde(default)]
    budget: Named<Budget>,
    #[serde(default)]
    breaker: Named<Breaker>,
}

/// A file with policies alone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policies {
    #[serde(default)]
    place: Named<PlaceName>,
    retry: Named<Retry>,
    #[serde(default)]
    budget: Named<Budget>,
    #[serde(default)]
    breaker: Named<Breaker>,
}

/// Tables by name, in the order of the file.
#[derive(Debug)]
struct Named<T>(Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
    }
}

impl<T> Named<T> {
    fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(core::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str("tables by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Named(entries))
            }
        }
        deserializer.deserialize_map(Entries(core::marker::PhantomData))
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum PlaceName {
    Everywhere,
    Outermost,
    Innermost,
}

#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Clients {
    demand: Option<f64>,
    processes: Option<u32>,
    timeout: Option<Text>,
    arrivals: Option<ArrivalsName>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ArrivalsName {
    Poisson,
    Constant,
    /// The path of a file with a time in seconds on each line.
    Trace(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ServiceTable {
    name: String,
    replicas: Option<u32>,
    workers: Option<u32>,
    queue: Option<u32>,
    discipline: Option<QueueName>,
    capacity: Option<f64>,
    takes: Option<TakesName>,
    latency: Option<Text>,
    error_rate: Option<f64>,
    rate_limit: Option<RateLimitTable>,
    cache: Option<CacheTable>,
    calls: Option<String>,
    timeout: Option<Text>,
    #[serde(default)]
    frees_worker: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum QueueName {
    Fifo,
    Lifo,
    #[serde(rename = "codel")]
    CoDel {
        target: Text,
        interval: Text,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum TakesName {
    Constant(Text),
    Exponential(Text),
    LogNormal {
        median: Text,
        sigma: f64,
    },
    /// The path of a file with a time in seconds on each line.
    Sample(String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RateLimitTable {
    per_second: f64,
    burst: u32,
    retry_after: Option<Text>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CacheTable {
    keys: u32,
    hit: f64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TriggerTable {
    at: Text,
    lasting: Option<Text>,
    service: Option<String>,
    replica: Option<u32>,
    capacity: Option<f64>,
    demand: Option<f64>,
    error_rate: Option<f64>,
    latency: Option<Text>,
    burst: Option<u32>,
    #[serde(default)]
    down: bool,
    #[serde(default)]
    empty_cache: bool,
}

fn text(error: impl ToString) -> InvalidScenario {
    InvalidScenario::Text(error.to_string())
}

/// Reads a file of a scenario; `folder` is where the files are that it names.
pub(crate) fn parse(source: &str, folder: &Path) -> Result<Study, InvalidScenario> {
    let file: File = toml::from_str(source).map_err(text)?;
    let mut scenario = Scenario::new(file.name).about(file.about.split_whitespace().collect::<Vec<_>>().join(" "));
    if let Some(duration) = file.duration {
        scenario = scenario.duration(duration.0);
    }
    if let Some(demand) = file.clients.demand {
        scenario = scenario.demand(demand);
    }
    if let Some(processes) = file.clients.processes {
        scenario = scenario.processes(processes);
    }
    if let Some(timeout) = file.clients.timeout {
        scenario = scenario.timeout(timeout.0);
    }
    scenario = match file.clients.arrivals {
        None | Some(ArrivalsName::Poisson) => scenario,
        Some(ArrivalsName::Constant) => scenario.arrivals(Arrivals::Constant),
        Some(ArrivalsName::Trace(path)) => {
            let mut times = column(&folder.join(path))?;
            times.sort_unstable();
            scenario.arrivals(Arrivals::Trace(times.into()))
        }
    };
    for table in file.services {
        scenario = scenario.service(service(table, folder)?);
    }
    for table in file.triggers {
        scenario = scenario.trigger(trigger(table));
    }
    let candidates = candidates(&file.retry, &file.budget, &file.breaker, &file.place)?;
    Ok(Study {
        scenario,
        candidates,
        seeds: file.seeds.unwrap_or(20),
    })
}

/// Reads a file of policies.
pub(crate) fn parse_policies(source: &str) -> Result<Vec<Candidate>, InvalidScenario> {
    let file: Policies = toml::from_str(source).map_err(text)?;
    candidates(&file.retry, &file.budget, &file.breaker, &file.place)
}

fn candidates(
    retry: &Named<Retry>,
    budget: &Named<Budget>,
    breaker: &Named<Breaker>,
    place: &Named<PlaceName>,
) -> Result<Vec<Candidate>, InvalidScenario> {
    let names = [
        budget.0.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        breaker.0.iter().map(|(name, _)| name).collect(),
        place.0.iter().map(|(name, _)| name).collect(),
    ];
    for name in names.into_iter().flatten() {
        if retry.get(name).is_none() {
            return Err(InvalidScenario::Text(format!(
                "`{name}` has no policy: write [retry.\"{name}\"]"
            )));
        }
    }
    let candidate = |(name, settings): &(String, Retry)| {
        let candidate = policy::candidate(name, settings, budget.get(name).copied(), breaker.get(name).copied())?;
        Ok(match place.get(name) {
            Some(PlaceName::Outermost) => candidate.place(Place::Outermost),
            Some(PlaceName::Innermost) => candidate.place(Place::Innermost),
            Some(PlaceName::Everywhere) | None => candidate,
        })
    };
    retry.0.iter().map(candidate).collect()
}

fn service(table: ServiceTable, folder: &Path) -> Result<Service, InvalidScenario> {
    let mut service = Service::new(table.name);
    if let Some(replicas) = table.replicas {
        service = service.replicas(replicas);
    }
    if let Some(workers) = table.workers {
        service = service.workers(workers);
    }
    if let Some(calls) = table.queue {
        service = service.queue(calls);
    }
    service = match table.discipline {
        None | Some(QueueName::Fifo) => service,
        Some(QueueName::Lifo) => service.discipline(Queue::Lifo),
        Some(QueueName::CoDel { target, interval }) => service.discipline(Queue::CoDel {
            target: target.0,
            interval: interval.0,
        }),
    };
    service = match (table.takes, table.capacity) {
        (Some(_), Some(_)) => return Err(text("`takes` and `capacity` exclude each other")),
        (None, None) => service,
        (None, Some(per_second)) if per_second > 0.0 => service.capacity(per_second),
        (None, Some(per_second)) => return Err(text(format!("`capacity` is out of range: {per_second}"))),
        (Some(TakesName::Constant(time)), None) => service.takes(ServiceTime::constant(time.0)),
        (Some(TakesName::Exponential(mean)), None) => service.takes(ServiceTime::exponential(mean.0)),
        (Some(TakesName::LogNormal { median, sigma }), None) => service.takes(ServiceTime::log_normal(median.0, sigma)),
        (Some(TakesName::Sample(path)), None) => {
            let times = column(&folder.join(&path))?;
            let time = ServiceTime::sample(times);
            service.takes(time.ok_or_else(|| text(format!("`{path}` has no times")))?)
        }
    };
    if let Some(latency) = table.latency {
        service = service.latency(latency.0);
    }
    if let Some(rate) = table.error_rate {
        service = service.error_rate(rate);
    }
    if let Some(limit) = table.rate_limit {
        let rates = RateLimit::per_second(limit.per_second, limit.burst);
        service = service.rate_limit(match limit.retry_after {
            Some(time) => rates.retry_after(time.0),
            None => rates,
        });
    }
    if let Some(cache) = table.cache {
        service = service.cache(Cache::of_keys(cache.keys, cache.hit));
    }
    if let Some(called) = table.calls {
        service = service.calls(called);
    }
    if let Some(timeout) = table.timeout {
        service = service.timeout(timeout.0);
    }
    Ok(service.frees_worker(table.frees_worker))
}

fn trigger(table: TriggerTable) -> Trigger {
    let mut trigger = Trigger::at(table.at.0);
    trigger.lasting = table.lasting.map_or(0, |time| crate::time::nanos(time.0));
    trigger.service = table.service;
    trigger.replica = table.replica;
    trigger.capacity = table.capacity;
    trigger.demand = table.demand;
    trigger.error_rate = table.error_rate;
    trigger.latency = table.latency.map(|time| crate::time::nanos(time.0));
    trigger.burst = table.burst.unwrap_or(0);
    trigger.is_down = table.down;
    trigger.empties_cache = table.empty_cache;
    trigger
}

/// The first column of a CSV file, in seconds. A heading is left out.
fn column(path: &Path) -> Result<Vec<Duration>, InvalidScenario> {
    let wrong = |error: &dyn core::fmt::Display| text(format!("{}: {error}", path.display()));
    let source = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let mut times = Vec::new();
    for (index, line) in source.lines().enumerate() {
        let cell = line.split(',').next().unwrap_or("").trim();
        let seconds = cell
            .parse::<f64>()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        match seconds {
            Some(time) => times.push(time),
            None if cell.is_empty() || index == 0 => {}
            None => return Err(wrong(&format!("line {}: `{cell}` is not a time in seconds", index + 1))),
        }
    }
    Ok(times)
}
