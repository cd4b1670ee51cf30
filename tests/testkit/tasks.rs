//! Many tasks on one clock, against a slow and obvious simulation.

use persevere::{Jitter, Policy, Sleeper};
use persevere_testkit::{Recorder, VirtualTime, assert_waits, script_async};
use persevere_tests::strategy::{cases, few_millis};
use proptest::prelude::*;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

/// The ends of sleeps: the task, and the time.
type Story = Vec<(usize, Duration)>;

/// Simulates tasks that make these sleeps one after the other. The sleep that ends first is always next; of sleeps that
/// end together, the sleep that was begun first.
fn simulate(tasks: &[Vec<Duration>]) -> Story {
    let (mut story, mut sleeping, mut begun) = (Story::new(), Vec::new(), 0);
    let mut go_on = |task: usize, mut left: Vec<Duration>, now: Duration, sleeping: &mut Vec<_>, story: &mut Story| {
        while left.first().is_some_and(Duration::is_zero) {
            story.push((task, now));
            left.remove(0);
        }
        if !left.is_empty() {
            begun += 1;
            sleeping.push((now + left.remove(0), begun, task, left));
        }
    };
    for (task, sleeps) in tasks.iter().enumerate() {
        go_on(task, sleeps.clone(), Duration::ZERO, &mut sleeping, &mut story);
    }
    while let Some(next) = (0..sleeping.len()).min_by_key(|index| (sleeping[*index].0, sleeping[*index].1)) {
        let (now, _, task, left) = sleeping.remove(next);
        story.push((task, now));
        go_on(task, left, now, &mut sleeping, &mut story);
    }
    story
}

proptest! {
    #![proptest_config(cases(500))]

    /// Tasks wake in the order in which their sleeps end, and with equal ends in the order in which the sleeps began.
    #[test]
    fn tasks_take_turns_as_simulated(tasks in prop::collection::vec(prop::collection::vec(few_millis(), 0..6), 0..8)) {
        let (time, story) = (VirtualTime::new(), RefCell::new(Story::new()));
        let (sleeper, told) = (time.asynchronous(), &story);
        let futures = tasks.iter().enumerate().map(|(task, sleeps)| {
            let (time, sleeper) = (&time, &sleeper);
            async move {
                for sleep in sleeps {
                    sleeper.sleep(*sleep).await;
                    told.borrow_mut().push((task, time.elapsed()));
                }
                task
            }
        });
        prop_assert_eq!(time.run_all(futures), (0..tasks.len()).collect::<Vec<_>>());
        let longest = tasks.iter().map(|sleeps| sleeps.iter().sum()).max().unwrap_or(Duration::ZERO);
        prop_assert_eq!((time.elapsed(), time.pending()), (longest, 0));
        prop_assert_eq!(story.into_inner(), simulate(&tasks));
    }

    /// Runs that go on side by side wait exactly what they would wait alone.
    #[test]
    fn runs_do_not_disturb_each_other(seeds in prop::collection::vec(any::<u64>(), 1..10)) {
        let time = VirtualTime::new();
        let policy = |seed| Policy::exponential(Duration::from_millis(7)).jitter(Jitter::Full).max_attempts(6).seed(seed);
        let runs = seeds.iter().map(|seed| {
            let recorder = Recorder::on(&time);
            let time = &time;
            async move {
                let failing = script_async([Err::<(), _>("no"); 6]);
                let error = policy(*seed).on(time.asynchronous()).observe(&recorder).run(failing).await.unwrap_err();
                (recorder, error.waited(), time.elapsed())
            }
        });
        for ((recorder, waited, ended), seed) in time.run_all(runs).into_iter().zip(&seeds) {
            assert_waits!(recorder, policy(*seed).delays().collect::<Vec<_>>());
            prop_assert_eq!(waited, ended, "no run waits for another");
        }
    }
}

/// Whoever yields is polled again after the others.
#[test]
fn tasks_yield_to_each_other() {
    let (time, story) = (VirtualTime::new(), RefCell::new(Vec::new()));
    let task = async |name| {
        for turn in 0..3 {
            story.borrow_mut().push((name, turn));
            tokio::task::yield_now().await;
        }
    };
    time.run_all([task('a'), task('b')]);
    let expected = [('a', 0), ('b', 0), ('a', 1), ('b', 1), ('a', 2), ('b', 2)];
    assert_eq!(
        (story.into_inner().as_slice(), time.elapsed()),
        (&expected[..], Duration::ZERO)
    );
}

/// Neither the futures nor their outputs need to be `Send` or `'static`.
#[test]
fn tasks_may_borrow() {
    let (time, text) = (VirtualTime::new(), String::from("text"));
    let borrowed = time.block_on(async {
        time.pass(Duration::from_secs(1)).await;
        Rc::new(text.as_str())
    });
    assert_eq!(*borrowed, "text");
}

/// Tasks that wake each other, without a clock, are woken.
#[test]
fn tasks_may_wake_each_other() {
    let time = VirtualTime::new();
    let (sender, receiver) = smol::channel::bounded(1);
    let (send, receive) = (
        async move {
            for number in 0..100 {
                sender.send(number).await.unwrap();
            }
            0
        },
        async move {
            let mut sum = 0;
            while let Ok(number) = receiver.recv().await {
                sum += number;
            }
            sum
        },
    );
    let tasks: [std::pin::Pin<Box<dyn Future<Output = u32>>>; 2] = [Box::pin(receive), Box::pin(send)];
    assert_eq!(time.run_all(tasks), [4950, 0]);
}

/// A wait that cannot end panics, with the number of stuck tasks.
#[test]
fn what_cannot_come_is_a_panic() {
    let time = VirtualTime::new();
    let task = async |is_stuck| {
        time.pass(Duration::from_secs(1)).await;
        if is_stuck {
            std::future::pending::<()>().await;
        }
    };
    let panic = catch_unwind(AssertUnwindSafe(|| time.run_all([task(true), task(false), task(true)]))).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();
    assert!(message.starts_with("2 of 3 tasks wait forever"), "{message}");
    assert_eq!(time.elapsed(), Duration::from_secs(1), "it was not stuck before");
}

/// The time of a turn does not grow with the number of tasks, or this would take minutes.
#[test]
fn tasks_are_many() {
    let time = VirtualTime::unrecorded();
    let count = 30_000;
    let task = async |number: u32| {
        for _ in 0..3 {
            time.asynchronous()
                .sleep(Duration::from_nanos((number % 1009).into()))
                .await;
        }
        number
    };
    let started = std::time::Instant::now();
    assert_eq!(time.run_all((0..count).map(task)), (0..count).collect::<Vec<_>>());
    println!("{} sleeps in {:?}", 3 * count, started.elapsed());
    assert_eq!(
        (time.elapsed(), time.waits().len()),
        (Duration::from_nanos(3 * 1008), 0)
    );
}
