//! Scripted operations.

use persevere::{Policy, StopReason};
use persevere_testkit::{Call, Script, VirtualTime, script, script_async};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn message(call: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
    panic.downcast_ref::<String>().expect("the message has numbers").clone()
}

/// A call after the end of the script panics with a message, in each form.
#[test]
fn script_runs_out() {
    let policy = Policy::fixed(SECOND).max_attempts(5);
    let expected = "the script has 2 answers, and this is call 3";
    let failing = [Err::<(), _>("no"); 2];
    assert!(message(|| _ = policy.on(VirtualTime::new()).run_blocking(script(failing))).starts_with(expected));
    let time = VirtualTime::new();
    let run = policy.on(time.asynchronous()).run(script_async(failing));
    assert!(message(|| _ = time.block_on(run)).starts_with(expected));
    let script = Script::new(failing);
    assert!(message(|| _ = policy.on(VirtualTime::new()).run_blocking(|| script.call())).starts_with(expected));
    assert_eq!(script.calls(), 3, "the call that had no answer was made");
    assert!(message(|| _ = Script::new([Ok::<(), ()>(()); 0]).call()).starts_with("the script has 0 answers"));
    assert!(
        message(|| _ = Script::new([Ok::<(), ()>(()); 0]).repeating_last().call())
            .starts_with("the script has 0 answers")
    );
}

/// A call that takes time without a clock is a mistake in the test, and panics.
#[test]
fn call_that_takes_time_needs_a_clock() {
    let script = Script::new([Call::<_, ()>::ok(1).taking(SECOND)]);
    assert!(message(|| _ = script.call()).contains("`.on(&time)`"));
}

/// It goes through its list and repeats the last alone.
#[test]
fn last_is_repeated() {
    let script = Script::new([Err("a"), Err("b"), Ok(1)]).repeating_last();
    let answers: Vec<_> = (0..5).map(|_| script.call()).collect();
    assert_eq!(answers, [Err("a"), Err("b"), Ok(1), Ok(1), Ok(1)]);
}

/// Clones go on where the others are, from other threads as well.
#[test]
fn clones_go_on_together() {
    let script = Script::from_fn(Call::<_, ()>::ok);
    let mut numbers: Vec<_> = std::thread::scope(|scope| {
        let calls: Vec<_> = (0..4)
            .map(|_| {
                let mine = script.clone();
                scope.spawn(move || (0..250).map(|_| mine.call().unwrap()).collect::<Vec<_>>())
            })
            .collect();
        calls.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    numbers.sort_unstable();
    assert!(numbers.into_iter().eq(1..=1000));
    assert_eq!(script.calls(), 1000);
}

/// A call that times out stops running, and other calls run until they are over.
#[test]
fn running_calls_are_counted() {
    let time = VirtualTime::new();
    let script: Script<(), &str> = Script::new([Call::ok(()).taking(9 * SECOND)])
        .repeating_last()
        .on(&time);
    let policy = Policy::fixed(SECOND).attempt_timeout(2 * SECOND).max_attempts(2);
    let seen = script.clone();
    let run = policy
        .on(time.asynchronous())
        .on_retry(move |_, _: Option<&&str>, _| assert_eq!(seen.running(), 0))
        .run(|| script.call_async());
    assert_eq!(time.block_on(run).unwrap_err().reason(), StopReason::AttemptTimedOut);
    assert_eq!((script.running(), script.calls()), (0, 2));
    let calls = [script.call_async(), script.call_async()];
    assert_eq!(script.running(), 2);
    time.run_all(calls);
    assert_eq!(script.running(), 0);
}

/// Blocking and async calls take the same time, and neither is a wait of the sleeper's.
#[test]
fn calls_take_their_time() {
    let script =
        |time: &VirtualTime| Script::new([Call::err("no").taking(2 * SECOND), Call::ok(1).taking(3 * SECOND)]).on(time);
    let policy = Policy::fixed(SECOND);
    let (one, other) = (VirtualTime::new(), VirtualTime::new());
    let (blocking, awaited) = (script(&one), script(&other));
    assert_eq!(policy.on(&one).run_blocking(|| blocking.call()), Ok(1));
    assert_eq!(
        other.block_on(policy.on(other.asynchronous()).run(|| awaited.call_async())),
        Ok(1)
    );
    for (time, script) in [(one, blocking), (other, awaited)] {
        assert_eq!((time.elapsed(), time.waits()), (6 * SECOND, vec![SECOND]));
        assert_eq!(script.started(), [Duration::ZERO, 3 * SECOND]);
    }
}
