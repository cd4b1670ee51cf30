//! Recorded events, and their text.

use persevere::{Policy, StopReason, Verdict};
use persevere_testkit::{
    Call, Outcome, Recorder, Script, VirtualTime, assert_attempts, assert_gave_up, assert_succeeded, assert_waits,
    script,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn message(assertion: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(assertion)).unwrap_err();
    panic.downcast_ref::<String>().expect("the message has values").clone()
}

/// A run that fails once and succeeds.
fn recorded() -> Recorder {
    let recorder = Recorder::new();
    let policy = Policy::fixed(SECOND);
    let run = policy.on(VirtualTime::new()).observe(&recorder);
    run.run_blocking(script([Err("down"), Ok(7)])).unwrap();
    recorder
}

const TIMELINE: &str = "timeline:
  0ns  started
  0ns  attempt 1 failed with \"down\": Retry
  0ns  waits 1s
  1s   succeeded on attempt 2, waited 1s
";

/// Each assertion that fails prints the expected and the recorded value, and the timeline.
#[test]
fn failures_show_the_timeline() {
    let recorder = recorded();
    let head = |what: &str, expected: &str, recorded: &str| {
        format!("{what}: not what was expected\n  expected: {expected}\n  recorded: {recorded}\n{TIMELINE}")
    };
    assert_eq!(
        message(|| assert_waits!(recorder, [SECOND, SECOND])),
        head("waits", "[1s, 1s]", "[1s]")
    );
    assert_eq!(message(|| assert_attempts!(recorder, 3)), head("attempts", "3", "2"));
    assert_eq!(
        message(|| assert_gave_up!(recorder, StopReason::Elapsed)),
        head("outcome", "Some(GaveUp(Elapsed))", "Some(Succeeded)")
    );
    let empty = message(|| assert_succeeded!(Recorder::new()));
    assert_eq!(
        empty,
        "outcome: not what was expected\n  expected: Some(Succeeded)\n  recorded: None\ntimeline:\n  nothing\n"
    );
}

/// The panic is where the assertion stands.
#[test]
fn failures_point_at_the_assertion() {
    use std::sync::{Arc, Mutex};
    let place = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&place);
    let (former, this) = (std::panic::take_hook(), std::thread::current().id());
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == this {
            *noted.lock().unwrap() = info
                .location()
                .map(|location| (location.file().to_owned(), location.line()));
        }
    }));
    let line = line!() + 1;
    let _ = catch_unwind(|| assert_attempts!(Recorder::new(), 1));
    std::panic::set_hook(former);
    assert_eq!(*place.lock().unwrap(), Some((file!().to_owned(), line)));
}

/// Assertions take a recorder by value, by reference, and lists of every kind.
#[test]
fn assertions_take_what_there_is() {
    let recorder = recorded();
    assert_waits!(&recorder, [SECOND]);
    assert_waits!(recorder, vec![SECOND]);
    assert_waits!(recorder.clone(), *[SECOND].as_slice());
    assert_attempts!(&recorder, 2,);
    assert_succeeded!(&recorder);
}

/// Every kind of event, on a clock that operations move.
#[test]
fn timeline_has_words_for_everything() {
    let time = VirtualTime::new();
    let recorder = Recorder::on(&time);
    let calls = [
        Call::err("busy").taking(Duration::from_millis(1500)),
        Call::ok(0),
        Call::ok(1).taking(60 * SECOND),
        Call::err("gone"),
    ];
    let script: Script<u32, &str> = Script::new(calls).on(&time);
    let policy = Policy::fixed(SECOND)
        .max_attempts(9)
        .attempt_timeout(2 * SECOND)
        .max_hint(3 * SECOND)
        .exact_hints()
        .classify_outcome_with(|outcome| match outcome {
            Err("busy") => Verdict::RetryAfter(3 * SECOND),
            Ok(0) => Verdict::Retry,
            Ok(_) => Verdict::Accept,
            Err(_) => Verdict::Stop,
        });
    let run = policy
        .on(time.asynchronous())
        .observe(&recorder)
        .run(|| script.call_async());
    time.block_on(run).unwrap_err();
    assert_eq!(
        format!("\n{}", recorder.timeline()),
        "
  0ns   started
  1.5s  attempt 1 failed with \"busy\": RetryAfter(3s)
  1.5s  waits 3s
  4.5s  attempt 2 failed with an `Ok` that was not accepted: Retry
  4.5s  waits 1s
  7.5s  attempt 3 failed with a timeout: Retry
  7.5s  waits 1s
  8.5s  attempt 4 failed with \"gone\": Stop
  8.5s  gave up after attempt 4, waited 5s: not retryable
"
    );
    assert_waits!(recorder, [3, 1, 1].map(Duration::from_secs));
    assert_eq!(
        time.waits(),
        [3, 1, 2, 1].map(Duration::from_secs),
        "the clock saw the timer as well"
    );
    assert_gave_up!(recorder, StopReason::Permanent);
}

/// Consecutive runs add up; the outcome is the outcome of the last run.
#[test]
fn runs_add_up() {
    let recorder = recorded();
    let policy = Policy::fixed(2 * SECOND).max_attempts(1);
    let run = policy.on(VirtualTime::new()).observe(&recorder);
    run.run_blocking(script([Err::<(), _>("down")])).unwrap_err();
    assert_attempts!(recorder, 3);
    assert_waits!(recorder, [SECOND]);
    assert_eq!(recorder.outcome(), Some(Outcome::GaveUp(StopReason::Attempts)));
    let clone = recorder.clone();
    assert_eq!(
        (clone.entries(), clone.timeline()),
        (recorder.entries(), recorder.timeline())
    );
}
