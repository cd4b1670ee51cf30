//! [`Scenario`]: the clients, the services, and what goes wrong.

mod duration;
pub(crate) mod file;

use crate::candidate::Candidate;
use crate::engine::Engine;
use crate::error::InvalidScenario;
use crate::fault::Fault;
use crate::outcome::Outcome;
use crate::service::Service;
use crate::time::{SECOND, nanos};
use crate::trigger::Trigger;
use core::time::Duration;
use persevere_core::Observer;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// The clients, the services and what goes wrong: what each [`Candidate`] has to survive.
///
/// Clients are open-loop: they call at their rate, however long the calls take. They call the first service.
///
/// ```
/// use persevere::Policy;
/// use persevere_sim::{Candidate, Scenario, Service, Trigger};
/// use std::time::Duration;
///
/// let outage = Trigger::at(Duration::from_secs(10)).lasting(Duration::from_secs(10)).capacity(0.0);
/// let scenario = Scenario::new("outage")
///     .demand(280.0)
///     .timeout(Duration::from_secs(1))
///     .service(Service::new("database").capacity(300.0).queue(1000))
///     .trigger(outage)
///     .duration(Duration::from_secs(120));
/// let never = Candidate::new("no retry", Policy::fixed(Duration::ZERO).max_attempts(1));
/// let once = Candidate::new("one retry", Policy::fixed(Duration::ZERO).max_attempts(2));
/// assert!(scenario.run(&never, 1)?.recovery().is_some());
/// assert!(scenario.run(&once, 1)?.recovery().is_none(), "retries keep the database overloaded for ever");
/// # Ok::<(), persevere_sim::InvalidScenario>(())
/// ```
#[derive(Debug, Clone)]
pub struct Scenario {
    pub(crate) name: String,
    pub(crate) about: String,
    pub(crate) arrivals: Arrivals,
    pub(crate) demand: f64,
    pub(crate) processes: u32,
    pub(crate) timeout: Option<u64>,
    pub(crate) services: Vec<Service>,
    pub(crate) triggers: Vec<Trigger>,
    pub(crate) duration: u64,
}

/// When clients call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Arrivals {
    /// At random, independent of each other.
    Poisson,
    /// At equal intervals, the processes in turn.
    Constant,
    /// At these times since the start.
    Trace(Arc<[Duration]>),
}

impl Scenario {
    /// A scenario of 3 minutes with 100 calls per second from one process, without services and triggers.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Scenario {
        Scenario {
            name: name.into(),
            about: String::new(),
            arrivals: Arrivals::Poisson,
            demand: 100.0,
            processes: 1,
            timeout: None,
            services: Vec::new(),
            triggers: Vec::new(),
            duration: 180 * SECOND,
        }
    }

    /// Sets the description for a reader, in a sentence or two.
    #[must_use]
    pub fn about(mut self, text: impl Into<String>) -> Scenario {
        self.about = text.into();
        self
    }

    /// Sets when clients call.
    #[must_use]
    pub fn arrivals(mut self, arrivals: Arrivals) -> Scenario {
        self.arrivals = arrivals;
        self
    }

    /// Sets how often all clients call together, in calls per second, without retries.
    #[must_use]
    pub fn demand(mut self, per_second: f64) -> Scenario {
        self.demand = per_second;
        self
    }

    /// Sets the number of client processes, each with a budget and a breaker of its own.
    #[must_use]
    pub fn processes(mut self, processes: u32) -> Scenario {
        self.processes = processes.max(1);
        self
    }

    /// Sets after how long a client gives up an attempt, unless its policy has a shorter limit.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Scenario {
        self.timeout = Some(nanos(timeout));
        self
    }

    /// Adds a service. The clients call the first one.
    #[must_use]
    pub fn service(mut self, service: Service) -> Scenario {
        self.services.push(service);
        self
    }

    /// Adds a trigger.
    #[must_use]
    pub fn trigger(mut self, trigger: Trigger) -> Scenario {
        self.triggers.push(trigger);
        self
    }

    /// Sets how long the simulation lasts, on the simulated clock.
    #[must_use]
    pub fn duration(mut self, duration: Duration) -> Scenario {
        self.duration = nanos(duration);
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The description for a reader.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.about
    }

    /// How often all clients call together, in calls per second, without retries.
    #[must_use]
    pub const fn demand_per_second(&self) -> f64 {
        self.demand
    }

    /// The number of client processes.
    #[must_use]
    pub const fn process_count(&self) -> u32 {
        self.processes
    }

    /// The services. The clients call the first of them.
    #[must_use]
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// When the first trigger begins and the last one ends; `None` if there is none.
    #[must_use]
    pub fn disturbance(&self) -> Option<(Duration, Duration)> {
        let start = self.triggers.iter().map(|trigger| trigger.at).min()?;
        let end = self.triggers.iter().map(Trigger::end).max()?;
        Some((Duration::from_nanos(start), Duration::from_nanos(end)))
    }

    /// Simulates a candidate with a seed. The same seed gives the same outcome on every machine.
    ///
    /// # Errors
    ///
    /// [`InvalidScenario`] if the scenario does not describe a simulation: see its variants.
    pub fn run(&self, candidate: &Candidate, seed: u64) -> Result<Outcome, InvalidScenario> {
        let never = AtomicBool::new(false);
        let outcome = self.run_until(candidate, seed, &never)?;
        Ok(outcome.expect("nothing stops it"))
    }

    /// [`run`](Scenario::run) with an observer of every run of the clients.
    ///
    /// # Errors
    ///
    /// As [`run`](Scenario::run).
    pub fn run_observed(
        &self,
        candidate: &Candidate,
        seed: u64,
        observer: &dyn Observer<Fault>,
    ) -> Result<Outcome, InvalidScenario> {
        let never = AtomicBool::new(false);
        self.validate()?;
        let outcome = Engine::simulate(self, candidate, seed, Some(observer), &never);
        Ok(outcome.expect("nothing stops it"))
    }

    /// [`run`](Scenario::run) until `stop` is set; then `None`.
    ///
    /// # Errors
    ///
    /// As [`run`](Scenario::run).
    pub fn run_until(
        &self,
        candidate: &Candidate,
        seed: u64,
        stop: &AtomicBool,
    ) -> Result<Option<Outcome>, InvalidScenario> {
        self.validate()?;
        Ok(Engine::simulate(self, candidate, seed, None, stop))
    }

    /// The place of a service among all.
    pub(crate) fn index_of(&self, name: &str) -> Option<usize> {
        self.services.iter().position(|service| service.name == name)
    }

    fn validate(&self) -> Result<(), InvalidScenario> {
        let invalid = |what: &str, value: String| Err(InvalidScenario::Number(what.to_owned(), value));
        let is_rate = |rate: f64| (0.0..=1.0).contains(&rate);
        if self.services.is_empty() {
            return Err(InvalidScenario::NoService);
        }
        if !(self.demand >= 0.0 && self.demand <= 1e9) {
            return invalid("demand", self.demand.to_string());
        }
        if self.duration == 0 || self.duration > 24 * 3600 * SECOND {
            return invalid("duration", format!("{:?}", Duration::from_nanos(self.duration)));
        }
        for (index, service) in self.services.iter().enumerate() {
            if !is_rate(service.error_rate) {
                return invalid("error_rate", service.error_rate.to_string());
            }
            let mean = service.time.mean_nanos();
            if !(mean >= 1.0 && mean.is_finite()) {
                return invalid("service_time", format!("{mean} ns"));
            }
            if let Some(called) = &service.calls {
                // Downward, so that no call runs in a circle.
                let rest = &self.services[index + 1..];
                if !rest.iter().any(|service| service.name == *called) {
                    return Err(InvalidScenario::NoSuchService(called.clone()));
                }
            }
        }
        for trigger in &self.triggers {
            if let Some(name) = &trigger.service {
                if !self.services.iter().any(|service| service.name == *name) {
                    return Err(InvalidScenario::NoSuchService(name.clone()));
                }
            }
            if !trigger.error_rate.is_none_or(is_rate) {
                return invalid("error_rate", format!("{:?}", trigger.error_rate));
            }
            for (what, factor) in [("capacity", trigger.capacity), ("demand", trigger.demand)] {
                if !factor.is_none_or(|factor| (0.0..=1e6).contains(&factor)) {
                    return invalid(what, format!("{factor:?}"));
                }
            }
        }
        Ok(())
    }
}
