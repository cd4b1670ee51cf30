//! Events: in order, complete, with exactly one end, and true.

use persevere::breaker::CircuitBreaker;
use persevere::gate::Ended;
use persevere::observe::Failure;
use persevere::{Event, Observer, Policy, ThreadSleeper, Verdict, observe};
use persevere_testkit::{Entry, How, Recorder, VirtualTime};
use persevere_tests::script::{Call, Fault, Reply, scripted};
use persevere_tests::strategy::{cases, plan, script};
use proptest::prelude::*;
use std::cell::RefCell;
use std::time::Duration;

type Outcome = Result<Reply, persevere::RetryError<Fault>>;

/// The failure of an attempt with this fault.
fn how(fault: Fault) -> How {
    How::Error(format!("{fault:?}"))
}

/// Checks the record of one run against its result.
fn check(entries: &[Entry], outcome: &Outcome, calls: usize) -> Result<(), TestCaseError> {
    prop_assert_eq!(&entries[0], &Entry::Started);
    let (end, middle) = entries[1..].split_last().expect("a run has an end");
    let (mut expected, mut sum, mut last) = (1, Duration::ZERO, None);
    // The last error, which later timeouts leave in place.
    let mut kept = None;
    let mut is_waiting = false;
    for entry in middle {
        match entry.clone() {
            Entry::Failed {
                attempt,
                failure,
                verdict,
            } => {
                prop_assert_eq!(attempt, expected, "failures are numbered in order");
                prop_assert!(
                    attempt == 1 || is_waiting,
                    "every attempt after the first follows a wait"
                );
                if let How::Error(_) = failure {
                    let number = attempt as usize;
                    prop_assert_eq!(&failure, &how(Fault { number, verdict }));
                }
                match failure {
                    How::Error(_) => kept = Some(failure.clone()),
                    How::Unaccepted => kept = None,
                    _ => {}
                }
                (last, is_waiting) = (Some(failure), false);
                expected += 1;
            }
            Entry::Waiting {
                attempt,
                failure,
                delay,
            } => {
                prop_assert!(!is_waiting, "two waits in a row");
                prop_assert_eq!(attempt + 1, expected, "the wait follows its failure");
                prop_assert_eq!(Some(failure), last.clone());
                sum += delay;
                is_waiting = true;
            }
            other => prop_assert!(false, "{:?} is not the end", other),
        }
    }
    match (end.clone(), outcome) {
        (Entry::Succeeded { attempts, waited }, Ok(reply)) => {
            prop_assert_eq!((attempts as usize, waited), (reply.number, sum));
            prop_assert_eq!(attempts, expected, "the attempt that succeeded did not fail");
        }
        (
            Entry::GaveUp {
                reason,
                attempts,
                waited,
                failure,
            },
            Err(error),
        ) => {
            prop_assert!(!is_waiting, "it gave up without a wait");
            prop_assert_eq!(
                (reason, attempts, waited),
                (error.reason(), error.attempts(), error.waited())
            );
            let error = error.last_error().copied().map(how);
            prop_assert_eq!(error, kept);
            prop_assert_eq!((attempts + 1, waited, failure), (expected, sum, last));
        }
        (end, outcome) => prop_assert!(false, "{:?} ends {:?}", end, outcome),
    }
    prop_assert_eq!(calls as u32, expected - u32::from(outcome.is_err()));
    Ok(())
}

proptest! {
    #![proptest_config(cases(1_000))]

    /// E3: started; for each failure its verdict; a wait with the true delay; exactly one end; sums that agree.
    #[test]
    fn events_are_complete_and_in_order(plan in plan(), calls in script()) {
        let (time, log) = (VirtualTime::new(), Recorder::new());
        let script = scripted(&time, calls.clone());
        let outcome = plan.policy().on(&time).observe(&log).run_blocking(|| script.call());
        check(&log.entries(), &outcome, script.started().len())?;
        prop_assert_eq!(log.waits(), time.waits(), "each wait is as long as its event says");

        let (time, log) = (VirtualTime::new(), Recorder::new());
        let script = scripted(&time, calls);
        let policy = plan.policy();
        let outcome = time.block_on(policy.on(time.asynchronous()).observe(&log).run(|| script.call_async()));
        check(&log.entries(), &outcome, script.started().len())?;
    }

    /// E3: every observer receives every event, in whatever way it was added.
    #[test]
    fn all_observers_receive_all_events(plan in plan(), calls in script()) {
        let time = VirtualTime::new();
        let (one, two, three, retries) = (Recorder::new(), Recorder::new(), Recorder::new(), RefCell::new(Vec::new()));
        let script = scripted(&time, calls);
        let _ = plan
            .policy()
            .on(&time)
            .observe((&one, &two))
            .on_event(|event| three.on_event(event))
            .on_retry(|attempt, error: Option<&Fault>, delay| retries.borrow_mut().push((attempt, error.copied().map(how), delay)))
            .run_blocking(|| script.call());
        prop_assert_eq!(one.entries(), two.entries());
        prop_assert_eq!(one.entries(), three.entries());
        let waits = one.entries().into_iter().filter_map(|entry| match entry {
            Entry::Waiting { attempt, failure, delay } => {
                Some((attempt, Some(failure).filter(|failure| matches!(failure, How::Error(_))), delay))
            }
            _ => None,
        });
        prop_assert_eq!(waits.collect::<Vec<_>>(), retries.into_inner());
    }
}

/// E3: a success after retries has the number of attempts and the time waited.
#[test]
fn late_success_prints_how_late() {
    let (time, log) = (VirtualTime::new(), Recorder::new());
    let script = scripted(
        &time,
        [
            Call::fails(Verdict::Retry),
            Call::fails(Verdict::Retry),
            Call::succeeds(),
        ],
    );
    let policy = Policy::fixed(Duration::from_millis(3));
    policy.on(&time).observe(&log).run_blocking(|| script.call()).unwrap();
    let entries = log.entries();
    assert_eq!(entries.len(), 6);
    assert_eq!(
        entries.last(),
        Some(&Entry::Succeeded {
            attempts: 3,
            waited: Duration::from_millis(6)
        })
    );
}

/// E3: events come when they happen: a wait is announced before it is waited.
#[test]
fn wait_is_announced_before_it_begins() {
    let time = VirtualTime::new();
    let seen = RefCell::new(Vec::new());
    let policy = Policy::fixed(Duration::from_millis(3));
    let _ = policy
        .on(&time)
        .on_event(|_| seen.borrow_mut().push(time.elapsed().as_millis()))
        .run_blocking(|| {
            time.advance(Duration::from_millis(1));
            Err::<(), _>("no")
        });
    // Started, then for each attempt its start, its failure and its wait, and at last gave up.
    assert_eq!(seen.into_inner(), [0, 0, 1, 1, 4, 5, 5, 8, 9, 9]);
}

/// A failure can be copied while the error lives, with an error that can be neither cloned nor copied.
#[test]
fn failure_is_copied_with_an_error_that_is_not() {
    struct Whole(u32);

    let numbers = RefCell::new(Vec::new());
    let mut outcomes = [Err(Whole(7)), Ok(())].into_iter();
    let _ = Policy::fixed(Duration::ZERO)
        .max_attempts(2)
        .classify_outcome_with(|_: &Result<(), Whole>| Verdict::Retry)
        .on(VirtualTime::new())
        .on_event(|event| {
            if let Event::Failed { failure, .. } = event {
                let copies: [Failure<'_, Whole>; 2] = [*failure, *failure];
                numbers
                    .borrow_mut()
                    .extend(copies.map(|copy| copy.error().map(|error| error.0)));
            }
        })
        .run_blocking(|| outcomes.next().unwrap());
    assert_eq!(numbers.into_inner(), [Some(7), Some(7), None, None]);
}

/// A custom gate can keep a copy of how an attempt ended.
#[test]
fn end_is_kept_as_a_copy() {
    let outcome = Ok::<_, ()>(7);
    let ends = [Ended::Returned(&outcome), Ended::TimedOut, Ended::Panicked];
    let kept = ends.iter().cloned();
    let returned: Vec<_> = kept.map(|end| matches!(end, Ended::Returned(Ok(7)))).collect();
    assert_eq!(returned, [true, false, false]);
}

/// The kinds of the events that pass, of two runs that are rejected, fail, wait and give up.
fn kinds_that_pass(period: Duration) -> (Vec<&'static str>, u64) {
    let kinds = RefCell::new(Vec::new());
    let note = observe::from_fn(|event: &Event<'_, &str>| {
        kinds.borrow_mut().push(match event {
            Event::Failed { .. } => "failed",
            Event::Rejected { .. } => "rejected",
            Event::Waiting { .. } => "waiting",
            Event::GaveUp { .. } => "gave up",
            _ => "other",
        });
    });
    let observer = observe::at_most_every(period, note);
    let breaker = CircuitBreaker::consecutive_failures(4).build();
    for _ in 0..2 {
        let policy = Policy::fixed(Duration::ZERO).max_attempts(3);
        let run = policy.on(ThreadSleeper).observe(&observer).breaker(&breaker);
        assert!(run.run_blocking(|| Err::<(), _>("down")).is_err());
    }
    let suppressed = observer.suppressed();
    (kinds.take(), suppressed)
}

#[test]
fn one_event_of_each_kind_passes_in_a_period() {
    let (rare, suppressed) = kinds_that_pass(Duration::from_secs(3600));
    let of = |kind, kinds: &[&str]| kinds.iter().filter(|other| **other == kind).count();
    for kind in ["failed", "waiting", "gave up", "rejected"] {
        assert_eq!(of(kind, &rare), 1, "{kind} in {rare:?}");
    }
    let (all, none) = kinds_that_pass(Duration::ZERO);
    assert_eq!(
        (
            of("failed", &all),
            of("waiting", &all),
            of("gave up", &all),
            of("rejected", &all)
        ),
        (4, 3, 2, 1)
    );
    assert_eq!((of("other", &rare), none), (of("other", &all), 0));
    assert_eq!(suppressed, (all.len() - rare.len()) as u64);
}
