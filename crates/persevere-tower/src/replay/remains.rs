//! The remains of a request, which a call keeps.

use super::Replay;
use crate::unrepeatable::Unrepeatable;
use std::mem;

/// The remains of a request, which a call keeps between two attempts, or between two legs of a hedge.
pub(crate) enum Remains<Req, K> {
    /// The request itself, which was not sent.
    Whole(Req),
    /// The data that its replay kept to send it again.
    Kept(K),
    /// Nothing, since its replay cannot repeat it.
    NotKept,
    /// Nothing, since no attempt can follow.
    Nothing,
}

impl<Req, K> Remains<Req, K> {
    /// Takes the request for the next attempt. `is_last` is whether no other attempt can follow, so that nothing has to
    /// be kept.
    pub(crate) fn take<R: Replay<Req, Kept = K>>(&mut self, replay: &R, is_last: bool) -> R::Sent {
        let (sent, kept) = match mem::replace(self, Remains::Nothing) {
            Remains::Whole(request) if is_last => return replay.only(request),
            Remains::Kept(kept) if is_last => return replay.last(kept),
            Remains::Whole(request) => replay.first(request),
            Remains::Kept(kept) => replay.again(kept),
            Remains::NotKept | Remains::Nothing => unreachable!("no attempt follows without a request"),
        };
        *self = kept.map_or(Remains::NotKept, Remains::Kept);
        sent
    }

    /// Why the request cannot be sent again now, after an attempt that `responded` or not; `None` if it can, or if no
    /// attempt can follow.
    pub(crate) fn obstacle<R: Replay<Req, Kept = K>>(&self, replay: &R, responded: bool) -> Option<Unrepeatable> {
        match self {
            Remains::Kept(kept) => (!replay.is_repeatable(kept, responded)).then_some(Unrepeatable::Body),
            Remains::NotKept => Some(Unrepeatable::NotKept),
            Remains::Whole(_) | Remains::Nothing => None,
        }
    }
}
