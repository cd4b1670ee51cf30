//! Legs of given times on virtual time.

use persevere::budget::WindowedRatio;
use persevere::hedge::{After, Hedge, HedgeSnapshot, HedgeStats, Latency, Leg};
use persevere_testkit::{Polled, VirtualTime};
use std::cell::RefCell;
use std::task::Poll;
use std::time::Duration;

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

pub(crate) const AFTER_10: Hedge<After> = Hedge::after(ms(10));

/// A budget of the given number of hedges.
pub(crate) fn budget(reserve: u32) -> WindowedRatio {
    WindowedRatio::new().ratio(0.0).reserve(reserve)
}

/// A latency with the given samples of 10 ms.
pub(crate) fn latency(samples: u32) -> Latency {
    let latency = Latency::new().minimum_samples(100);
    (0..samples).for_each(|_| latency.record(ms(10), Duration::ZERO));
    latency
}

/// The plan of a leg: how long it takes, and how it ends.
pub(crate) type Plan = (u64, Result<u32, &'static str>);

/// The legs of one call, and when each began and was dropped.
pub(crate) struct Legs {
    pub(crate) time: VirtualTime,
    pub(crate) stats: HedgeStats,
    plans: Vec<Plan>,
    began: RefCell<Vec<(usize, Duration)>>,
    /// The legs that were dropped before their end, and when.
    dropped: RefCell<Vec<(usize, Duration)>>,
}

impl Legs {
    pub(crate) fn new(plans: impl IntoIterator<Item = Plan>) -> Legs {
        Legs {
            time: VirtualTime::new(),
            stats: HedgeStats::new(),
            plans: plans.into_iter().collect(),
            began: RefCell::default(),
            dropped: RefCell::default(),
        }
    }

    pub(crate) async fn call(&self, leg: Leg) -> Result<u32, &'static str> {
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
    pub(crate) fn began(&self) -> Vec<(usize, u128)> {
        self.began
            .borrow()
            .iter()
            .map(|(leg, at)| (*leg, at.as_millis()))
            .collect()
    }

    /// The index of each leg that was dropped before its end, and the millisecond.
    pub(crate) fn dropped(&self) -> Vec<(usize, u128)> {
        self.dropped
            .borrow()
            .iter()
            .map(|(leg, at)| (*leg, at.as_millis()))
            .collect()
    }

    pub(crate) fn counts(&self) -> HedgeSnapshot {
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

/// Runs the rest of a call that the test has polled.
pub(crate) fn finish<F: Future>(time: &VirtualTime, mut call: Polled<F>) -> F::Output {
    loop {
        if let Poll::Ready(output) = call.poll() {
            return output;
        }
        time.advance_to_next().expect("the call waits");
    }
}
