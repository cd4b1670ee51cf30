//! Limits behind an `Arc`, which a run keeps, and limits that may be absent.

use persevere::limit::{AdaptiveLimit, Aimd, Bulkhead, Gradient2, Pause};
use persevere::{Jitter, Policy, StopReason, Verdict};
use persevere_testkit::{VirtualTime, script};
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn places_of_a_shared_limit_come_back() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(SECOND).jitter(Jitter::None).max_attempts(3);
    let (bulkhead, gradient) = (
        Arc::new(Bulkhead::new(1)),
        Arc::new(AdaptiveLimit::new(Gradient2::new())),
    );
    let aimd = Arc::new(AdaptiveLimit::new(Aimd::new()));
    let run = || {
        policy
            .on(&time)
            .bulkhead(bulkhead.clone())
            .pace(gradient.clone())
            .pace(aimd.clone())
    };
    let places = || (bulkhead.in_flight(), gradient.in_flight(), aimd.in_flight());
    let answers = [Err("down"), Ok(7)];
    let mut answers = answers.into_iter();
    let outcome = run().run_blocking(|| {
        assert_eq!(places(), (1, 1, 1));
        answers.next().unwrap()
    });
    assert_eq!((outcome, places()), (Ok(7), (0, 0, 0)));

    let held = bulkhead.try_acquire().unwrap();
    let error = run().run_blocking(script([Ok::<u32, &str>(7)])).unwrap_err();
    assert_eq!(
        (error.reason(), error.attempts(), places()),
        (StopReason::Rejected, 0, (1, 0, 0))
    );
    drop(held);
}

#[test]
fn hint_pauses_all_runs_that_share_the_pause() {
    let time = VirtualTime::new();
    let pause = Arc::new(Pause::new());
    let policy = Policy::fixed(SECOND).jitter(Jitter::None).exact_hints();
    let policy = policy.classify_with(|_: &&str| Verdict::RetryAfter(60 * SECOND));
    let outcome = policy
        .on(&time)
        .pace(pause.clone())
        .run_blocking(script([Err("429"), Ok(7)]));
    assert_eq!((outcome, time.elapsed()), (Ok(7), 60 * SECOND));
    pause.pause_for(5 * SECOND, time.elapsed());
    let outcome = policy
        .on(&time)
        .pace(Some(pause))
        .run_blocking(script([Ok::<_, &str>(8)]));
    assert_eq!(outcome, Ok(8));
    assert!(time.elapsed() >= 65 * SECOND, "{:?}", time.elapsed());
}

#[test]
fn absent_limits_admit_everything() {
    let time = VirtualTime::new();
    let policy = Policy::fixed(SECOND).jitter(Jitter::None);
    let run = policy.on(&time).pace(None::<&Pause>).bulkhead(None::<Arc<Bulkhead>>);
    assert_eq!(run.run_blocking(script([Err("down"), Ok(7)])), Ok(7));
}

#[test]
fn limits_are_printed_with_their_state() {
    let bulkhead = Bulkhead::new(9);
    let _place = bulkhead.try_acquire();
    let text = format!("{bulkhead:?}");
    assert!(text.contains('9') && text.contains('1'), "{text}");
    for text in [
        format!("{:?}", AdaptiveLimit::new(Gradient2::new())),
        format!("{:?}", AdaptiveLimit::new(Aimd::new())),
        format!("{:?}", Pause::new()),
    ] {
        assert!(text.starts_with("AdaptiveLimit") || text.starts_with("Pause"), "{text}");
    }
}
