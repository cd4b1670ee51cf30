//! Scripts in which time goes back as well.

use super::Step;
use persevere::Backoff;
use persevere_breaker::{Builder, Permit, State, Trip};
use std::time::Duration;

/// Follows a script in which time goes back as well. When such a breaker opens is unspecified, but it does not panic,
/// admits at most `max_probes`, and yields each transition once and in order.
///
/// # Panics
///
/// If it does not.
pub fn withstand<T: Trip, B: Backoff>(builder: Builder<T, B>, max_probes: u32, script: &[Step], mut now: Duration) {
    let breaker = builder.build();
    let mut transitions = breaker.transitions();
    let (mut sequence, mut state) = (0, State::Closed);
    let mut permits: Vec<Permit<'_, T, B>> = Vec::new();
    let mut kept = None;
    for &step in script {
        let mut pick = |which: usize| (!permits.is_empty()).then(|| permits.swap_remove(which % permits.len()));
        match step {
            Step::Acquire => permits.extend(breaker.try_acquire(now)),
            Step::Succeed(which) => pick(which).into_iter().for_each(|permit| permit.succeeded(now)),
            Step::Fail(which) => pick(which).into_iter().for_each(|permit| permit.failed(now)),
            Step::FailWithHint(which, hint) => {
                pick(which)
                    .into_iter()
                    .for_each(|permit| permit.failed_with_hint(hint, now));
            }
            Step::Ignore(which) => pick(which).into_iter().for_each(Permit::ignored),
            Step::Abandon(which) => drop(pick(which)),
            Step::Leave(which) => pick(which).into_iter().for_each(|permit| permit.abandoned(now)),
            Step::Supersede(which) => pick(which).into_iter().for_each(|permit| permit.superseded(now)),
            Step::ForceOpenFor(time) => breaker.force_open_for(time, now),
            Step::Pass(time) => now = now.saturating_add(time),
            Step::Back(time) => now = now.saturating_sub(time),
            Step::ForceOpen => breaker.force_open(),
            Step::ForceClose => breaker.force_close(),
            Step::Release => breaker.release(),
            Step::Reset => breaker.reset(),
            Step::Keep | Step::Restart => kept = Some(breaker.snapshot(now)),
            Step::Restore => kept.iter().for_each(|snapshot| breaker.restore(snapshot, now)),
        }
        for transition in transitions.by_ref() {
            assert_eq!((transition.sequence, transition.from), (sequence + 1, state));
            (sequence, state) = (transition.sequence, transition.to);
        }
        assert_eq!(transitions.missed(), 0);
        let is_probe = |permit: &&Permit<'_, T, B>| permit.is_probe() && permit.sequence() == sequence;
        let probes = permits.iter().filter(is_probe).count();
        let reclaimed = usize::try_from(breaker.stats().reclaimed).unwrap();
        assert!(probes <= max_probes as usize + reclaimed, "{probes} probes at once");
    }
}
