//! Legs of given times on virtual time.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part")]

use persevere::hedge::{HedgeSnapshot, HedgeStats, Leg};
use persevere_testkit::VirtualTime;
use std::cell::RefCell;
use std::time::Duration;

pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// What a leg does: it takes this long, and ends so.
pub type Plan = (u64, Result<u32, &'static str>);

/// The legs of one call, and when each began and was dropped.
pub struct Legs {
    pub time: VirtualTime,
    pub stats: HedgeStats,
    plans: Vec<Plan>,
    began: RefCell<Vec<(usize, Duration)>>,
    /// The legs that were dropped before their end, and when.
    dropped: RefCell<Vec<(usize, Duration)>>,
}

impl Legs {
    pub fn new(plans: impl IntoIterator<Item = Plan>) -> Legs {
        Legs {
            time: VirtualTime::new(),
            stats: HedgeStats::new(),
            plans: plans.into_iter().collect(),
            began: RefCell::default(),
            dropped: RefCell::default(),
        }
    }

    pub async fn call(&self, leg: Leg) -> Result<u32, &'static str> {
        self.began.borrow_mut().push((leg.index(), self.time.elapsed()));
        let mut running = Running(self, leg.index(), false);
        let (takes, outcome) = self.plans[leg.index()];
        if takes > 0 {
            self.time.pass(ms(takes)).await;
        }
        running.2 = true;
        outcome
    }

    /// The index of each leg, and the millisecond at which it began.
    pub fn began(&self) -> Vec<(usize, u128)> {
        self.began
            .borrow()
            .iter()
            .map(|(leg, at)| (*leg, at.as_millis()))
            .collect()
    }

    /// The index of each leg that was dropped before its end, and the millisecond.
    pub fn dropped(&self) -> Vec<(usize, u128)> {
        self.dropped
            .borrow()
            .iter()
            .map(|(leg, at)| (*leg, at.as_millis()))
            .collect()
    }

    pub fn counts(&self) -> HedgeSnapshot {
        self.stats.snapshot()
    }
}

struct Running<'l>(&'l Legs, usize, bool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if !self.2 {
            self.0.dropped.borrow_mut().push((self.1, self.0.time.elapsed()));
        }
    }
}
