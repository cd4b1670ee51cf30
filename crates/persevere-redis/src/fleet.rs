//! The fleet: the processes that share a server and a prefix.

use crate::error::InvalidFleet;
use crate::evidence::EvidenceBuilder;
use crate::pause::FleetPause;
use crate::quota::QuotaBuilder;
use crate::status::{Change, Status};
use crate::watched::Watched;
use persevere_limit::Pause;
use redis::{Client, ConnectionInfo};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The version of the scripts and their keys. Processes of different versions share nothing.
const VERSION: u32 = 1;

/// The processes that share quotas, pauses and evidence: all that open the same server with the same prefix.
///
/// Nothing is connected before a handle is kept in step, by [`Quota::keep_filled`](crate::Quota::keep_filled) and the like.
///
/// ```
/// use persevere_redis::Fleet;
/// use std::time::Duration;
///
/// let fleet = Fleet::open("redis://127.0.0.1:6379", "shop")?
///     .slow_after(Duration::from_millis(50))?
///     .on_change(|change| eprintln!("{change}"));
/// let quota = fleet.quota("openai", 10_000, Duration::from_secs(60)).processes(20).build()?;
/// assert_eq!(quota.key(), "shop:1:quota:openai:60000");
/// # Ok::<(), persevere_redis::InvalidFleet>(())
/// ```
///
/// TLS, users and passwords are parts of the URL, such as `rediss://user:password@cache:6380`. TLS needs a feature of the
/// crate `redis`, which the program names among its own dependencies.
#[derive(Clone)]
pub struct Fleet {
    inner: Arc<Inner>,
}

#[derive(Clone)]
struct Inner {
    server: ConnectionInfo,
    prefix: String,
    slow_after: Duration,
    on_change: Hook,
}

type Hook = Arc<dyn Fn(&Change) + Send + Sync>;

impl Fleet {
    /// The fleet of a server, whose keys begin with the prefix.
    ///
    /// # Errors
    ///
    /// [`InvalidFleet::Url`] or [`InvalidFleet::Prefix`].
    pub fn open(url: &str, prefix: &str) -> Result<Fleet, InvalidFleet> {
        Fleet::with_client(&Client::open(url).map_err(InvalidFleet::Url)?, prefix)
    }

    /// The fleet of the server of a client. Only the connection info of the client is used.
    ///
    /// # Errors
    ///
    /// [`InvalidFleet::Prefix`].
    pub fn with_client(client: &Client, prefix: &str) -> Result<Fleet, InvalidFleet> {
        if !is_name(prefix) {
            return Err(InvalidFleet::Prefix(prefix.to_owned()));
        }
        Ok(Fleet {
            inner: Arc::new(Inner {
                server: client.get_connection_info().clone(),
                prefix: prefix.to_owned(),
                slow_after: Duration::from_millis(20),
                on_change: Arc::new(|_| {}),
            }),
        })
    }

    /// Sets after how long without an answer the server counts as slow; 20 ms by default. The handles then use the state of
    /// their own process alone.
    ///
    /// # Errors
    ///
    /// [`InvalidFleet::SlowAfter`] if it is shorter than 1 ms or longer than 10 s.
    pub fn slow_after(mut self, time: Duration) -> Result<Fleet, InvalidFleet> {
        if !(Duration::from_millis(1)..=Duration::from_secs(10)).contains(&time) {
            return Err(InvalidFleet::SlowAfter);
        }
        Arc::make_mut(&mut self.inner).slow_after = time;
        Ok(self)
    }

    /// Sets a hook that receives each change of the status of a handle, for a log or an alert. It is called by the thread
    /// that made the change, and must not block.
    #[must_use]
    pub fn on_change(mut self, hook: impl Fn(&Change) + Send + Sync + 'static) -> Fleet {
        Arc::make_mut(&mut self.inner).on_change = Arc::new(hook);
        self
    }

    /// A quota of the whole fleet: the given number of permits in any period of this length.
    ///
    /// All processes of the fleet use the same number and period. A period of 1 s to 31 days is kept in whole milliseconds.
    pub fn quota(&self, name: &str, permits: u64, period: Duration) -> QuotaBuilder {
        QuotaBuilder::new(self.clone(), name, permits, period)
    }

    /// A pause that one process's hint begins for all: see [`FleetPause`].
    ///
    /// # Errors
    ///
    /// [`InvalidFleet::Name`].
    pub fn pause(&self, name: &str, pause: Pause) -> Result<FleetPause, InvalidFleet> {
        Ok(FleetPause::new(self.clone(), self.key("pause", name)?, pause))
    }

    /// Evidence of the processes about one server: their openings of a circuit breaker.
    pub fn evidence<B: Watched>(&self, name: &str, breaker: B) -> EvidenceBuilder<B> {
        EvidenceBuilder::new(self.clone(), name, breaker)
    }

    /// The key of a handle.
    pub(crate) fn key(&self, kind: &str, name: &str) -> Result<String, InvalidFleet> {
        if !is_name(name) {
            return Err(InvalidFleet::Name(name.to_owned()));
        }
        Ok(format!("{}:{VERSION}:{kind}:{name}", self.inner.prefix))
    }

    pub(crate) fn server(&self) -> &ConnectionInfo {
        &self.inner.server
    }

    pub(crate) fn slow(&self) -> Duration {
        self.inner.slow_after
    }

    pub(crate) fn changed(&self, key: &str, from: Status, to: Status) {
        if from != to {
            let key = key.to_owned();
            (self.inner.on_change)(&Change { key, from, to });
        }
    }
}

fn is_name(name: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.:/".contains(&byte);
    (1..=100).contains(&name.len()) && name.bytes().all(is_valid)
}

impl fmt::Debug for Fleet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the URL, which may have a password.
        f.debug_struct("Fleet")
            .field("prefix", &self.inner.prefix)
            .field("slow_after", &self.inner.slow_after)
            .finish_non_exhaustive()
    }
}
