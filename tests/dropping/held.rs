//! The parts of a run, and all that it may hold.

use super::guards::{Ledger, Turnstile};
use persevere::cancel::Cancellable;
use persevere::{CancelToken, Sleeper, Stats};
use persevere_testkit::{AsyncVirtualTime, Recorder, VirtualTime};
use persevere_tests::live::{Counted, Live};
use persevere_tests::script::{Call, Script, scripted};

/// The parts of a run, and all that it may hold.
pub(super) struct Held {
    pub(super) time: VirtualTime,
    pub(super) sleeps: Live,
    pub(super) sleeper: Cancellable<Counted<AsyncVirtualTime>>,
    pub(super) script: Script,
    pub(super) recorder: Recorder,
    pub(super) stats: Stats,
    pub(super) breaker: Turnstile,
    pub(super) budget: Ledger,
}

impl Held {
    pub(super) fn new(calls: &[Call]) -> Held {
        let (time, sleeps) = (VirtualTime::new(), Live::new());
        Held {
            sleeper: Counted::new(time.asynchronous(), &sleeps).cancelled_by(&CancelToken::new()),
            script: scripted(&time, calls),
            recorder: Recorder::on(&time),
            stats: Stats::new(),
            breaker: Turnstile::default(),
            budget: Ledger::default(),
            sleeps,
            time,
        }
    }

    /// Counts all that exists only while a run waits or makes an attempt: attempts, sleeps, timers, permits,
    /// withdrawals for retries that were not made. If runs come to hold anything else, it must be counted here.
    pub(super) fn left(&self) -> [usize; 5] {
        let (attempts, sleeps, timers) = (self.script.running(), self.sleeps.count(), self.time.pending());
        [attempts, sleeps, timers, self.breaker.inside(), self.budget.owed()]
    }

    /// Checks that statistics, breaker and budget agree with the events of a run that is over, or was dropped.
    pub(super) fn agrees(&self, over: bool) {
        let stats = self.stats.snapshot();
        assert_eq!(stats.attempts, u64::from(self.recorder.attempts()), "{stats}");
        assert_eq!(stats.ended(), u64::from(over), "{stats}");
        let abandoned = self.breaker.abandoned();
        assert!(abandoned <= usize::from(!over), "{abandoned} permits were dropped");
        assert!(self.budget.told_ends() <= usize::from(over), "a dropped run has no end");
    }
}
