//! The callers of a simulation: the client processes and the replicas that call other services, with their guards.

use crate::candidate::{Candidate, Metered, Place};
use crate::draws::{Draws, Stream};
use crate::fault::{Fault, Faults};
use crate::scenario::Scenario;
use crate::time::SimulatedClock;
use core::time::Duration;
use persevere_breaker::{SharedBreaker, State};
use persevere_config::SharedLimit;
use persevere_core::budget::Class;
use persevere_core::policy::Seeded;
use persevere_core::run::{Budgeted, FirstAsked, Gated, Paced, Steps};
use persevere_core::{Observer, Policy, SharedPolicy};

/// The limits of one run: the limit that it waits for, and the limit that rejects.
type Limits = (((), Paced<Option<SharedLimit>>), Gated<Option<SharedLimit>, FirstAsked>);

/// The guards of one run: its limits, its breaker, and its budget.
type Guards<'a> = (
    (Limits, Gated<Option<SharedBreaker<Faults>>>),
    Budgeted<Option<&'a dyn Metered>, fn(&Fault) -> Class>,
);

/// A run on simulated time.
pub(crate) type SimulatedRun<'a> = Steps<
    Seeded<&'a SharedPolicy<Fault>>,
    SimulatedClock<'a>,
    ((), Option<&'a dyn Observer<Fault>>),
    Guards<'a>,
    Fault,
>;

/// A process, with its guards.
#[derive(Debug)]
struct Process {
    budget: Option<Box<dyn Metered>>,
    breaker: Option<SharedBreaker<Faults>>,
    pace: Option<SharedLimit>,
    bulkhead: Option<SharedLimit>,
}

/// All callers of one service with one policy: the client processes, or the replicas of a service.
#[derive(Debug)]
pub(crate) struct Callers {
    /// The service that they call.
    pub(crate) target: usize,
    policy: SharedPolicy<Fault>,
    count: u32,
    /// Empty if they have no guards.
    // perf: an access to one of many processes is a miss of the cache (`examples/speed`).
    processes: Vec<Process>,
    /// After how many nanoseconds a caller gives up an attempt.
    pub(crate) timeout: Option<u64>,
    is_candidate: bool,
}

/// All callers: the clients first, then the callers of each service that calls another.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) callers: Vec<Callers>,
    /// The callers that are in front of each service's own calls; `None` for a service that calls nothing.
    pub(crate) behind: Vec<Option<usize>>,
}

impl Fleet {
    pub(crate) fn new(scenario: &Scenario, candidate: &Candidate, seed: u64) -> Fleet {
        let mut guards = Draws::new(seed, Stream::Guards);
        let last = scenario.services.len() - 1;
        let mut callers = vec![Callers::new(
            candidate,
            candidate.callers() != Place::Innermost || last == 0,
            0,
            scenario.processes,
            scenario.timeout,
            &mut guards,
        )];
        let mut behind = Vec::new();
        for service in &scenario.services {
            let target = service.calls.as_ref().and_then(|name| scenario.index_of(name));
            behind.push(target.map(|target| {
                let uses = match candidate.callers() {
                    Place::Everywhere => true,
                    Place::Outermost => false,
                    Place::Innermost => target == last,
                };
                let timeout = service.timeout.or(scenario.timeout);
                callers.push(Callers::new(
                    candidate,
                    uses,
                    target,
                    service.replicas,
                    timeout,
                    &mut guards,
                ));
                callers.len() - 1
            }));
        }
        Fleet { callers, behind }
    }

    /// The callers whose guards a report shows.
    pub(crate) fn shown(&self) -> Option<&Callers> {
        self.callers.iter().find(|callers| callers.is_candidate)
    }
}

impl Callers {
    fn new(
        candidate: &Candidate,
        is_candidate: bool,
        target: usize,
        processes: u32,
        timeout: Option<u64>,
        guards: &mut Draws,
    ) -> Callers {
        let process = |guards: &mut Draws| {
            let seeds = [guards.bits(), guards.bits()];
            Process {
                budget: candidate.make_budget(seeds[0]).filter(|_| is_candidate),
                breaker: candidate.make_breaker(seeds[1]).filter(|_| is_candidate),
                pace: candidate.make_pace().filter(|_| is_candidate),
                bulkhead: candidate.make_bulkhead().filter(|_| is_candidate),
            }
        };
        let policy = if is_candidate {
            candidate.policy().clone()
        } else {
            let once = Policy::fixed(Duration::ZERO).max_attempts(1);
            once.with_classifier(Faults).shared()
        };
        // The shorter of the two limits binds. A run applies the limit of its policy.
        let own = policy.limits().attempt_timeout().map(crate::time::nanos);
        Callers {
            target,
            count: processes,
            processes: match candidate.has_guards() {
                true => (0..processes).map(|_| process(guards)).collect(),
                false => Vec::new(),
            },
            timeout: match (own, timeout) {
                (Some(own), Some(timeout)) => Some(own.min(timeout)),
                (own, timeout) => own.or(timeout),
            },
            policy,
            is_candidate,
        }
    }

    /// Whether an attempt may have to end before its timeout, because the time of the whole run is limited.
    pub(crate) fn is_limited(&self) -> bool {
        self.policy.limits().max_elapsed().is_some()
    }

    pub(crate) fn len(&self) -> u32 {
        self.count
    }

    /// A run of a process.
    #[inline]
    pub(crate) fn run<'a>(
        &'a self,
        process: u32,
        seed: u64,
        clock: SimulatedClock<'a>,
        observer: Option<&'a dyn Observer<Fault>>,
    ) -> SimulatedRun<'a> {
        let process = self.processes.get(process as usize);
        let breaker = process.and_then(|process| process.breaker.clone());
        let pace = process.and_then(|process| process.pace.clone());
        let bulkhead = process.and_then(|process| process.bulkhead.clone());
        let budget = process.and_then(|process| process.budget.as_deref());
        self.policy
            .on(clock)
            .seed(seed)
            .observe(observer)
            .pace(pace)
            .bulkhead(bulkhead)
            .breaker(breaker)
            .budget_by(budget, Fault::class as fn(&Fault) -> Class)
            .steps()
    }

    /// The share of breakers that are not closed, and the mean level of the budgets, `None` where there is none.
    pub(crate) fn gauges(&self, now: Duration) -> (Option<f64>, Option<f64>) {
        // A sample is enough for a picture.
        let sample = &self.processes[..self.processes.len().min(64)];
        let mean = |values: &mut dyn Iterator<Item = f64>| {
            let (mut sum, mut count) = (0.0, 0u32);
            for value in values {
                sum += value;
                count += 1;
            }
            (count > 0).then(|| sum / f64::from(count))
        };
        let breakers = sample.iter().filter_map(|process| process.breaker.as_ref());
        let open = breakers.map(|breaker| match breaker.state(now) {
            State::Closed | State::ForcedClosed => 0.0,
            State::HalfOpen => 0.5,
            _ => 1.0,
        });
        let budgets = sample.iter().filter_map(|process| process.budget.as_ref());
        let level = budgets.filter_map(|budget| budget.level(now));
        (mean(&mut { open }), mean(&mut { level }))
    }
}

impl core::fmt::Debug for dyn Metered {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Metered")
    }
}
