//! How an admitted call ended.

use core::time::Duration;
use persevere_core::Verdict;

/// How an admitted call ended.
#[derive(Debug, Clone, Copy)]
pub enum Outcome {
    /// It succeeded.
    Succeeded,
    /// It failed, with a hint, zero if there is none.
    Failed(Duration),
    /// It does not depend on the health of what was called.
    Ignored,
    /// Another call of the same operation was faster.
    Superseded,
    /// The caller went away.
    Abandoned,
}

impl From<Verdict> for Outcome {
    #[inline]
    fn from(verdict: Verdict) -> Outcome {
        // perf: apart, so that a success costs one comparison (`breaker/persevere/consecutive`).
        if verdict == Verdict::Accept {
            Outcome::Succeeded
        } else {
            of_unaccepted(verdict)
        }
    }
}

#[cold]
fn of_unaccepted(verdict: Verdict) -> Outcome {
    match verdict {
        Verdict::Retry => Outcome::Failed(Duration::ZERO),
        Verdict::RetryAfter(hint) => Outcome::Failed(hint),
        _ => Outcome::Ignored,
    }
}
