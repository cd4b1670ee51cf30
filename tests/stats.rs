//! Statistics: the counts are complete and correct, and they add up.

use persevere::observe::{ByReason, Stats, StatsSnapshot};
use persevere::sleeper::blocking_from_fn;
use persevere::{Event, Observer, Policy, StopReason, Verdict};
use persevere_testkit::{Entry, Recorder, VirtualTime};
use persevere_tests::course::{Course, any_course, whole};
use persevere_tests::model::{Curve, Plan};
use persevere_tests::script::{Call, scripted};
use persevere_tests::strategy::{cases, plan, script};
use proptest::prelude::*;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

fn runs(course: impl Strategy<Value = Course>) -> impl Strategy<Value = Vec<(Plan, Vec<Call>, Course)>> {
    prop::collection::vec((plan(), script(), course), 0..6)
}

fn count_reason(gave_up: &mut ByReason, reason: StopReason) {
    *match reason {
        StopReason::Permanent => &mut gave_up.permanent,
        StopReason::Attempts => &mut gave_up.attempts,
        StopReason::Elapsed => &mut gave_up.elapsed,
        StopReason::AttemptTimedOut => &mut gave_up.attempt_timed_out,
        StopReason::Hint => &mut gave_up.hint,
        StopReason::Cancelled => &mut gave_up.cancelled,
        other => unreachable!("nothing here gives up for {other:?}"),
    } += 1;
}

/// Counts a run from the record of its events.
fn count(counted: &mut StatsSnapshot, entries: &[Entry]) {
    let mut attempts = 0;
    for entry in entries {
        match *entry {
            Entry::Started => counted.started += 1,
            Entry::Failed { .. } => {
                counted.failures += 1;
                attempts += 1;
            }
            Entry::Waiting { .. } => {}
            Entry::Succeeded {
                attempts: made, waited, ..
            } => {
                counted.successes += 1;
                counted.by_retries[made.saturating_sub(1).min(5) as usize] += 1;
                counted.successes_after_retry += u64::from(attempts > 0);
                counted.waited += waited;
                attempts += 1;
            }
            Entry::GaveUp {
                reason,
                attempts: made,
                waited,
                ..
            } => {
                counted.by_retries[made.saturating_sub(1).min(5) as usize] += 1;
                count_reason(&mut counted.gave_up, reason);
                counted.waited += waited;
            }
            ref other => unreachable!("{other}"),
        }
    }
    counted.attempts += attempts;
    counted.retries += attempts.saturating_sub(1);
}

proptest! {
    #![proptest_config(cases(500))]

    /// E3: the numbers agree with the events, for any runs, whether they end, are cancelled, dropped or panic. The
    /// difference of two snapshots has the events between them.
    #[test]
    fn counts_are_those_of_the_events(before in runs(any_course()), after in runs(any_course())) {
        let stats = Stats::new();
        let (mut all, mut unfinished) = (StatsSnapshot::default(), 0);
        let mut snapshots = vec![stats.snapshot()];
        for part in [before, after] {
            let mut counted = StatsSnapshot::default();
            for (plan, calls, course) in part {
                let (time, log) = (VirtualTime::new(), Recorder::new());
                let script = scripted(&time, calls);
                course.run(&plan, &script, &time, (&log, &stats));
                count(&mut counted, &log.entries());
                count(&mut all, &log.entries());
                unfinished += match log.entries().last() {
                    None | Some(Entry::Succeeded { .. } | Entry::GaveUp { .. }) => 0,
                    Some(_) => 1,
                };
            }
            snapshots.push(stats.snapshot());
            let [.., earlier, later] = snapshots[..] else { unreachable!() };
            prop_assert_eq!(later, all);
            prop_assert_eq!(later.since(&earlier), counted);
            prop_assert_eq!(later.unfinished(), unfinished);
            prop_assert_eq!(later.since(&later), StatsSnapshot::default());
        }
    }

    /// E3: the numbers of whole runs agree with the model of a run, and they add up.
    #[test]
    fn counts_are_what_happened(runs in runs(whole())) {
        let stats = Stats::new();
        let mut expected = StatsSnapshot::default();
        for (plan, calls, course) in &runs {
            let time = VirtualTime::new();
            course.run(plan, &scripted(&time, calls.clone()), &time, &stats);
            let predicted = plan.predict(calls, !matches!(course, Course::Blocking));
            let attempts = predicted.started.len() as u64;
            expected.started += 1;
            expected.attempts += attempts;
            expected.retries += attempts - 1;
            expected.by_retries[(attempts - 1).min(5) as usize] += 1;
            expected.failures += attempts - u64::from(predicted.stopped.is_none());
            expected.waited += predicted.waits.iter().sum::<Duration>();
            match predicted.stopped {
                Some(reason) => count_reason(&mut expected.gave_up, reason),
                None => {
                    expected.successes += 1;
                    expected.successes_after_retry += u64::from(attempts > 1);
                }
            }
        }
        let counted = stats.snapshot();
        prop_assert_eq!(counted, expected);
        prop_assert_eq!(counted.attempts, counted.successes + counted.failures);
        prop_assert_eq!(counted.retries, counted.attempts - counted.started);
        let gave_up = counted.gave_up.iter().map(|(_, runs)| runs).sum::<u64>();
        prop_assert_eq!(counted.ended(), counted.successes + gave_up);
        prop_assert_eq!(counted.ended(), counted.by_retries.iter().sum::<u64>());
        prop_assert_eq!((counted.ended(), counted.unfinished()), (counted.started, 0));
        prop_assert_eq!(counted.successes_at_once(), counted.successes - counted.successes_after_retry);
        let rate = (!runs.is_empty()).then(|| counted.successes as f64 / runs.len() as f64);
        prop_assert_eq!(counted.success_rate(), rate);
    }
}

/// Nothing is lost between threads, and at every moment the numbers make sense.
#[test]
fn threads_count_together() {
    const THREADS: usize = 8;
    const RUNS: usize = 20_000;
    static STATS: Stats = Stats::new();

    let policy = Policy::fixed(Duration::from_millis(1)).classify_with(|verdict: &Verdict| *verdict);
    let outcomes = [
        vec![Ok(())],
        vec![Err(Verdict::Retry), Ok(())],
        vec![Err(Verdict::Retry)],
        vec![Err(Verdict::Retry), Err(Verdict::Stop)],
    ];
    let begin = Barrier::new(THREADS + 1);
    let work = |thread: usize| {
        begin.wait();
        for number in 0..RUNS {
            let outcomes = &outcomes[(thread + number) % outcomes.len()];
            let mut calls = outcomes.iter().chain(outcomes.last());
            let _ = policy
                .on(blocking_from_fn(|_| (), || Duration::ZERO))
                .observe(&STATS)
                .run_blocking(|| calls.next().copied().unwrap_or(Err(Verdict::Retry)));
        }
    };
    thread::scope(|scope| {
        let working: Vec<_> = (0..THREADS).map(|thread| scope.spawn(move || work(thread))).collect();
        begin.wait();
        let mut before = STATS.snapshot();
        while !working.iter().all(thread::ScopedJoinHandle::is_finished) {
            let now = STATS.snapshot();
            assert!(now.ended() <= now.started, "{now}");
            assert_eq!(now.attempts, now.successes + now.failures);
            assert!(now.successes_after_retry <= now.successes, "{now}");
            assert!(now.attempts - now.retries <= now.started, "{now}");
            assert!(
                now.failures >= now.successes_after_retry + 3 * now.gave_up.attempts + 2 * now.gave_up.permanent,
                "{now}"
            );
            assert!(now.since(&before).started == now.started - before.started, "it grows");
            before = now;
        }
    });
    let each = (THREADS * RUNS / outcomes.len()) as u64;
    let counted = STATS.snapshot();
    let of_runs = [1, 2, 3, 2];
    assert_eq!((counted.started, counted.ended()), (4 * each, 4 * each));
    assert_eq!(counted.attempts, of_runs.iter().sum::<u64>() * each);
    assert_eq!(counted.retries, counted.attempts - counted.started);
    assert_eq!((counted.successes, counted.successes_after_retry), (2 * each, each));
    assert_eq!((counted.gave_up.attempts, counted.gave_up.permanent), (each, each));
    assert_eq!(counted.waited, Duration::from_millis(counted.retries));
}

/// No addition is lost, with nothing else between them.
#[test]
fn threads_count_the_same() {
    const THREADS: u64 = 8;
    const STARTS: u64 = 100_000;
    let (stats, begin) = (Stats::new(), Barrier::new(THREADS as usize));
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                begin.wait();
                let policy = Policy::default();
                let run = policy.on(VirtualTime::new()).on_event(|event| {
                    if let Event::Started { .. } = event {
                        (0..STARTS).for_each(|_| stats.on_event(event));
                    }
                });
                let _ = run.run_blocking(|| Ok::<_, ()>(()));
            });
        }
    });
    assert_eq!(stats.snapshot().started, THREADS * STARTS);
}

/// E4: wherever an observer beside it panics, the counts add up, and a run without an end is counted as unfinished.
#[test]
fn panic_beside_it_leaves_it_consistent() {
    // Started, then start, failure and wait of each of two attempts, then start and success of the third.
    for number in 1..=9 {
        let (failures, ended) = (number / 3 - number / 9, number / 9);
        let (stats, seen) = (Stats::new(), std::cell::Cell::new(0));
        let unwinds = || {
            let mut calls = [Err("no"), Err("no"), Ok(())].into_iter();
            Policy::fixed(Duration::ZERO)
                .on(VirtualTime::new())
                .observe(&stats)
                .on_event(|_: &Event<'_, &str>| {
                    seen.set(seen.get() + 1);
                    if seen.get() == number {
                        resume_unwind(Box::new("on purpose"));
                    }
                })
                .run_blocking(|| calls.next().unwrap_or(Err("no")))
        };
        assert!(catch_unwind(AssertUnwindSafe(unwinds)).is_err());
        let counted = stats.snapshot();
        assert_eq!(
            (counted.started, counted.failures, counted.ended()),
            (1, failures, ended)
        );
        assert_eq!(counted.unfinished(), 1 - ended);
        assert_eq!(counted.attempts, counted.successes + counted.failures);
    }
}

/// Only waits that were waited to their end count.
#[test]
fn wait_that_is_cut_short_does_not_count() {
    let (stats, time) = (Stats::new(), VirtualTime::new());
    let plan = Plan {
        curve: Curve::Schedule([3, 50, 700].map(Duration::from_millis).into(), false),
        max_attempts: 9,
        max_delay: None,
        max_elapsed: None,
        attempt_timeout: None,
        max_hint: None,
        clamp_hints: false,
    };
    let script = scripted(&time, [Call::fails(Verdict::Retry)]);
    Course::CancelledInWait(3).run(&plan, &script, &time, &stats);
    let counted = stats.snapshot();
    assert_eq!(
        (counted.gave_up.cancelled, counted.attempts, counted.retries),
        (1, 3, 2)
    );
    assert_eq!(counted.waited, Duration::from_millis(53));
}

/// A sum of waits that exceeds every clock saturates at the longest time.
#[test]
fn sum_of_waits_saturates() {
    let stats = Stats::new();
    for run in 1..=2 {
        let policy = Policy::fixed(Duration::MAX).max_attempts(2);
        let _ = policy
            .on(VirtualTime::new())
            .observe(&stats)
            .run_blocking(|| Err::<(), _>("no"));
        assert_eq!(
            (stats.snapshot().started, stats.snapshot().waited),
            (run, Duration::from_nanos(u64::MAX))
        );
    }
}

/// `Stats` observes runs with any error, shared, borrowed, and behind `dyn`.
#[test]
fn one_observes_runs_of_many_errors() {
    let stats = std::sync::Arc::new(Stats::default());
    let policy = Policy::default().max_attempts(1);
    let _ = policy
        .on(VirtualTime::new())
        .observe(stats.clone())
        .run_blocking(|| Err::<(), _>("no"));
    let observer: &(dyn Observer<u32> + Sync) = &*stats;
    let _ = policy
        .on(VirtualTime::new())
        .observe(observer)
        .run_blocking(|| Err::<(), _>(7));
    assert_eq!(stats.snapshot().gave_up[StopReason::Attempts], 2);
    assert_eq!(format!("{stats:?}"), format!("Stats({:?})", stats.snapshot()));
}
