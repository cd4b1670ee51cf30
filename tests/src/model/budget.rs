//! Reference models of the budgets: one thread, every event kept, every sum computed anew.

use persevere_budget::{Class, LastFailure};
use std::time::Duration;

/// The number of slices of a window.
const SLICES: u64 = 10;

/// Events with their slices.
#[derive(Debug)]
struct Events<E> {
    slice: Duration,
    now: u64,
    all: Vec<(u64, E)>,
}

impl<E: Copy> Events<E> {
    fn new(window: Duration) -> Events<E> {
        Events {
            slice: window / SLICES as u32,
            now: 0,
            all: Vec::new(),
        }
    }

    /// Moves the time forward, never back.
    fn at(&mut self, now: Duration) {
        self.now = self.now.max((now.as_nanos() / self.slice.as_nanos()) as u64);
    }

    fn add(&mut self, event: E) {
        self.all.push((self.now, event));
    }

    fn in_window(&self) -> impl Iterator<Item = E> + '_ {
        let is_in = |&&(slice, _): &&(u64, E)| slice + SLICES > self.now;
        self.all.iter().filter(is_in).map(|&(_, event)| event)
    }
}

/// Deposits and withdrawals over a window, in millionths of a retry.
#[derive(Debug)]
pub struct Windowed {
    credit: i64,
    reserve: i64,
    events: Events<i64>,
}

impl Windowed {
    const RETRY: i64 = 1_000_000;

    /// A ratio in millionths, and a reserve of whole retries.
    #[must_use]
    pub fn new(credit: u32, reserve: u32, window: Duration) -> Windowed {
        Windowed {
            credit: credit.into(),
            reserve: i64::from(reserve) * Windowed::RETRY,
            events: Events::new(window),
        }
    }

    fn left(&self) -> i64 {
        self.reserve + self.events.in_window().sum::<i64>()
    }

    /// The retries that are available.
    pub fn available(&mut self, now: Duration) -> u64 {
        self.events.at(now);
        u64::try_from(self.left().max(0) / Windowed::RETRY).unwrap()
    }

    /// Deposits the credit of a success.
    pub fn deposit(&mut self, now: Duration) {
        self.events.at(now);
        self.events.add(self.credit);
    }

    /// Withdraws a retry, and returns its slice; `None` if none is available.
    pub fn withdraw(&mut self, now: Duration) -> Option<u64> {
        self.events.at(now);
        let is_enough = self.left() >= Windowed::RETRY;
        if is_enough {
            self.events.add(-Windowed::RETRY);
        }
        is_enough.then_some(self.events.now)
    }

    /// Gives a retry back, if its slice is still the current one.
    pub fn give_back(&mut self, slice: u64) {
        if slice == self.events.now {
            self.events.add(Windowed::RETRY);
        }
    }
}

/// The token bucket of the AWS clients.
#[derive(Debug)]
pub struct Bucket {
    /// The tokens that it holds.
    pub tokens: u32,
    /// The tokens that it can hold.
    pub capacity: u32,
    /// The costs after a transient failure, throttling, and a timeout.
    pub costs: [u32; 3],
    /// The reward of a success at once.
    pub reward: u32,
}

impl Bucket {
    /// Withdraws the cost of a retry; `None` if it is not available.
    ///
    /// # Panics
    ///
    /// If the class is unknown to the model.
    pub fn withdraw(&mut self, class: Class) -> Option<u32> {
        let cost = match class {
            Class::Transient => self.costs[0],
            Class::Throttling => self.costs[1],
            Class::Timeout => self.costs[2],
            other => panic!("{other:?} is new"),
        };
        self.tokens = self.tokens.checked_sub(cost)?;
        Some(cost)
    }

    /// Returns tokens, up to the capacity.
    pub fn put_back(&mut self, tokens: u32) {
        self.tokens = self.tokens.saturating_add(tokens).min(self.capacity);
    }

    /// A run that succeeded, with the cost of its last retry.
    pub fn succeeded(&mut self, last: Option<u32>) {
        self.put_back(last.unwrap_or(self.reward));
    }
}

/// The throttle of gRPC, in thousandths of a token.
#[derive(Debug)]
pub struct Grpc {
    /// The tokens that it holds, in thousandths.
    pub tokens: i64,
    /// The tokens that it can hold, in thousandths.
    pub max_tokens: i64,
    /// The tokens that a success returns, in thousandths.
    pub ratio: i64,
}

impl Grpc {
    /// Withdraws a retry, and returns whether one was available.
    pub fn withdraw(&mut self) -> bool {
        self.tokens = (self.tokens - 1000).max(0);
        let threshold = self.max_tokens as f64 / 2.0;
        self.tokens as f64 > threshold
    }

    /// A run that succeeded.
    pub fn succeeded(&mut self) {
        self.tokens = (self.tokens + self.ratio).min(self.max_tokens);
    }

    /// A run that failed.
    pub fn failed(&mut self, failure: LastFailure) {
        if failure != LastFailure::Permanent {
            self.tokens = (self.tokens - 1000).max(0);
        }
    }
}

/// The requests of adaptive throttling, each accepted or not.
#[derive(Debug)]
pub struct Adaptive {
    multiplier: f64,
    events: Events<Request>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Request {
    Made,
    Accepted,
}

impl Adaptive {
    /// A throttle with the given multiplier.
    #[must_use]
    pub fn new(multiplier: f64, window: Duration) -> Adaptive {
        Adaptive {
            multiplier,
            events: Events::new(window),
        }
    }

    /// A request was made, or rejected.
    pub fn request(&mut self, now: Duration) {
        self.events.at(now);
        self.events.add(Request::Made);
    }

    /// A request was accepted.
    pub fn accept(&mut self, now: Duration) {
        self.events.at(now);
        self.events.add(Request::Accepted);
    }

    /// The probability of a rejection.
    pub fn probability(&mut self, now: Duration) -> f64 {
        self.events.at(now);
        let count = |kind| self.events.in_window().filter(|&event| event == kind).count() as f64;
        let (requests, accepts) = (count(Request::Made), count(Request::Accepted));
        ((requests - self.multiplier * accepts) / (requests + 1.0)).max(0.0)
    }
}
