//! Futures that the test polls.

use persevere_testkit::Polled;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

/// A future that wakes itself `left` times, and then waits for ever, or is ready if it is `over`.
fn turns(mut left: u32, over: bool) -> impl Future<Output = ()> {
    poll_fn(move |context| {
        if left > 0 {
            left -= 1;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if over { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// Polls and wake-ups are counted, and a wake-up counts as long as no poll has answered it.
#[test]
fn polls_and_wakes_are_counted() {
    let mut task = Polled::new(turns(2, true));
    assert_eq!((task.polls(), task.wakes().count(), task.is_woken()), (0, 0, false));
    assert!(task.poll().is_pending());
    assert_eq!((task.polls(), task.wakes().count(), task.is_woken()), (1, 1, true));
    assert!(task.poll().is_pending());
    assert!(task.poll().is_ready());
    assert_eq!((task.polls(), task.wakes().count(), task.is_woken()), (3, 2, false));
    assert_eq!(format!("{task:?}"), "Polled { polls: 3, wakes: 2, .. }");
}

/// It is polled for as long as it wakes itself, and once more.
#[test]
fn idle_task_is_left_alone() {
    for (left, polls) in [(0, 1), (1, 2), (5, 6)] {
        let mut task = Polled::new(turns(left, false));
        assert!(task.poll_until_idle().is_pending());
        assert_eq!(task.polls(), polls);
        let mut task = Polled::new(turns(left, true));
        assert!(task.poll_until_idle().is_ready());
        assert_eq!(task.polls(), polls);
    }
}

/// The waker outlives the task, and shows whether anything still holds it.
#[test]
fn waker_that_is_kept_is_seen() {
    let mut kept = None;
    let mut task = Polled::new(poll_fn(|context| {
        kept = Some(context.waker().clone());
        Poll::<()>::Pending
    }));
    let wakes = task.wakes();
    assert!(task.poll().is_pending());
    drop(task);
    assert_eq!((Arc::strong_count(&wakes), wakes.count()), (2, 0));
    kept.unwrap().wake();
    assert_eq!((Arc::strong_count(&wakes), wakes.count()), (1, 1));
}
