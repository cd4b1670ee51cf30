//! Virtual time: a clock that only sleeps and tests move.

use persevere::Sleeper;
use persevere_testkit::{Polled, VirtualTime};
use persevere_tests::strategy::{any_duration, cases, few_millis};
use proptest::prelude::*;
use std::sync::Arc;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

proptest! {
    #![proptest_config(cases(300))]

    /// Blocking sleeps move the clock by exactly their lengths, to the end of time and not past it, and are recorded.
    #[test]
    fn blocking_sleeps_add_up(start in any_duration(), sleeps in prop::collection::vec(any_duration(), 0..8)) {
        let time = VirtualTime::starting_at(start);
        let mut expected = start;
        for sleep in &sleeps {
            drop(time.sleep(*sleep));
            expected = expected.saturating_add(*sleep);
            prop_assert_eq!((time.elapsed(), time.now()), (expected, expected));
        }
        prop_assert_eq!(time.reads(), sleeps.len());
        prop_assert_eq!(time.waits(), sleeps);
    }

    /// Whatever the steps by which the clock is moved, a sleep is woken once, with the step that reaches its end, and
    /// not before. A dropped sleep is never woken.
    #[test]
    fn sleep_ends_at_its_end(
        sleeps in prop::collection::vec((few_millis(), any::<bool>()), 1..10),
        steps in prop::collection::vec(few_millis(), 0..10),
    ) {
        let time = VirtualTime::new();
        let mut polled: Vec<_> = sleeps
            .iter()
            .map(|(length, is_dropped)| (*length, *is_dropped, Polled::new(time.asynchronous().sleep(*length))))
            .collect();
        for (length, _, sleep) in &mut polled {
            prop_assert_eq!(sleep.poll().is_ready(), length.is_zero());
        }
        prop_assert_eq!(time.pending(), sleeps.iter().filter(|(length, _)| !length.is_zero()).count());
        polled.retain(|(length, is_dropped, _)| !is_dropped && !length.is_zero());
        prop_assert_eq!(time.pending(), polled.len());
        for step in steps {
            time.advance(step);
            for (length, _, sleep) in &polled {
                prop_assert_eq!(sleep.wakes().count(), usize::from(*length <= time.elapsed()));
            }
        }
        let mut expected: Vec<_> = polled.iter().map(|(length, ..)| *length).filter(|length| *length > time.elapsed()).collect();
        expected.sort();
        expected.dedup();
        let mut ends = Vec::new();
        while time.advance_to_next().is_some() {
            ends.push(time.elapsed());
        }
        prop_assert_eq!(ends, expected);
        for (_, _, sleep) in &mut polled {
            prop_assert!(sleep.poll().is_ready());
        }
        prop_assert_eq!(time.waits().len(), polled.len() + sleeps.iter().filter(|(length, _)| length.is_zero()).count());
    }
}

/// A sleep that is polled without need goes on; it is recorded once, when it is over.
#[test]
fn polling_does_not_move_the_clock() {
    let time = VirtualTime::new();
    let mut sleep = Polled::new(time.asynchronous().sleep(SECOND));
    for _ in 0..10 {
        assert!(sleep.poll().is_pending());
    }
    assert_eq!(
        (time.elapsed(), time.pending(), time.waits().len()),
        (Duration::ZERO, 1, 0)
    );
    assert_eq!(Arc::strong_count(&sleep.wakes()), 3, "one waker is kept, not ten");
    time.advance(2 * SECOND);
    assert!(sleep.poll().is_ready() && sleep.poll().is_ready());
    assert_eq!((time.waits(), time.pending()), (vec![SECOND], 0));
}

/// A sleep that moves to another task wakes that task alone, and drops the waker of the first.
#[test]
fn sleep_wakes_the_task_that_polled_last() {
    let time = VirtualTime::new();
    let sleep = std::sync::Mutex::new(Box::pin(time.asynchronous().sleep(SECOND)));
    let polled = || {
        Polled::new(std::future::poll_fn(|context| {
            sleep.lock().unwrap().as_mut().poll(context)
        }))
    };
    let (mut one, mut two) = (polled(), polled());
    assert!(one.poll().is_pending() && two.poll().is_pending());
    assert_eq!(Arc::strong_count(&one.wakes()), 2);
    time.advance(SECOND);
    assert_eq!((one.wakes().count(), two.wakes().count()), (0, 1));
}

/// The end of a sleep is counted from when it was begun, not from when it was polled.
#[test]
fn sleep_begins_when_it_is_asked_for() {
    let time = VirtualTime::new();
    let mut sleep = Polled::new(time.asynchronous().sleep(SECOND));
    time.advance(SECOND);
    assert!(sleep.poll().is_ready());
}

/// A sleep without an end ends at the end of time.
#[test]
fn end_of_time_is_an_end() {
    let time = VirtualTime::starting_at(SECOND);
    time.block_on(time.asynchronous().sleep(Duration::MAX));
    assert_eq!((time.elapsed(), time.waits()), (Duration::MAX, vec![Duration::MAX]));
    time.advance(SECOND);
    drop(time.sleep(SECOND));
    assert_eq!(time.elapsed(), Duration::MAX);
}

/// Threads share a clock: a sleep on one thread wakes a wait on another.
#[test]
fn threads_share_a_clock() {
    let time = VirtualTime::new();
    let sleeper = time.asynchronous();
    let (announce, waits) = std::sync::mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let mut sleep = Box::pin(sleeper.sleep(SECOND));
        smol::block_on(std::future::poll_fn(|context| {
            let poll = sleep.as_mut().poll(context);
            let _ = announce.send(());
            poll
        }));
    });
    waits.recv().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| drop(time.sleep(SECOND)));
    });
    waiter.join().unwrap();
    assert_eq!(time.waits(), [SECOND; 2]);
}
