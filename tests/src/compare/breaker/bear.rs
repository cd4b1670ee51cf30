//! What a breaker bears, and how it is seen to bear it.

use super::Step;
use persevere::Backoff;
use persevere_breaker::{Builder, Permit, State, Trip};
use std::time::Duration;

/// Takes a breaker through a script in which time goes back as well. There is no saying when such a breaker opens, but it
/// does not panic, lets no more probes through than it may, and tells of each transition once, in order.
///
/// # Panics
///
/// If it does otherwise.
pub fn bear<T: Trip, B: Backoff>(builder: Builder<T, B>, max_probes: usize, script: &[Step], mut now: Duration) {
    let breaker = builder.build();
    let mut watch = breaker.watch();
    let (mut sequence, mut state) = (0, State::Closed);
    let mut permits: Vec<Permit<'_, T, B>> = Vec::new();
    let mut kept = None;
    for &step in script {
        let mut pick = |which: usize| (!permits.is_empty()).then(|| permits.swap_remove(which % permits.len()));
        match step {
            Step::Enter => permits.extend(breaker.try_acquire(now)),
            Step::Succeed(which) => pick(which).into_iter().for_each(|permit| permit.success(now)),
            Step::Fail(which) => pick(which).into_iter().for_each(|permit| permit.failure(now)),
            Step::FailWithHint(which, hint) => {
                pick(which)
                    .into_iter()
                    .for_each(|permit| permit.failure_with_hint(hint, now));
            }
            Step::Ignore(which) => pick(which).into_iter().for_each(Permit::ignore),
            Step::Abandon(which) => drop(pick(which)),
            Step::Pass(time) => now = now.saturating_add(time),
            Step::Back(time) => now = now.saturating_sub(time),
            Step::ForceOpen => breaker.force_open(),
            Step::ForceClosed => breaker.force_closed(),
            Step::Automatic => breaker.automatic(),
            Step::Reset => breaker.reset(),
            Step::Keep | Step::Restart => kept = Some(breaker.snapshot(now)),
            Step::Restore => kept.iter().for_each(|snapshot| breaker.restore(snapshot, now)),
        }
        for transition in watch.by_ref() {
            assert_eq!((transition.sequence, transition.from), (sequence + 1, state));
            (sequence, state) = (transition.sequence, transition.to);
        }
        assert_eq!(watch.missed(), 0);
        let is_probe = |permit: &&Permit<'_, T, B>| permit.is_probe() && permit.sequence() == sequence;
        let probes = permits.iter().filter(is_probe).count();
        let reclaimed = usize::try_from(breaker.stats().reclaimed).unwrap();
        assert!(probes <= max_probes + reclaimed, "{probes} probes at once");
    }
}
