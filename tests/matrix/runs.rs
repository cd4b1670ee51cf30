//! Behaviours of a run in every world.

use persevere::classify::ByError;
use persevere::{CancelToken, Policy, Sleeper, StopReason, Verdict};
use persevere_testkit::{Call, Entry, How, Recorder, assert_attempts, assert_gave_up, assert_succeeded, assert_waits};
use persevere_tests::world::{Fault, World};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

const HOUR: Duration = Duration::from_secs(3600);

/// Milliseconds.
const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Fails the given number of times, then succeeds with the number of the attempt.
fn failing(times: u32, fault: Fault) -> impl FnMut(persevere::Attempt) -> Call<u32, Fault> + Send + 'static {
    move |attempt| {
        if attempt.number() > times {
            Call::ok(attempt.number())
        } else {
            Call::err(fault)
        }
    }
}

/// A success at once is one attempt and no wait.
fn success_at_once<W: World>(world: &W) {
    let recorder = Recorder::new();
    let run = const { &Policy::fixed(HOUR) }.on(world.sleeper());
    let result = world.drive(run.observe(recorder.clone()), failing(0, Fault::Passing));
    assert_eq!(result, Ok(1));
    assert_attempts!(recorder, 1);
    assert_waits!(recorder, []);
    assert_succeeded!(recorder);
}

/// After two failures the third attempt succeeds, and both waits were waited, by the sleeper's own clock.
fn retries_then_success<W: World>(world: &W) {
    let (recorder, sleeper) = (Recorder::new(), world.sleeper());
    let start = sleeper.now();
    let run = const { &Policy::exponential(ms(1)).jitter(persevere::Jitter::None) }.on(world.sleeper());
    let result = world.drive(run.observe(recorder.clone()), failing(2, Fault::Passing));
    assert_eq!(result, Ok(3));
    assert_attempts!(recorder, 3);
    assert_waits!(recorder, [ms(1), ms(2)]);
    assert_succeeded!(recorder);
    assert!(sleeper.now() - start >= ms(3));
}

/// After the last attempt there is no wait, and the last error comes back.
fn exhausted<W: World>(world: &W) {
    let recorder = Recorder::new();
    let run = const { &Policy::fixed(ms(1)).max_attempts(3) }.on(world.sleeper());
    let error = world
        .drive(run.observe(recorder.clone()), failing(9, Fault::Passing))
        .unwrap_err();
    assert_eq!((error.attempts(), error.waited()), (3, ms(2)));
    assert_eq!(error.last_error(), Some(&Fault::Passing));
    assert_waits!(recorder, [ms(1); 2]);
    assert_gave_up!(recorder, StopReason::Attempts);
}

/// A permanent error comes back at once.
fn permanent<W: World>(world: &W) {
    let recorder = Recorder::new();
    let run = const { &Policy::fixed(HOUR).classify(ByError) }.on(world.sleeper());
    let error = world
        .drive(run.observe(recorder.clone()), failing(9, Fault::Lasting))
        .unwrap_err();
    assert_eq!((error.attempts(), error.last_error()), (1, Some(&Fault::Lasting)));
    assert_waits!(recorder, []);
    assert_gave_up!(recorder, StopReason::Permanent);
}

/// A hint is waited for instead of the computed delay.
fn hint_obeyed<W: World>(world: &W) {
    let recorder = Recorder::new();
    let run = const { &Policy::fixed(HOUR).exact_hints().classify(ByError) }.on(world.sleeper());
    let result = world.drive(run.observe(recorder.clone()), failing(1, Fault::Busy(ms(2))));
    assert_eq!(result, Ok(2));
    assert_waits!(recorder, [ms(2)]);
}

/// A hint beyond its bound stops the run.
fn hint_beyond_bound<W: World>(world: &W) {
    let recorder = Recorder::new();
    let run = const { &Policy::fixed(ms(1)).max_hint(ms(1)).classify(ByError) }.on(world.sleeper());
    let result = world.drive(run.observe(recorder.clone()), failing(9, Fault::Busy(HOUR)));
    assert_eq!(result.unwrap_err().attempts(), 1);
    assert_waits!(recorder, []);
    assert_gave_up!(recorder, StopReason::Hint);
}

/// A wait that would end past the deadline is not begun, and the time of attempts counts.
fn deadline<W: World>(world: &W) {
    let recorder = Recorder::new();
    let run = const { &Policy::fixed(ms(2)).max_attempts(u32::MAX) }
        .on(world.sleeper())
        .timeout(ms(12))
        .observe(recorder.clone());
    let error = world
        .drive(run, |_| Call::err(Fault::Passing).taking(ms(2)))
        .unwrap_err();
    // Attempts begin at 0, 4 and 8 ms, or later if the world is slow.
    assert!((1..=3).contains(&error.attempts()), "{}", recorder.timeline());
    let elapsed = error.elapsed().expect("the clock was read");
    assert!(
        elapsed + ms(2) >= ms(12),
        "there was time for another wait: {elapsed:?}"
    );
    assert_gave_up!(recorder, StopReason::Elapsed);
}

/// A token interrupts a wait, and the run ends there.
fn cancellation<W: World>(world: &W) {
    let (token, recorder, start) = (CancelToken::new(), Recorder::new(), Instant::now());
    let (cancelled, from) = (token.clone(), world.clone());
    let world = world.cancelled_by(&token);
    let run = const { &Policy::fixed(HOUR).max_attempts(9) }
        .on(world.sleeper())
        .observe(recorder.clone())
        .on_retry(move |_, _: Option<&Fault>, _| {
            let token = cancelled.clone();
            from.soon(move || token.cancel());
        });
    let error = world.drive(run, failing(9, Fault::Passing)).unwrap_err();
    assert_eq!((error.attempts(), error.waited()), (1, Duration::ZERO));
    assert_gave_up!(recorder, StopReason::Cancelled);
    assert!(start.elapsed() < HOUR / 60);
}

/// A token that was cancelled before makes no attempt.
fn cancelled_before<W: World>(world: &W) {
    let (token, recorder) = (CancelToken::new(), Recorder::new());
    token.cancel();
    let world = world.cancelled_by(&token);
    let run = const { &Policy::fixed(HOUR) }
        .on(world.sleeper())
        .observe(recorder.clone());
    assert_eq!(world.drive(run, failing(0, Fault::Passing)).unwrap_err().attempts(), 0);
    assert_gave_up!(recorder, StopReason::Cancelled);
}

/// The operation receives the number of its attempt, and the time that it may take.
fn attempt_numbers<W: World>(world: &W) {
    let (tell, told) = channel();
    let run = const { &Policy::fixed(Duration::ZERO).max_attempts(4) }.on(world.sleeper());
    let result = world.drive(run.timeout(HOUR), move |attempt| {
        tell.send(attempt.clone()).unwrap();
        failing(3, Fault::Passing)(attempt)
    });
    assert_eq!(result, Ok(4));
    let told: Vec<_> = told.into_iter().collect();
    assert!(told.iter().map(|attempt| attempt.number()).eq(1..=4));
    assert!(told.iter().all(|attempt| attempt.is_retry() == (attempt.number() > 1)));
    assert!(told.iter().all(|attempt| attempt.timeout().unwrap() <= HOUR));
}

/// Events come in order, and once.
fn event_order<W: World>(world: &W) {
    let recorder = Recorder::new();
    let run = const { &Policy::fixed(ms(1)).classify(ByError) }.on(world.sleeper());
    let result = world.drive(run.observe(recorder.clone()), failing(1, Fault::Passing));
    assert_eq!(result, Ok(2));
    let failure = How::Error("Passing".to_owned());
    assert_eq!(
        recorder.entries(),
        [
            Entry::Started,
            Entry::Failed {
                attempt: 1,
                failure: failure.clone(),
                verdict: Verdict::Retry,
            },
            Entry::Waiting {
                attempt: 1,
                failure,
                delay: ms(1),
            },
            Entry::Succeeded {
                attempts: 2,
                waited: ms(1),
            },
        ]
    );
}

in_every_world! {
    success_at_once,
    retries_then_success,
    exhausted,
    permanent,
    hint_obeyed,
    hint_beyond_bound,
    deadline,
    cancellation,
    cancelled_before,
    attempt_numbers,
    event_order,
}
