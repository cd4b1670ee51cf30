//! The state of a quota in a process, and its requests to the server.

use super::lease::Lease;
use super::window::Window;
use crate::keep::Next;
use crate::link::{Answer, Request, Source};
use crate::random;
use crate::status::{Cause, Status};
use persevere_core::gate::Rejected;
use redis::Script;
use std::process;
use std::time::Duration;

static SCRIPT: Source = Source::new(|| Script::new(include_str!("../quota.lua")));

/// In how many slices each member reports at least twice, unless that is shorter than two seconds.
const EPOCH: u64 = 8;
/// For how many slices permits that go back wait for the next request, while there is little and while there is plenty.
const RETURN_AFTER: [u64; 2] = [3, 16];
/// For how many slices a lease is valid at most.
const LONGEST: u32 = 16;
/// In how many places the server keeps its last answers.
const PLACES: u64 = 4096;
/// After how long a server that failed is asked again, in nanoseconds; up to twice as long, so that the processes do not all
/// ask at once.
const ASK_AGAIN: u64 = 500_000_000;
/// The largest number that Lua keeps exactly.
const LARGEST: u64 = 1 << 53;

/// The settings of a quota.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) key: String,
    pub(crate) quota: u32,
    pub(crate) batch: u32,
    pub(crate) processes: u32,
    /// The length of a slice, in microseconds.
    pub(crate) slice: u64,
    /// How many slices count: a period, and two in which permits may still be used.
    pub(crate) counting: u32,
    /// The life of the key, in milliseconds.
    pub(crate) life: u64,
    /// After how long the server counts as slow, in nanoseconds.
    pub(crate) slow: u64,
}

/// Where the permits of a place come from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// The server, in this slice of its clock.
    Server(i64),
    /// The share of this process.
    Own,
}

/// What a place of the lease holds.
#[derive(Debug, Clone, Copy)]
struct Batch {
    origin: Origin,
    /// The slice of the process's clock in which it was taken.
    slice: u64,
}

/// A request that is not answered yet, in words of the script.
#[derive(Debug, Clone)]
struct Sent {
    returned: u32,
    lease: i64,
    wanted: u32,
    needed: u32,
    /// What this process has taken in the slices that count.
    own: u64,
    /// For how many slices the lease is wanted.
    slices: u32,
    /// How many slices ago the server was asked for its last answer; a large number if it has not answered yet.
    since: u64,
    /// What was spent without a lease, up to this slice of the process's clock: how many slices ago, and permits.
    spent: Vec<(u32, u32)>,
    slice: u64,
}

/// The permits that were used up to a point in time.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    used: u64,
    at: u64,
}

/// The state of a quota in a process.
#[derive(Debug)]
pub(crate) struct Ledger {
    settings: Settings,
    status: Status,
    /// Whether the keeper is missing for so long that nobody waits for it.
    is_alone: bool,
    /// The number of this process, which a fork does not share.
    id: u64,
    /// Where the server keeps its last answer to this process.
    place: u64,
    process: u32,
    /// The number of the last request.
    number: u64,
    /// The last request, until it is answered: the server may have granted it already, and then repeats its answer to this
    /// number.
    sent: Option<Sent>,
    /// When it was sent, `None` if nobody waits for its answer.
    asked: Option<u64>,
    /// When the server answered last, and when it was asked for that answer.
    heard: Option<u64>,
    answered: Option<u64>,
    /// The time before which the server is not asked.
    due: u64,
    /// The processes, according to the server.
    members: u32,
    /// The last grant, and when it arrived.
    grant: (u32, u64),
    batches: [Option<Batch>; 2],
    /// Permits of leases that go back to the server: how many, and the slice.
    returns: Vec<(u32, i64)>,
    /// Since when there are any.
    returns_since: u64,
    /// All that this process has taken.
    own: Window,
    /// Of these, what was not reported to the server yet.
    unknown: Window,
    /// The permits that a caller waits for, and since when.
    needed: u32,
    needed_since: Option<u64>,
    /// The weight of the last call that waited.
    weight: u32,
    /// The permits that were taken, less those that went back.
    granted: u64,
    /// How many of them were used at two points in time, eight slices apart or more, for the rate.
    marks: [Mark; 2],
    /// Below which number of permits more are asked for.
    low: u32,
    /// Whether less than an eighth of the quota is left.
    is_scarce: bool,
    counts: Counts,
}

/// What a process has counted of a quota.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) requests: u64,
    pub(crate) faults: u64,
    pub(crate) leased: u64,
    pub(crate) returned: u64,
    pub(crate) own: u64,
}

impl Ledger {
    pub(crate) fn new(settings: Settings) -> Ledger {
        let width = settings.slice * 1_000;
        Ledger {
            status: Status::Local(Cause::NotKept),
            is_alone: false,
            id: random::below(LARGEST),
            place: random::below(PLACES),
            process: process::id(),
            number: 0,
            sent: None,
            asked: None,
            heard: None,
            answered: None,
            due: 0,
            members: 1,
            grant: (0, 0),
            batches: [None; 2],
            returns: Vec::new(),
            returns_since: 0,
            own: Window::new(width, settings.counting),
            unknown: Window::new(width, settings.counting),
            needed: 0,
            needed_since: None,
            granted: 0,
            weight: 0,
            marks: [Mark::default(); 2],
            low: 0,
            is_scarce: false,
            counts: Counts::default(),
            settings,
        }
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }

    /// Whether permits come from the server, if only those of the share, or are about to.
    fn is_linked(&self) -> bool {
        match self.status {
            Status::Shared | Status::Local(Cause::Settling) => true,
            Status::Local(Cause::NotKept) => !self.is_alone,
            Status::Local(_) => false,
        }
    }

    pub(crate) fn counts(&self) -> Counts {
        self.counts
    }

    pub(crate) fn members(&self) -> u32 {
        self.members
    }

    /// The length of a slice, in nanoseconds.
    fn width(&self) -> u64 {
        self.settings.slice * 1_000
    }

    /// The permits that this process may take without the server, in any period.
    pub(crate) fn share(&self) -> u32 {
        let processes = self.members.max(self.settings.processes);
        (self.settings.quota / processes).max(1)
    }

    /// Called when a lease has too few permits for a caller: takes them from the share of this process if the server is not
    /// there.
    ///
    /// # Errors
    ///
    /// When to ask again.
    pub(crate) fn short(&mut self, lease: &Lease, permits: u32, now: u64) -> Result<(), Rejected> {
        let since = *self.needed_since.get_or_insert(now);
        self.needed = self.needed.max(permits);
        self.weight = permits;
        if self.is_linked() && now.saturating_sub(since.max(self.due)) > 2 * self.settings.slow {
            (self.status, self.is_alone) = (Status::Local(Cause::NotKept), true);
        }
        if self.is_linked() {
            return Err(Rejected::for_now(Duration::from_nanos(self.due.saturating_sub(now))));
        }
        if self.take_own(lease, permits, now) {
            (self.needed, self.needed_since) = (0, None);
            return Ok(());
        }
        let next = self.own.slice(now).saturating_add(1).saturating_mul(self.width());
        Err(Rejected::for_now(Duration::from_nanos(next.saturating_sub(now))))
    }

    /// Fills a place from the share of this process.
    fn take_own(&mut self, lease: &Lease, permits: u32, now: u64) -> bool {
        self.empty_ended(lease, now);
        let at = self.place(lease);
        self.empty(lease, at, now);
        let left = u64::from(self.share()).saturating_sub(self.own.sum(now));
        let batch = self.settings.batch.min((self.share() / 8).max(1)).max(permits);
        let taken = batch.min(u32::try_from(left).unwrap_or(u32::MAX));
        if taken < permits {
            return false;
        }
        let until = self.own.valid_until(now);
        self.unknown.add(taken, until, now);
        self.counts.own += u64::from(taken);
        self.fill(lease, at, taken, until, Origin::Own, now);
        true
    }

    fn fill(&mut self, lease: &Lease, at: usize, permits: u32, until: u64, origin: Origin, now: u64) {
        let slice = self.own.add(permits, until, now);
        self.batches[at] = Some(Batch { origin, slice });
        self.granted += u64::from(permits);
        lease.fill(at, permits, until);
    }

    /// Empties a place. What is left goes back to where it came from.
    fn empty(&mut self, lease: &Lease, at: usize, now: u64) {
        let Some(batch) = self.batches[at].take() else {
            return;
        };
        let left = lease.empty(at);
        if left == 0 {
            return;
        }
        self.granted -= u64::from(left);
        self.own.remove(left, batch.slice);
        match batch.origin {
            Origin::Own => {
                self.unknown.remove(left, batch.slice);
                self.counts.own -= u64::from(left);
            }
            Origin::Server(slice) => self.give_back(left, slice, now),
        }
    }

    /// When permits go back even if none are asked for.
    fn returns_due(&self) -> Option<u64> {
        let due = self
            .returns_since
            .saturating_add(RETURN_AFTER[usize::from(!self.is_scarce)] * self.width());
        (!self.returns.is_empty()).then_some(due)
    }

    fn give_back(&mut self, permits: u32, slice: i64, now: u64) {
        if self.returns.is_empty() {
            self.returns_since = now;
        }
        self.counts.returned += u64::from(permits);
        match self.returns.iter_mut().find(|(_, of)| *of == slice) {
            Some((same, _)) => *same += permits,
            None => self.returns.push((permits, slice)),
        }
    }

    /// Empties the places whose time has passed.
    fn empty_ended(&mut self, lease: &Lease, now: u64) {
        for at in Lease::places() {
            if now >= lease.until(at) {
                self.empty(lease, at, now);
            }
        }
    }

    /// The place to fill: an empty one, or else the one with the fewest permits.
    fn place(&self, lease: &Lease) -> usize {
        let places = Lease::places();
        places.min_by_key(|at| lease.held(*at)).unwrap_or_default()
    }

    /// What to do next.
    pub(crate) fn next(&mut self, lease: &Lease, now: u64) -> Next {
        self.after_fork(lease);
        let wait = |until: u64| Next::Wait(Duration::from_nanos(until.saturating_sub(now).max(1_000_000)));
        if let Some(asked) = self.asked {
            // By another keeper.
            let lost = asked.saturating_add(4 * self.settings.slow);
            if now < lost {
                return wait(lost);
            }
            self.asked = None;
        }
        if now < self.due {
            return wait(self.due);
        }
        let returned = self.sent.as_ref().map(|sent| (sent.returned, sent.lease));
        let Some(sent) = self.plan(lease, now, returned) else {
            lease.ask_below(self.low);
            return wait(self.next_time(lease));
        };
        if self.sent.is_none() {
            self.number += 1;
        }
        self.asked = Some(now);
        self.counts.requests += 1;
        let request = self.request(&sent);
        self.sent = Some(sent);
        Next::Ask(request)
    }

    /// The next request, `None` if there is nothing to ask for. `repeated` is what an unanswered request has returned.
    fn plan(&mut self, lease: &Lease, now: u64, repeated: Option<(u32, i64)>) -> Option<Sent> {
        let is_silent = self
            .heard
            .is_none_or(|heard| now >= heard.saturating_add(self.heartbeat()));
        self.empty_ended(lease, now);
        self.mark(lease, now);
        if self.is_linked() {
            let is_due = self.returns_due().is_some_and(|due| now >= due) || self.unknown.sum(now) > 0;
            if repeated.is_none() && !is_silent && !is_due && self.wanted(lease, now).0 == 0 {
                return None;
            }
        } else {
            for at in Lease::places() {
                if self.batches[at].is_some_and(|batch| matches!(batch.origin, Origin::Own)) {
                    self.empty(lease, at, now);
                }
            }
        }
        let (wanted, slices) = self.wanted(lease, now);
        if wanted > 0 && Lease::places().all(|at| lease.held(at) > 0) {
            self.empty(lease, self.place(lease), now);
        }
        let (returned, slice) = repeated.or_else(|| self.returns.pop()).unwrap_or_default();
        Some(Sent {
            returned,
            lease: slice,
            wanted,
            // Not a few permits at a time, where a batch is wanted.
            needed: self.needed.max(wanted.min(self.settings.batch)),
            own: self.own.sum(now),
            slices,
            since: self.since(now),
            spent: self.unknown.entries(now),
            slice: self.unknown.slice(now),
        })
    }

    /// How many permits were used up to now.
    fn used(&self, lease: &Lease, now: u64) -> u64 {
        self.granted.saturating_sub(u64::from(lease.left(now)))
    }

    /// Marks what was used up to now, if the last mark is old enough.
    fn mark(&mut self, lease: &Lease, now: u64) {
        let mark = Mark {
            used: self.used(lease, now),
            at: now,
        };
        let slices = now.saturating_sub(self.marks[1].at) / self.width();
        if slices >= 8 {
            self.marks = if slices < 32 { [self.marks[1], mark] } else { [mark; 2] };
        }
    }

    /// How many permits to lease, and for how many slices: a batch, or as many as a slice uses. Less than a batch if so many
    /// are not used while a lease is valid. 0 if there are enough, or if none is expected to be used.
    fn wanted(&self, lease: &Lease, now: u64) -> (u32, u32) {
        let left = lease.left(now);
        // A single call is no rate.
        let used = self.used(lease, now).saturating_sub(self.marks[0].used);
        let used = used.saturating_sub(self.weight.max(1).into());
        let time = now.saturating_sub(self.marks[0].at).max(self.width() / 8);
        let longest = if self.is_scarce { 2 } else { LONGEST };
        let expected = u128::from(used) * u128::from(self.width()) * u128::from(longest) / u128::from(time);
        let expected = u32::try_from(expected).unwrap_or(u32::MAX);
        let most = (self.settings.quota / 8).max(self.settings.batch);
        let mut size = expected.min((expected / longest).max(self.settings.batch));
        if self.needed > 0 && used > 0 {
            // Callers wait, and not for the first time: as many again as were used at once.
            let (granted, at) = self.grant;
            let at_once = if now.saturating_sub(at) < self.width() {
                granted.saturating_mul(2)
            } else {
                0
            };
            size = size.max(self.settings.batch).max(at_once);
        }
        let size = size.min(most);
        let is_enough = self.needed == 0 && (size == 0 || left > 0 && left >= size / 2);
        if is_enough {
            return (0, 0);
        }
        let slices = (u64::from(size) * u64::from(longest)).div_ceil(u64::from(expected.max(1))) + 1;
        let slices = u32::try_from(slices).unwrap_or(longest).clamp(2, longest);
        (size.max(self.needed), slices)
    }

    /// How many slices ago the server was asked for its last answer, rounded up.
    fn since(&self, now: u64) -> u64 {
        let slices = |asked: u64| now.saturating_sub(asked) / self.width() + 1;
        self.answered.map_or(u64::from(u32::MAX), slices)
    }

    /// In how many slices each member reports at least twice.
    fn epoch(&self) -> u64 {
        EPOCH.max(2_000_000 / self.settings.slice)
    }

    /// After how long a process without demand reports that it is there.
    fn heartbeat(&self) -> u64 {
        self.epoch() / 2 * self.width()
    }

    /// When there is something to do without demand: permits to return, or a heartbeat.
    fn next_time(&self, lease: &Lease) -> u64 {
        let heartbeat = self.heard.map_or(0, |heard| heard.saturating_add(self.heartbeat()));
        let ends = Lease::places()
            .filter(|at| lease.held(*at) > 0)
            .map(|at| lease.until(at));
        let returns = self.returns_due().unwrap_or(u64::MAX);
        ends.min().unwrap_or(u64::MAX).min(heartbeat).min(returns)
    }

    fn request(&self, sent: &Sent) -> Request {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let settings = &self.settings;
        let spent = sent
            .spent
            .iter()
            .flat_map(|(ago, permits)| [i64::from(*ago), i64::from(*permits)]);
        let mut arguments = vec![
            settings.quota.into(),
            whole(settings.slice),
            settings.counting.into(),
            whole(settings.life),
            whole(self.epoch()),
            whole(self.place),
            whole(self.id),
            whole(self.number),
            sent.returned.into(),
            sent.lease,
            sent.wanted.into(),
            sent.needed.into(),
            settings.processes.into(),
            whole(sent.own),
            sent.slices.into(),
            whole(sent.since),
        ];
        arguments.extend(spent);
        Request {
            source: &SCRIPT,
            key: settings.key.clone(),
            arguments,
        }
    }

    /// The request that returns all permits, when nobody keeps the quota filled any longer.
    pub(crate) fn last(&mut self, lease: &Lease, now: u64) -> Option<Request> {
        (self.status, self.is_alone) = (Status::Local(Cause::NotKept), false);
        self.asked = None;
        if self.sent.is_some() {
            // Repeated by the next keeper, if there is one.
            return None;
        }
        for at in Lease::places() {
            self.empty(lease, at, now);
        }
        let (returned, slice) = self.returns.pop()?;
        let sent = Sent {
            returned,
            lease: slice,
            wanted: 0,
            needed: 0,
            own: 0,
            slices: 2,
            since: self.since(now),
            spent: self.unknown.entries(now),
            slice: self.unknown.slice(now),
        };
        self.number += 1;
        let request = self.request(&sent);
        self.sent = Some(sent);
        Some(request)
    }

    /// Receives the answer to the last request.
    pub(crate) fn answered(&mut self, lease: &Lease, asked: u64, now: u64, answer: Answer) {
        self.asked = None;
        let Some(sent) = self.sent.take() else { return };
        let answer = answer.and_then(|values| <[i64; 9]>::try_from(values).map_err(|_| Cause::Failed));
        match answer {
            Ok([granted, valid, left, members, settling, slice, next, repeated, is_taken]) => {
                if is_taken != 0 {
                    self.place = random::below(PLACES);
                }
                self.is_scarce = left < i64::from(self.settings.quota / 8);
                if repeated == 0 {
                    for (ago, permits) in &sent.spent {
                        self.unknown
                            .remove(*permits, sent.slice.saturating_sub(u64::from(*ago)));
                    }
                }
                self.heard = Some(now);
                self.answered = Some(asked);
                self.members = u32::try_from(members).unwrap_or(1);
                self.status = match settling {
                    0 => Status::Shared,
                    _ => Status::Local(Cause::Settling),
                };
                let granted = u32::try_from(granted).unwrap_or(0);
                let valid = u64::try_from(valid).unwrap_or(0).saturating_mul(1_000);
                self.receive(lease, granted, asked.saturating_add(valid), slice, now);
                let next = u64::try_from(next).unwrap_or(0).saturating_mul(1_000);
                self.schedule(&sent, granted, now, next);
                self.low = sent.wanted / 2;
                lease.ask_below(self.low);
            }
            Err(cause) => {
                self.sent = Some(sent);
                self.counts.faults += 1;
                self.status = Status::Local(cause);
                self.due = now.saturating_add(ASK_AGAIN + random::below(ASK_AGAIN));
            }
        }
    }

    /// Puts a grant into the lease.
    fn receive(&mut self, lease: &Lease, granted: u32, until: u64, slice: i64, now: u64) {
        self.counts.leased += u64::from(granted);
        if granted == 0 {
            return;
        }
        self.grant = (granted, now);
        if until <= now {
            self.give_back(granted, slice, now);
            return;
        }
        let at = self.place(lease);
        self.empty(lease, at, now);
        self.fill(lease, at, granted, until, Origin::Server(slice), now);
    }

    /// Decides when to ask next, after an answer.
    fn schedule(&mut self, sent: &Sent, granted: u32, now: u64, wait: u64) {
        self.due = if granted > 0 || sent.wanted == 0 {
            now
        } else {
            // Not all processes at once.
            now.saturating_add(wait).saturating_add(random::below(self.width() / 4))
        };
        if granted >= self.needed {
            (self.needed, self.needed_since) = (0, None);
        }
    }

    /// A fork is a process of its own, without the permits of its parent.
    fn after_fork(&mut self, lease: &Lease) {
        if self.process != process::id() {
            for at in Lease::places() {
                lease.empty(at);
            }
            *self = Ledger::new(self.settings.clone());
        }
    }
}
