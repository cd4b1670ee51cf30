//! The state of a quota in a process, and its requests to the server.

#[cfg(test)]
mod tests;

use super::demand::Demand;
use super::exchange::{Member, Reply, Sent};
use super::lease::Lease;
use super::settings::Settings;
use super::window::Window;
use crate::keep::Next;
use crate::link::{Answer, Request};
use crate::random;
use crate::status::{Cause, Status};
use persevere_core::gate::Rejected;
use std::time::Duration;

/// For how many slices permits that go back wait for the next request, while there is little and while there is plenty.
const RETURN_AFTER: [u64; 2] = [3, 16];
/// The delay of the next request to a server that failed, in nanoseconds. It is up to twice as long, so that the
/// processes do not all send requests at once.
const ASK_AGAIN: u64 = 500_000_000;

/// Where the permits of a place come from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// The server, in this slice of its clock.
    Server(i64),
    /// The share of this process.
    Own,
}

/// The permits in a place of the lease.
#[derive(Debug, Clone, Copy)]
struct Batch {
    origin: Origin,
    /// The slice of the process's clock in which they were taken.
    slice: u64,
}

/// The state of a quota in a process.
#[derive(Debug)]
pub(crate) struct Ledger {
    settings: Settings,
    status: Status,
    /// Whether the keeper is missing for so long that nobody waits for it.
    is_alone: bool,
    member: Member,
    /// The last request, until it is answered: the server may have granted it already, and then repeats its answer to this
    /// number.
    sent: Option<Sent>,
    /// When it was sent, `None` if nobody waits for its answer.
    asked: Option<u64>,
    /// When the server answered last, and when the request of that answer was sent.
    heard: Option<u64>,
    answered: Option<u64>,
    /// The time before which no request is sent.
    due: u64,
    /// The processes, according to the server.
    members: u32,
    batches: [Option<Batch>; 2],
    /// Permits of leases that go back to the server: how many, and the slice.
    returns: Vec<(u32, i64)>,
    /// Since when there are any.
    returns_since: u64,
    /// All permits that this process has taken.
    own: Window,
    /// The permits of `own` that were not reported to the server yet.
    unknown: Window,
    demand: Demand,
    /// The number of permits below which more are requested.
    low: u32,
    /// Whether less than an eighth of the quota is left.
    is_scarce: bool,
    counts: Counts,
}

/// The counts of a process for a quota.
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
        let width = settings.width();
        Ledger {
            status: Status::Local(Cause::NotKept),
            is_alone: false,
            member: Member::new(),
            sent: None,
            asked: None,
            heard: None,
            answered: None,
            due: 0,
            members: 1,
            batches: [None; 2],
            returns: Vec::new(),
            returns_since: 0,
            own: Window::new(width, settings.counting),
            unknown: Window::new(width, settings.counting),
            demand: Demand::new(&settings),
            low: 0,
            is_scarce: false,
            counts: Counts::default(),
            settings,
        }
    }

    pub(crate) fn status(&self) -> Status {
        self.status
    }

    /// Whether permits come from the server, even if only the permits of the share, or soon will.
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

    /// The permits that this process may take without the server, in any period.
    pub(crate) fn share(&self) -> u32 {
        let processes = self.members.max(self.settings.processes);
        (self.settings.quota / processes).max(1)
    }

    /// Called when a lease has too few permits for a caller. Takes them from the share of this process if permits do
    /// not come from the server.
    ///
    /// # Errors
    ///
    /// When to try again.
    pub(crate) fn short(&mut self, lease: &Lease, permits: u32, now: u64) -> Result<(), Rejected> {
        let since = self.demand.wait(permits, now);
        if self.is_linked() && now.saturating_sub(since.max(self.due)) > 2 * self.settings.slow {
            (self.status, self.is_alone) = (Status::Local(Cause::NotKept), true);
        }
        if self.is_linked() {
            return Err(Rejected::for_now(Duration::from_nanos(self.due.saturating_sub(now))));
        }
        if self.take_own(lease, permits, now) {
            self.demand.serve();
            return Ok(());
        }
        let next = self
            .own
            .slice(now)
            .saturating_add(1)
            .saturating_mul(self.settings.width());
        Err(Rejected::for_now(Duration::from_nanos(next.saturating_sub(now))))
    }

    /// The rest of the share, besides the permits that are leased.
    fn room(&mut self, now: u64) -> u64 {
        u64::from(self.share()).saturating_sub(self.own.sum(now))
    }

    /// Fills a place from the share of this process.
    fn take_own(&mut self, lease: &Lease, permits: u32, now: u64) -> bool {
        self.empty_ended(lease, now);
        let held = Lease::places().map(|at| u64::from(lease.held(at))).sum::<u64>();
        if self.room(now) + held < permits.into() {
            // The places are not emptied in vain: permits that were taken from them can still be put back.
            return false;
        }
        let at = self.place(lease);
        self.empty(lease, at, now);
        if self.room(now) < permits.into() {
            self.empty(lease, Lease::other(at), now);
        }
        let left = self.room(now);
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
        self.demand.add(permits);
        lease.fill(at, permits, until);
    }

    /// Empties a place. The rest goes back to where it came from.
    fn empty(&mut self, lease: &Lease, at: usize, now: u64) {
        let Some(batch) = self.batches[at].take() else {
            return;
        };
        let left = lease.empty(at);
        if left == 0 {
            return;
        }
        self.demand.remove(left);
        self.own.remove(left, batch.slice);
        match batch.origin {
            Origin::Own => {
                self.unknown.remove(left, batch.slice);
                self.counts.own -= u64::from(left);
            }
            Origin::Server(slice) => self.give_back(left, slice, now),
        }
    }

    /// When permits go back even if none are requested.
    fn returns_due(&self) -> Option<u64> {
        let due = self
            .returns_since
            .saturating_add(RETURN_AFTER[usize::from(!self.is_scarce)] * self.settings.width());
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

    /// Returns the next step.
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
            self.member.begin();
        }
        self.asked = Some(now);
        self.counts.requests += 1;
        let request = self.member.request(&self.settings, &sent);
        self.sent = Some(sent);
        Next::Ask(request)
    }

    /// The next request, `None` if there is nothing to request. `repeated` holds the permits that an unanswered request
    /// has returned.
    fn plan(&mut self, lease: &Lease, now: u64, repeated: Option<(u32, i64)>) -> Option<Sent> {
        let is_silent = self
            .heard
            .is_none_or(|heard| now >= heard.saturating_add(self.settings.heartbeat()));
        self.empty_ended(lease, now);
        self.demand.mark(lease.left(now), now);
        if self.is_linked() {
            let is_due = self.returns_due().is_some_and(|due| now >= due) || self.unknown.sum(now) > 0;
            if repeated.is_none()
                && !is_silent
                && !is_due
                && self.demand.wanted(lease.left(now), self.is_scarce, now).0 == 0
            {
                return None;
            }
        } else {
            for at in Lease::places() {
                if self.batches[at].is_some_and(|batch| matches!(batch.origin, Origin::Own)) {
                    self.empty(lease, at, now);
                }
            }
        }
        let (wanted, slices) = self.demand.wanted(lease.left(now), self.is_scarce, now);
        if wanted > 0 && Lease::places().all(|at| lease.held(at) > 0) {
            self.empty(lease, self.place(lease), now);
        }
        let (returned, slice) = repeated.or_else(|| self.returns.pop()).unwrap_or_default();
        Some(Sent {
            returned,
            lease: slice,
            wanted,
            // Not a few permits at a time, where a batch is requested.
            needed: self.demand.needed().max(wanted.min(self.settings.batch)),
            own: self.own.sum(now),
            slices,
            since: self.since(now),
            spent: self.unknown.entries(now),
            slice: self.unknown.slice(now),
        })
    }

    /// How many slices ago the request of the last answer was sent, rounded up.
    fn since(&self, now: u64) -> u64 {
        let slices = |asked: u64| now.saturating_sub(asked) / self.settings.width() + 1;
        self.answered.map_or(u64::from(u32::MAX), slices)
    }

    /// When there is something to do without demand: permits to return, or a heartbeat.
    fn next_time(&self, lease: &Lease) -> u64 {
        let heartbeat = self
            .heard
            .map_or(0, |heard| heard.saturating_add(self.settings.heartbeat()));
        let ends = Lease::places()
            .filter(|at| lease.held(*at) > 0)
            .map(|at| lease.until(at));
        let returns = self.returns_due().unwrap_or(u64::MAX);
        ends.min().unwrap_or(u64::MAX).min(heartbeat).min(returns)
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
        self.member.begin();
        let request = self.member.request(&self.settings, &sent);
        self.sent = Some(sent);
        Some(request)
    }

    /// Receives the answer to a request. It is ignored if another keeper has repeated the request since.
    pub(crate) fn answered(&mut self, lease: &Lease, asked: u64, now: u64, answer: Answer) {
        if self.asked != Some(asked) {
            return;
        }
        self.asked = None;
        match Reply::read(answer) {
            Ok(reply) => self.read(lease, asked, now, reply),
            Err(cause) => {
                self.counts.faults += 1;
                self.status = Status::Local(cause);
                self.due = now.saturating_add(ASK_AGAIN + random::below(ASK_AGAIN));
            }
        }
    }

    fn read(&mut self, lease: &Lease, asked: u64, now: u64, reply: Reply) {
        let Some(sent) = self.sent.take() else { return };
        if reply.is_place_taken {
            self.member.move_away();
        }
        self.is_scarce = reply.left < self.settings.quota / 8;
        if !reply.is_repeated {
            for (ago, permits) in &sent.spent {
                self.unknown
                    .remove(*permits, sent.slice.saturating_sub(u64::from(*ago)));
            }
        }
        self.heard = Some(now);
        self.answered = Some(asked);
        self.members = reply.members;
        self.status = if reply.is_settling {
            Status::Local(Cause::Settling)
        } else {
            Status::Shared
        };
        self.demand.answered(reply.granted, now);
        self.receive(lease, reply, asked.saturating_add(reply.valid), now);
        self.due = if reply.granted > 0 || sent.wanted == 0 {
            now
        } else {
            // Not all processes at once.
            now.saturating_add(reply.wait)
                .saturating_add(random::below(self.settings.width() / 4))
        };
        self.low = sent.wanted / 2;
        lease.ask_below(self.low);
    }

    /// Puts a grant into the lease.
    fn receive(&mut self, lease: &Lease, reply: Reply, until: u64, now: u64) {
        let Reply { granted, slice, .. } = reply;
        self.counts.leased += u64::from(granted);
        if granted == 0 {
            return;
        }
        if until <= now {
            self.give_back(granted, slice, now);
            return;
        }
        let at = self.place(lease);
        self.empty(lease, at, now);
        self.fill(lease, at, granted, until, Origin::Server(slice), now);
    }

    /// A fork is a process of its own, without the permits of its parent.
    fn after_fork(&mut self, lease: &Lease) {
        if self.member.is_of_parent() {
            for at in Lease::places() {
                lease.empty(at);
            }
            *self = Ledger::new(self.settings.clone());
        }
    }
}
