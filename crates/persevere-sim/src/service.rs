//! [`Service`]: what the clients call.

use crate::draws::Draws;
use crate::time::{SECOND, nanos};
use core::time::Duration;
use std::sync::Arc;

/// A service: replicas with workers, a bounded queue in front of them, and the time that a call takes.
///
/// A call goes to a replica at random. If a worker is free it is served at once. Otherwise it waits in the replica's
/// queue, and is rejected as [`Overloaded`](crate::Fault::Overloaded) if the queue is full. A call whose client has left is
/// served nevertheless.
///
/// ```
/// use persevere_sim::{Queue, Service, ServiceTime};
/// use std::time::Duration;
///
/// let database = Service::new("database").capacity(300.0).queue(1000);
/// assert_eq!(database.capacity_per_second().round(), 300.0);
/// let api = Service::new("api")
///     .replicas(3)
///     .workers(8)
///     .takes(ServiceTime::exponential(Duration::from_millis(20)))
///     .discipline(Queue::Lifo)
///     .calls("database");
/// assert_eq!(api.capacity_per_second().round(), 1200.0);
/// ```
#[derive(Debug, Clone)]
pub struct Service {
    pub(crate) name: String,
    pub(crate) replicas: u32,
    pub(crate) workers: u32,
    pub(crate) queue: u32,
    pub(crate) discipline: Queue,
    pub(crate) time: ServiceTime,
    pub(crate) latency: u64,
    pub(crate) error_rate: f64,
    pub(crate) rate_limit: Option<RateLimit>,
    pub(crate) cache: Option<Cache>,
    pub(crate) calls: Option<String>,
    pub(crate) frees_worker: bool,
    pub(crate) timeout: Option<u64>,
}

impl Service {
    /// A service of one replica with one worker that takes 10 ms for a call, and a queue of 1,000 calls.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Service {
        Service {
            name: name.into(),
            replicas: 1,
            workers: 1,
            queue: 1000,
            discipline: Queue::Fifo,
            time: ServiceTime::constant(Duration::from_millis(10)),
            latency: 0,
            error_rate: 0.0,
            rate_limit: None,
            cache: None,
            calls: None,
            frees_worker: false,
            timeout: None,
        }
    }

    /// Sets the number of replicas, at least 1.
    #[must_use]
    pub fn replicas(mut self, replicas: u32) -> Service {
        self.replicas = replicas.max(1);
        self
    }

    /// Sets the number of calls that a replica serves at once, at least 1.
    #[must_use]
    pub fn workers(mut self, workers: u32) -> Service {
        self.workers = workers.max(1);
        self
    }

    /// Sets how many calls wait at most in front of a replica.
    #[must_use]
    pub fn queue(mut self, calls: u32) -> Service {
        self.queue = calls;
        self
    }

    /// Sets in which order the queue is served, and what is shed from it.
    #[must_use]
    pub fn discipline(mut self, queue: Queue) -> Service {
        self.discipline = queue;
        self
    }

    /// Sets how long a worker takes for a call.
    #[must_use]
    pub fn takes(mut self, time: ServiceTime) -> Service {
        self.time = time;
        self
    }

    /// Sets a constant service time by the capacity of the whole service, in calls per second. Call it after
    /// [`replicas`](Service::replicas) and [`workers`](Service::workers).
    #[must_use]
    pub fn capacity(self, per_second: f64) -> Service {
        let servers = f64::from(self.replicas) * f64::from(self.workers);
        let time = Duration::from_secs_f64(servers / per_second);
        self.takes(ServiceTime::constant(time))
    }

    /// Sets how long a reply is under way, during which no worker is busy.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Service {
        self.latency = nanos(latency);
        self
    }

    /// Sets the share of calls that fail, from 0.0 to 1.0, after their service time.
    #[must_use]
    pub fn error_rate(mut self, rate: f64) -> Service {
        self.error_rate = rate;
        self
    }

    /// Sets a rate limit, which rejects calls before they reach a replica.
    #[must_use]
    pub fn rate_limit(mut self, limit: RateLimit) -> Service {
        self.rate_limit = Some(limit);
        self
    }

    /// Sets a cache, whose hits take a part of the service time.
    #[must_use]
    pub fn cache(mut self, cache: Cache) -> Service {
        self.cache = Some(cache);
        self
    }

    /// Sets the service that this one calls once it has served a call, by its name. The worker waits for it.
    #[must_use]
    pub fn calls(mut self, service: impl Into<String>) -> Service {
        self.calls = Some(service.into());
        self
    }

    /// Sets after how long this service gives up a call that it makes. By default it waits as long as the clients.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Service {
        self.timeout = Some(nanos(timeout));
        self
    }

    /// Sets whether a worker is free for other calls while its call waits for the service behind it.
    #[must_use]
    pub fn frees_worker(mut self, frees: bool) -> Service {
        self.frees_worker = frees;
        self
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How many calls all replicas serve at most, in calls per second.
    #[must_use]
    pub fn capacity_per_second(&self) -> f64 {
        let servers = f64::from(self.replicas) * f64::from(self.workers);
        servers * SECOND as f64 / self.time.mean_nanos()
    }
}

/// In which order a queue is served, and what is shed from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Queue {
    /// First in, first out. A full queue rejects the new call.
    Fifo,
    /// Last in, first out. A full queue sheds its oldest call.
    Lifo,
    /// First in, first out, with calls shed by `CoDel` ([RFC 8289](https://www.rfc-editor.org/rfc/rfc8289)). Once calls
    /// have waited longer than `target` for an `interval`, a call is shed, and then calls are shed more and more often.
    CoDel {
        /// The wait that is acceptable.
        target: Duration,
        /// For how long waits above the target are tolerated.
        interval: Duration,
    },
}

/// How long a worker takes for a call.
#[derive(Debug, Clone)]
pub struct ServiceTime(Shape);

#[derive(Debug, Clone)]
enum Shape {
    Constant(u64),
    Exponential(f64),
    LogNormal { median: f64, sigma: f64 },
    Sample(Arc<[u64]>),
}

impl ServiceTime {
    /// The same time for each call.
    #[must_use]
    pub fn constant(time: Duration) -> ServiceTime {
        ServiceTime(Shape::Constant(nanos(time)))
    }

    /// Exponentially distributed times with this mean.
    #[must_use]
    pub fn exponential(mean: Duration) -> ServiceTime {
        ServiceTime(Shape::Exponential(nanos(mean) as f64))
    }

    /// Log-normally distributed times with this median; `sigma` is the standard deviation of their logarithm.
    #[must_use]
    pub fn log_normal(median: Duration, sigma: f64) -> ServiceTime {
        let median = nanos(median) as f64;
        ServiceTime(Shape::LogNormal { median, sigma })
    }

    /// Times drawn from a sample, such as latencies that were measured; `None` if it is empty.
    #[must_use]
    pub fn sample(times: impl IntoIterator<Item = Duration>) -> Option<ServiceTime> {
        let times: Arc<[u64]> = times.into_iter().map(nanos).collect();
        (!times.is_empty()).then_some(ServiceTime(Shape::Sample(times)))
    }

    /// The mean in nanoseconds.
    pub(crate) fn mean_nanos(&self) -> f64 {
        match &self.0 {
            Shape::Constant(time) => *time as f64,
            Shape::Exponential(mean) => *mean,
            Shape::LogNormal { median, sigma } => median * libm::exp(sigma * sigma / 2.0),
            Shape::Sample(times) => times.iter().map(|time| *time as f64).sum::<f64>() / times.len() as f64,
        }
    }

    /// The time, if it is always the same.
    pub(crate) fn fixed(&self) -> Option<u64> {
        match self.0 {
            Shape::Constant(time) => Some(time),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn draw(&self, draws: &mut Draws) -> u64 {
        match &self.0 {
            Shape::Constant(time) => *time,
            Shape::Exponential(mean) => draws.exponential(*mean) as u64,
            Shape::LogNormal { median, sigma } => (median * libm::exp(sigma * draws.normal())) as u64,
            Shape::Sample(times) => {
                let index = draws.below(u32::try_from(times.len()).unwrap_or(u32::MAX));
                times[index as usize]
            }
        }
    }
}

/// A limit on the calls that a service admits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    /// The interval between calls at the limit, in nanoseconds.
    pub(crate) interval: u64,
    pub(crate) burst: u64,
    /// The delay in the error, in nanoseconds; `None` for the time until a call is admitted.
    pub(crate) retry_after: Option<u64>,
}

impl RateLimit {
    /// Admits the given number of calls per second, and a burst of the given number at once. The error contains the
    /// time until the next call is admitted.
    #[must_use]
    pub fn per_second(rate: f64, burst: u32) -> RateLimit {
        let interval = (SECOND as f64 / rate) as u64;
        RateLimit {
            interval,
            burst: u64::from(burst.max(1)),
            retry_after: None,
        }
    }

    /// Sets the delay that every error contains, such as a `Retry-After` in whole seconds.
    #[must_use]
    pub fn retry_after(mut self, time: Duration) -> RateLimit {
        self.retry_after = Some(nanos(time));
        self
    }
}

/// A cache in front of the work of a service: a key that was served is a hit until the cache is emptied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cache {
    pub(crate) keys: u32,
    pub(crate) hit: f64,
}

impl Cache {
    /// A cache that holds all of the given number of keys, which are called equally often. It begins full. A hit takes
    /// the given share of the service time.
    #[must_use]
    pub fn of_keys(keys: u32, hit: f64) -> Cache {
        Cache { keys: keys.max(1), hit }
    }
}
