//! Scenarios as TOML.

use super::duration::Text;
use super::{Arrivals, Scenario};
use crate::candidate::{Candidate, Place};
use crate::error::InvalidScenario;
use crate::fault::Faults;
use crate::service::{Cache, Queue, RateLimit, Service, ServiceTime};
use crate::study::Study;
use crate::trigger::Trigger;
use core::time::Duration;
use persevere_config::Settings;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::path::Path;
use std::sync::Arc;

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
    #[serde(default, rename = "candidate")]
    candidates: Named<CandidateTable>,
}

/// The tables that a file of policies may have besides the settings.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Beside {
    #[serde(rename = "candidate")]
    candidates: Named<CandidateTable>,
}

/// The settings that make a candidate: by default the settings of its name, and no limits.
#[derive(Debug, Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct CandidateTable {
    retry: Option<String>,
    budget: Option<String>,
    breaker: Option<String>,
    /// The limit that runs wait for.
    pace: Option<String>,
    /// The limit that rejects.
    bulkhead: Option<String>,
    place: Option<PlaceName>,
}

/// Tables by name, in the order of the file.
#[derive(Debug)]
struct Named<T>(Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Named(Vec::new())
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

/// Reads a file of a scenario; `folder` contains the files that it names.
pub(crate) fn parse(source: &str, folder: &Path) -> Result<Study, InvalidScenario> {
    let (own, settings) = split(source);
    let file: File = toml::from_str(&own).map_err(text)?;
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
    let candidates = candidates(&settings, file.candidates)?;
    Ok(Study {
        scenario,
        candidates,
        seeds: file.seeds.unwrap_or(20),
    })
}

/// Reads a file of policies.
pub(crate) fn parse_policies(source: &str) -> Result<Vec<Candidate>, InvalidScenario> {
    let (beside, settings) = split(source);
    let beside: Beside = toml::from_str(&beside).map_err(text)?;
    candidates(&settings, beside.candidates)
}

/// The sections that `persevere-config` reads. Hedges are checked and not simulated.
const SECTIONS: [&str; 6] = ["retry", "budget", "breaker", "limit", "hedge", "review"];

/// Splits a file into the scenario and the settings. Both keep the numbers of their lines.
fn split(source: &str) -> (String, String) {
    let (mut own, mut settings) = (String::new(), String::new());
    let (mut is_settings, mut is_text) = (false, false);
    for line in source.lines() {
        let header = line.trim_start().strip_prefix('[').filter(|_| !is_text);
        if let Some(header) = header {
            let section = header.trim_start().split(['.', ']', ' ', '\t']).next();
            is_settings = section.is_some_and(|section| SECTIONS.contains(&section));
        }
        let delimiters = line.matches("\"\"\"").count() + line.matches("'''").count();
        is_text ^= delimiters % 2 == 1;
        let (to, other) = if is_settings {
            (&mut settings, &mut own)
        } else {
            (&mut own, &mut settings)
        };
        to.push_str(line);
        to.push('\n');
        other.push('\n');
    }
    (own, settings)
}

/// The candidates that are named, or one for each policy, in the order of the file.
fn candidates(source: &str, named: Named<CandidateTable>) -> Result<Vec<Candidate>, InvalidScenario> {
    let settings = Settings::from_toml(source).map_err(text)?;
    let settings = Arc::new(settings);
    let tables = if named.0.is_empty() {
        let ordered: toml::Table = toml::from_str(source).map_err(text)?;
        let policies = ordered.get("retry").and_then(toml::Value::as_table);
        let names = policies.into_iter().flat_map(toml::Table::keys);
        names.map(|name| (name.clone(), CandidateTable::default())).collect()
    } else {
        named.0
    };
    tables
        .into_iter()
        .map(|(name, table)| candidate(&settings, name, table))
        .collect()
}

/// Whether no name is given, or one of these names.
fn known<'n>(mut names: impl Iterator<Item = &'n str>, wanted: &Option<String>) -> bool {
    wanted.as_ref().is_none_or(|wanted| names.any(|name| name == wanted))
}

fn candidate(settings: &Arc<Settings>, name: String, table: CandidateTable) -> Result<Candidate, InvalidScenario> {
    let missing = |section: &str, wanted: &str| {
        Err(text(format!(
            "candidate `{name}`: there is no [{section}.\"{wanted}\"]"
        )))
    };
    let policy = table.retry.unwrap_or_else(|| name.clone());
    let Some(policy) = settings.policy(&policy).copied() else {
        return missing("retry", &policy);
    };
    for (section, wanted, is_there) in [
        ("budget", &table.budget, known(settings.budgets(), &table.budget)),
        ("breaker", &table.breaker, known(settings.breakers(), &table.breaker)),
        ("limit", &table.pace, known(settings.limits(), &table.pace)),
        ("limit", &table.bulkhead, known(settings.limits(), &table.bulkhead)),
    ] {
        if let (Some(wanted), false) = (wanted, is_there) {
            return missing(section, wanted);
        }
    }
    let budget = table.budget.unwrap_or_else(|| name.clone());
    let breaker = table.breaker.unwrap_or_else(|| name.clone());
    let mut candidate = Candidate::new(name, policy);
    if settings.build_budget(&budget, 0).is_some() {
        let settings = Arc::clone(settings);
        candidate = candidate.budget(move |seed| {
            let budget = settings.build_budget(&budget, seed);
            budget.expect("settings do not change")
        });
    }
    if settings.build_breaker(&breaker, Faults, 0).is_some() {
        let settings = Arc::clone(settings);
        candidate = candidate.shared_breaker(move |seed| {
            let breaker = settings.build_breaker(&breaker, Faults, seed);
            breaker.expect("settings do not change")
        });
    }
    if let Some(pace) = table.pace {
        let settings = Arc::clone(settings);
        candidate = candidate.pace(move || settings.build_limit(&pace).expect("settings do not change"));
    }
    if let Some(bulkhead) = table.bulkhead {
        let settings = Arc::clone(settings);
        candidate = candidate.bulkhead(move || settings.build_limit(&bulkhead).expect("settings do not change"));
    }
    Ok(match table.place {
        Some(PlaceName::Outermost) => candidate.place(Place::Outermost),
        Some(PlaceName::Innermost) => candidate.place(Place::Innermost),
        Some(PlaceName::Everywhere) | None => candidate,
    })
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
