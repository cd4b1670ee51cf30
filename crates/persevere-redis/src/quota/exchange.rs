//! An exchange of a process with the script of quotas.

use super::settings::Settings;
use crate::link::{Answer, Request, Source};
use crate::random;
use crate::status::Cause;
use redis::Script;
use std::process;

static SCRIPT: Source = Source::new(|| Script::new(include_str!("../quota.lua")));

/// In how many places the server keeps its last answers.
const PLACES: u64 = 4096;
/// The largest number that Lua keeps exactly.
const LARGEST: u64 = 1 << 53;

/// A process as a member of the fleet, in its requests to the server.
#[derive(Debug)]
pub(crate) struct Member {
    /// The number of this process, which a fork does not share.
    id: u64,
    /// Where the server keeps its last answer to this process.
    place: u64,
    process: u32,
    /// The number of the last request.
    number: u64,
}

impl Member {
    pub(crate) fn new() -> Member {
        Member {
            id: random::below(LARGEST),
            place: random::below(PLACES),
            process: process::id(),
            number: 0,
        }
    }

    /// Whether this is the copy of a member in a fork of its process.
    pub(crate) fn is_of_parent(&self) -> bool {
        self.process != process::id()
    }

    /// Makes this the copy of a member in a fork.
    #[cfg(test)]
    pub(crate) fn set_parent(&mut self) {
        self.process += 1;
    }

    /// Begins a request that is not a repeated one.
    pub(crate) fn begin(&mut self) {
        self.number += 1;
    }

    /// Takes another place, because another process has this one.
    pub(crate) fn move_away(&mut self) {
        self.place = random::below(PLACES);
    }

    /// The call of the script.
    pub(crate) fn request(&self, settings: &Settings, sent: &Sent) -> Request {
        let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let spent = sent
            .spent
            .iter()
            .flat_map(|(ago, permits)| [i64::from(*ago), i64::from(*permits)]);
        let mut arguments = vec![
            settings.quota.into(),
            whole(settings.slice),
            settings.counting.into(),
            whole(settings.life),
            whole(settings.epoch()),
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
}

/// The contents of a request, in words of the script.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) returned: u32,
    pub(crate) lease: i64,
    pub(crate) wanted: u32,
    pub(crate) needed: u32,
    /// The permits that this process has taken in the slices that count.
    pub(crate) own: u64,
    /// For how many slices the lease is requested.
    pub(crate) slices: u32,
    /// How many slices ago the request of the last answer was sent; a large number if the server has not answered yet.
    pub(crate) since: u64,
    /// The permits spent without a lease, up to this slice of the process's clock: how many slices ago, and how many.
    pub(crate) spent: Vec<(u32, u32)>,
    pub(crate) slice: u64,
}

/// The answer of the script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reply {
    pub(crate) granted: u32,
    /// For how long the permits are valid, from the time of the request, in nanoseconds.
    pub(crate) valid: u64,
    pub(crate) left: u32,
    pub(crate) members: u32,
    pub(crate) is_settling: bool,
    /// The slice of the lease.
    pub(crate) slice: i64,
    /// How long until there may be enough, in nanoseconds.
    pub(crate) wait: u64,
    pub(crate) is_repeated: bool,
    pub(crate) is_place_taken: bool,
}

impl Reply {
    /// Reads an answer.
    pub(crate) fn read(answer: Answer) -> Result<Reply, Cause> {
        let values = <[i64; 9]>::try_from(answer?).map_err(|_| Cause::Failed)?;
        let [granted, valid, left, members, settling, slice, wait, repeated, is_taken] = values;
        let whole = |number: i64| u32::try_from(number).unwrap_or(0);
        let nanos = |micros: i64| u64::try_from(micros).unwrap_or(0).saturating_mul(1_000);
        Ok(Reply {
            granted: whole(granted),
            valid: nanos(valid),
            left: whole(left),
            members: whole(members).max(1),
            is_settling: settling != 0,
            slice,
            wait: nanos(wait),
            is_repeated: repeated != 0,
            is_place_taken: is_taken != 0,
        })
    }
}
