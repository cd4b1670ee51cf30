//! [`Trigger`]: what goes wrong, when, and for how long.

use crate::time::nanos;
use core::time::Duration;

/// A disturbance: what goes wrong, when, and for how long.
///
/// ```
/// use persevere_sim::Trigger;
/// use std::time::Duration;
///
/// let outage = Trigger::at(Duration::from_secs(30)).lasting(Duration::from_secs(10)).capacity(0.0);
/// let errors = Trigger::at(Duration::from_secs(30)).lasting(Duration::from_secs(60)).error_rate(0.3).on("database");
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    pub(crate) at: u64,
    pub(crate) lasting: u64,
    pub(crate) service: Option<String>,
    pub(crate) replica: Option<u32>,
    pub(crate) capacity: Option<f64>,
    pub(crate) demand: Option<f64>,
    pub(crate) error_rate: Option<f64>,
    pub(crate) latency: Option<u64>,
    pub(crate) is_down: bool,
    pub(crate) empties_cache: bool,
    pub(crate) burst: u32,
}

impl Trigger {
    /// A trigger at this time of the simulation, which lasts no time and does nothing yet.
    #[must_use]
    pub fn at(time: Duration) -> Trigger {
        Trigger {
            at: nanos(time),
            lasting: 0,
            service: None,
            replica: None,
            capacity: None,
            demand: None,
            error_rate: None,
            latency: None,
            is_down: false,
            empties_cache: false,
            burst: 0,
        }
    }

    /// Sets how long it lasts.
    #[must_use]
    pub fn lasting(mut self, time: Duration) -> Trigger {
        self.lasting = nanos(time);
        self
    }

    /// Sets the service that it concerns, by its name. By default it concerns the last one.
    #[must_use]
    pub fn on(mut self, service: impl Into<String>) -> Trigger {
        self.service = Some(service.into());
        self
    }

    /// Sets the replica that it concerns, from 0. By default it concerns all.
    #[must_use]
    pub fn replica(mut self, replica: u32) -> Trigger {
        self.replica = Some(replica);
        self
    }

    /// Multiplies the speed of the workers. At 0.0 they begin no call, and calls wait.
    #[must_use]
    pub fn capacity(mut self, factor: f64) -> Trigger {
        self.capacity = Some(factor);
        self
    }

    /// Multiplies the rate at which clients call.
    #[must_use]
    pub fn demand(mut self, factor: f64) -> Trigger {
        self.demand = Some(factor);
        self
    }

    /// Sets the share of calls that fail, from 0.0 to 1.0.
    #[must_use]
    pub fn error_rate(mut self, rate: f64) -> Trigger {
        self.error_rate = Some(rate);
        self
    }

    /// Adds this to the time that a reply is under way.
    #[must_use]
    pub fn latency(mut self, added: Duration) -> Trigger {
        self.latency = Some(nanos(added));
        self
    }

    /// Refuses every connection at once.
    #[must_use]
    pub fn down(mut self) -> Trigger {
        self.is_down = true;
        self
    }

    /// Empties the cache, at the start.
    #[must_use]
    pub fn empty_cache(mut self) -> Trigger {
        self.empties_cache = true;
        self
    }

    /// Makes the clients call the given number of times at once, at the start: after a deploy, or when a timer fires
    /// everywhere.
    #[must_use]
    pub fn burst(mut self, calls: u32) -> Trigger {
        self.burst = calls;
        self
    }

    pub(crate) const fn end(&self) -> u64 {
        self.at.saturating_add(self.lasting)
    }
}
