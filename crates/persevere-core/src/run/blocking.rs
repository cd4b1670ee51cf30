//! The loop of blocking runs.

use crate::observe::Observer;
use crate::policy::Judges;
use crate::run::attempts::Attempts;
use crate::run::next::Next;
use crate::run::{Ending, Guards, Run};
use crate::sleeper::Sleeper;

/// Drives a run on this thread. `prepare` returns the argument of `call`.
#[inline]
pub(crate) fn drive<T, E, P, S, O, G, K, X, Y>(
    run: Run<P, S, O, G, K, X>,
    prepare: impl Fn(&Attempts<P, S, O, G, K, K::Kept>) -> Y,
    mut call: impl FnMut(Y) -> Result<T, E>,
) -> K::Output
where
    P: Judges<T, E>,
    S: Sleeper,
    O: Observer<E>,
    G: Guards<T, E>,
    K: Ending<T, E>,
{
    let (mut attempts, _) = Attempts::new(run);
    let mut next = attempts.begin::<T, E>(false);
    loop {
        next = match next {
            Next::Attempt => {
                let prepared = prepare(&attempts);
                let outcome = attempts.watch::<T, E, _>(|| call(prepared));
                attempts.settle(Some(outcome))
            }
            Next::Wait(delay) => {
                attempts.sleep(delay);
                attempts.woke::<T, E>(delay)
            }
            Next::Done(output) => return output,
        };
    }
}
