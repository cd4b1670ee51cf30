//! The engine: it takes the next event, sets the clock, and steps the run or the server that the event concerns.

use crate::agenda::Agenda;
use crate::candidate::Candidate;
use crate::draws::{Draws, Stream};
use crate::fault::Fault;
use crate::fleet::{Fleet, SimulatedRun};
use crate::outcome::Outcome;
use crate::recording::Recording;
use crate::scenario::{Arrivals, Scenario};
use crate::server::{Entry, Exit, Health, Server};
use crate::slab::Slab;
use crate::time::{SECOND, SimulatedClock, nanos};
use core::cell::Cell;
use core::time::Duration;
use persevere_core::{Observer, Step};
use std::sync::atomic::{AtomicBool, Ordering};

/// No parent, no ticket.
const NONE: u32 = 0;

/// An event to come.
#[derive(Debug, Clone, Copy)]
enum Event {
    /// Clients call, unless their rate has changed since.
    Arrival {
        epoch: u32,
    },
    /// The timeout of an attempt is over.
    TimedOut {
        call: u32,
        ticket: u32,
    },
    /// A run has waited for its next attempt.
    Woke {
        call: u32,
    },
    /// A worker has served a job.
    Served {
        job: u32,
    },
    /// A reply has arrived.
    Replied {
        job: u32,
    },
    Begins {
        trigger: u32,
    },
    Ends {
        trigger: u32,
    },
    /// A second is over.
    Second,
}

/// A run of a caller.
#[derive(Debug)]
struct Call<'a> {
    run: SimulatedRun<'a>,
    began: u64,
    callers: u32,
    /// The ticket of the attempt that is being made; `NONE` while the run waits.
    ticket: u32,
    /// One more than the job at a service that makes the call; `NONE` for a client.
    parent: u32,
}

/// An attempt at a service.
#[derive(Debug)]
struct Job {
    call: u32,
    ticket: u32,
    server: u32,
    outcome: Result<(), Fault>,
    /// Whether a worker waits until the service behind has replied.
    holds_worker: bool,
}

/// One simulation.
pub(crate) struct Engine<'a> {
    scenario: &'a Scenario,
    fleet: &'a Fleet,
    clock: SimulatedClock<'a>,
    observer: Option<&'a dyn Observer<Fault>>,
    agenda: Agenda<Event>,
    calls: Slab<Call<'a>>,
    jobs: Slab<Job>,
    servers: Vec<Server>,
    /// The first server of each service.
    first: Vec<u32>,
    /// The theoretical arrival time of each rate limit.
    limits: Vec<u64>,
    /// The keys that each cache holds.
    caches: Vec<Vec<bool>>,
    active: Vec<bool>,
    demand: f64,
    epoch: u32,
    turn: u32,
    tickets: u32,
    recording: Recording,
    arrivals: Draws,
    processes: Draws,
    runs: Draws,
    service: Draws,
    errors: Draws,
    replicas: Draws,
    keys: Draws,
}

impl<'a> Engine<'a> {
    /// Simulates a valid scenario; `None` if it was stopped.
    pub(crate) fn simulate(
        scenario: &Scenario,
        candidate: &Candidate,
        seed: u64,
        observer: Option<&dyn Observer<Fault>>,
        stop: &AtomicBool,
    ) -> Option<Outcome> {
        let clock = Cell::new(0);
        let fleet = Fleet::new(scenario, candidate, seed);
        let mut engine = Engine::new(scenario, &fleet, SimulatedClock(&clock), observer, seed);
        let events = engine.run(stop)?;
        Some(Outcome::new(scenario, seed, engine.recording, events))
    }

    fn new(
        scenario: &'a Scenario,
        fleet: &'a Fleet,
        clock: SimulatedClock<'a>,
        observer: Option<&'a dyn Observer<Fault>>,
        seed: u64,
    ) -> Engine<'a> {
        let services = &scenario.services;
        let times = services.iter().filter_map(|service| service.time.fixed());
        let latencies = services.iter().map(|service| service.latency);
        let timeouts = fleet.callers.iter().filter_map(|callers| callers.timeout);
        let delays = times.chain(timeouts).chain(latencies);
        let mut servers = Vec::new();
        let mut first = Vec::new();
        for (index, service) in services.iter().enumerate() {
            first.push(servers.len() as u32);
            servers.extend((0..service.replicas).map(|replica| Server::new(index, replica, service)));
        }
        let caches = services.iter().map(|service| match service.cache {
            Some(cache) => vec![true; cache.keys as usize],
            None => Vec::new(),
        });
        let draws = |stream| Draws::new(seed, stream);
        let mut engine = Engine {
            scenario,
            fleet,
            clock,
            observer,
            agenda: Agenda::new(delays.filter(|delay| *delay > 0)),
            calls: Slab::new(),
            jobs: Slab::new(),
            servers,
            first,
            limits: vec![0; services.len()],
            caches: caches.collect(),
            active: vec![false; scenario.triggers.len()],
            demand: scenario.demand,
            epoch: 0,
            turn: 0,
            tickets: NONE,
            recording: Recording::new(),
            arrivals: draws(Stream::Arrivals),
            processes: draws(Stream::Processes),
            runs: draws(Stream::Runs),
            service: draws(Stream::Service),
            errors: draws(Stream::Errors),
            replicas: draws(Stream::Replicas),
            keys: draws(Stream::Keys),
        };
        for (index, trigger) in scenario.triggers.iter().enumerate() {
            let trigger_index = index as u32;
            engine
                .agenda
                .add(0, trigger.at, Event::Begins { trigger: trigger_index });
            engine
                .agenda
                .add(0, trigger.end(), Event::Ends { trigger: trigger_index });
        }
        engine.agenda.add(0, SECOND, Event::Second);
        engine.expect_arrival();
        engine
    }

    #[inline]
    fn now(&self) -> u64 {
        self.clock.0.get()
    }

    /// Handles events until the end, and returns how many; `None` if it was stopped.
    fn run(&mut self, stop: &AtomicBool) -> Option<u64> {
        let mut events = 0u64;
        while let Some((at, event)) = self.agenda.next() {
            if at > self.scenario.duration {
                break;
            }
            if events % 4096 == 0 && stop.load(Ordering::Relaxed) {
                return None;
            }
            events += 1;
            self.clock.0.set(at);
            self.handle(event);
        }
        Some(events)
    }

    #[inline]
    fn handle(&mut self, event: Event) {
        match event {
            Event::Arrival { epoch } => {
                if epoch == self.epoch {
                    self.call_by_client();
                    self.expect_arrival();
                }
            }
            Event::TimedOut { call, ticket } => self.time_out(call, ticket),
            Event::Woke { call } => {
                self.recording.waiting -= 1;
                self.begin(call);
            }
            Event::Served { job } => self.served(job),
            Event::Replied { job } => self.deliver(job),
            Event::Begins { trigger } => self.disturb(trigger, true),
            Event::Ends { trigger } => self.disturb(trigger, false),
            Event::Second => self.turn_second(),
        }
    }

    /// Plans the next call of the clients.
    #[inline]
    fn expect_arrival(&mut self) {
        let now = self.now();
        let delay = match &self.scenario.arrivals {
            Arrivals::Trace(times) => {
                let Some(time) = times.get(self.turn as usize) else {
                    return;
                };
                nanos(*time).saturating_sub(now)
            }
            _ if self.demand <= 0.0 => return,
            Arrivals::Constant => (SECOND as f64 / self.demand) as u64,
            Arrivals::Poisson => self.arrivals.exponential(SECOND as f64 / self.demand) as u64,
        };
        let epoch = self.epoch;
        self.agenda.add(now, delay, Event::Arrival { epoch });
    }

    #[inline]
    fn call_by_client(&mut self) {
        let count = self.fleet.callers[0].len();
        let process = match self.scenario.arrivals {
            Arrivals::Constant => self.turn % count,
            _ => self.processes.below(count),
        };
        self.turn = self.turn.wrapping_add(1);
        self.recording.now.requests += 1;
        self.start(0, process, NONE);
    }

    /// Starts a run of a caller.
    #[inline]
    fn start(&mut self, callers: u32, process: u32, parent: u32) {
        let fleet: &'a Fleet = self.fleet;
        let seed = self.runs.bits();
        let observer = self.observer.filter(|_| parent == NONE);
        let run = fleet.callers[callers as usize].run(process, seed, self.clock, observer);
        let call = self.calls.insert(Call {
            run,
            began: self.now(),
            callers,
            ticket: NONE,
            parent,
        });
        self.begin(call);
    }

    /// Asks the guards for the next attempt, and makes it.
    #[inline]
    fn begin(&mut self, id: u32) {
        let call = self.calls.at(id);
        if let Err(step) = call.run.begin() {
            self.recording.now.rejected += 1;
            return self.follow(id, step);
        }
        self.tickets = self.tickets.wrapping_add(1).max(1);
        let ticket = self.tickets;
        call.ticket = ticket;
        let callers = &self.fleet.callers[call.callers as usize];
        let timeout = if callers.is_limited() {
            let left = call.run.interrupt_after().map(nanos);
            left.map_or(callers.timeout, |left| {
                Some(callers.timeout.map_or(left, |timeout| timeout.min(left)))
            })
        } else {
            callers.timeout
        };
        if let Some(timeout) = timeout {
            self.agenda
                .add(self.clock.0.get(), timeout, Event::TimedOut { call: id, ticket });
        }
        self.arrive(callers.target, id, ticket);
    }

    /// An attempt arrives at a service.
    #[inline]
    fn arrive(&mut self, target: usize, call: u32, ticket: u32) {
        let scenario: &'a Scenario = self.scenario;
        let service = &scenario.services[target];
        let now = self.now();
        if target + 1 == scenario.services.len() {
            self.recording.now.attempts += 1;
        }
        let replica = if service.replicas > 1 {
            self.replicas.below(service.replicas)
        } else {
            0
        };
        let server = self.first[target] + replica;
        let job = self.jobs.insert(Job {
            call,
            ticket,
            server,
            outcome: Ok(()),
            holds_worker: false,
        });
        if let Some(limit) = service.rate_limit {
            // The generic cell rate algorithm.
            let due = self.limits[target].max(now);
            let tolerance = limit.interval * (limit.burst - 1);
            if due > now + tolerance {
                let left = due - now - tolerance;
                let retry_after = Duration::from_nanos(limit.retry_after.unwrap_or(left));
                return self.reply(job, Err(Fault::RateLimited { retry_after }));
            }
            self.limits[target] = due + limit.interval;
        }
        let server = &mut self.servers[server as usize];
        if server.health.is_down {
            return self.reply(job, Err(Fault::Refused));
        }
        match server.enter(job, now) {
            Entry::Starts => self.serve(job),
            Entry::Waits => {}
            Entry::Rejected => self.reply(job, Err(Fault::Overloaded)),
            Entry::Displaces(oldest) => self.reply(oldest, Err(Fault::Overloaded)),
        }
    }

    /// A worker begins to serve a job.
    #[inline]
    fn serve(&mut self, job: u32) {
        let server = &self.servers[self.jobs.at(job).server as usize];
        let service = &self.scenario.services[server.service];
        let mut time = service.time.draw(&mut self.service);
        if let Some(cache) = service.cache {
            let key = self.keys.below(cache.keys) as usize;
            let holds = &mut self.caches[server.service][key];
            if *holds {
                time = (time as f64 * cache.hit) as u64;
            }
            // A miss is in the cache once it has been looked up, whether or not the client is still there.
            *holds = true;
        }
        if server.health.speed != 1.0 {
            time = (time as f64 / server.health.speed) as u64;
        }
        self.agenda.add(self.clock.0.get(), time, Event::Served { job });
    }

    /// A worker has served a job: it calls the service behind, or replies.
    #[inline]
    fn served(&mut self, id: u32) {
        let job = self.jobs.at(id);
        let server = &self.servers[job.server as usize];
        let rate = server.health.error_rate;
        let fails = rate > 0.0 && self.errors.happens(rate);
        if let (false, Some(callers)) = (fails, self.fleet.behind[server.service]) {
            let replica = server.replica;
            let holds_worker = !self.scenario.services[server.service].frees_worker;
            job.holds_worker = holds_worker;
            if !holds_worker {
                let server = job.server;
                self.release(server);
            }
            return self.start(callers as u32, replica, id + 1);
        }
        let server = job.server;
        self.reply(id, if fails { Err(Fault::Failed) } else { Ok(()) });
        self.release(server);
    }

    /// A worker is free for the next call.
    #[inline]
    fn release(&mut self, server: u32) {
        self.servers[server as usize].leave();
        self.serve_waiting(server);
    }

    fn serve_waiting(&mut self, server: u32) {
        let now = self.now();
        while let Some(exit) = self.servers[server as usize].next(now) {
            match exit {
                Exit::Starts(job) => self.serve(job),
                Exit::Shed(job) => self.reply(job, Err(Fault::Overloaded)),
            }
        }
    }

    /// Sends the outcome of a job to its caller.
    #[inline]
    fn reply(&mut self, id: u32, outcome: Result<(), Fault>) {
        let job = self.jobs.at(id);
        job.outcome = outcome;
        let latency = self.servers[job.server as usize].health.latency;
        if latency == 0 {
            self.deliver(id);
        } else {
            self.agenda.add(self.clock.0.get(), latency, Event::Replied { job: id });
        }
    }

    /// A caller receives the outcome of its attempt, if it still waits for it.
    #[inline]
    fn deliver(&mut self, job: u32) {
        let Job {
            call: id,
            ticket,
            outcome,
            ..
        } = self.jobs.remove(job);
        let call = self.calls.get_mut(id).filter(|call| call.ticket == ticket);
        let Some(call) = call else {
            self.recording.now.wasted += u32::from(outcome.is_ok());
            return;
        };
        call.ticket = NONE;
        match call.run.settle(&outcome) {
            None => self.end(id, true),
            Some(step) => self.follow(id, step),
        }
    }

    /// A caller gives up an attempt. The service does not notice.
    #[inline]
    fn time_out(&mut self, id: u32, ticket: u32) {
        let call = self.calls.get_mut(id).filter(|call| call.ticket == ticket);
        if let Some(call) = call {
            call.ticket = NONE;
            let step = call.run.timed_out::<()>();
            self.recording.now.timed_out += 1;
            self.follow(id, step);
        }
    }

    #[inline]
    fn follow(&mut self, call: u32, step: Step) {
        match step {
            Step::Wait(delay) => {
                self.recording.waiting += 1;
                self.agenda.add(self.clock.0.get(), nanos(delay), Event::Woke { call });
            }
            Step::Stop(_) => self.end(call, false),
        }
    }

    /// A run has ended. A service that made it replies to its own caller.
    #[inline]
    fn end(&mut self, call: u32, succeeded: bool) {
        let call = self.calls.remove(call);
        if call.parent == NONE {
            if succeeded {
                self.recording.succeeded(self.clock.0.get() - call.began);
            } else {
                self.recording.now.failed += 1;
            }
            return;
        }
        let id = call.parent - 1;
        let job = self.jobs.at(id);
        let held = job.holds_worker.then_some(job.server);
        self.reply(id, if succeeded { Ok(()) } else { Err(Fault::Failed) });
        if let Some(server) = held {
            self.release(server);
        }
    }

    /// A trigger begins or ends.
    #[cold]
    fn disturb(&mut self, trigger: u32, begins: bool) {
        self.active[trigger as usize] = begins;
        let scenario: &'a Scenario = self.scenario;
        let active = || {
            let triggers = scenario.triggers.iter().zip(&self.active);
            triggers.filter_map(|(trigger, active)| active.then_some(trigger))
        };
        let demand = scenario.demand * active().filter_map(|trigger| trigger.demand).product::<f64>();
        let last = scenario.services.len() - 1;
        for server in &mut self.servers {
            let service = &scenario.services[server.service];
            let mut health = Health {
                speed: 1.0,
                error_rate: service.error_rate,
                latency: service.latency,
                is_down: false,
            };
            for trigger in active() {
                let named = trigger.service.as_ref().and_then(|name| scenario.index_of(name));
                let is_meant = named.unwrap_or(last) == server.service
                    && trigger.replica.is_none_or(|replica| replica == server.replica);
                if is_meant {
                    health.speed *= trigger.capacity.unwrap_or(1.0);
                    health.error_rate = health.error_rate.max(trigger.error_rate.unwrap_or(0.0));
                    health.latency += trigger.latency.unwrap_or(0);
                    health.is_down |= trigger.is_down;
                }
            }
            server.health = health;
        }
        if begins {
            let trigger = &scenario.triggers[trigger as usize];
            if trigger.empties_cache {
                self.caches.iter_mut().for_each(|cache| cache.fill(false));
            }
            for _ in 0..trigger.burst {
                self.call_by_client();
            }
        }
        if demand != self.demand {
            self.demand = demand;
            self.epoch += 1;
            self.expect_arrival();
        }
        for server in 0..self.servers.len() as u32 {
            self.serve_waiting(server);
        }
    }

    #[cold]
    fn turn_second(&mut self) {
        let now = Duration::from_nanos(self.now());
        let (open, budget) = self.fleet.shown().map_or((None, None), |callers| callers.gauges(now));
        let queued = self.servers.iter().map(Server::waiting).sum();
        self.recording.turn(queued, open, budget);
        self.agenda.add(self.now(), SECOND, Event::Second);
    }
}
