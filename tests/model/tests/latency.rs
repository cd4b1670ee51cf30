//! The counters of a latency under the model checker: samples beside a turn of the window.
//!
//! Two counters in place of 322, since each is one more atomic to explore.

use loom::sync::Arc;
use loom::thread;
use persevere_hedge::model::Counters;
use persevere_model::check;
use std::time::Duration;

const fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Periods of ten seconds.
fn halves() -> Arc<Counters<2>> {
    let halves = Counters::new(at(10));
    let _ = format!("{halves:?}");
    Arc::new(halves)
}

/// No sample is lost at a turn, whoever turns.
#[test]
fn samples_beside_a_turn_are_all_counted() {
    check(3, || {
        let halves = halves();
        halves.add(0, at(9));
        let threads = [0, 1].map(|counter| {
            let halves = Arc::clone(&halves);
            thread::spawn(move || halves.add(counter, at(10)))
        });
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(halves.sums(at(19)), [2, 1]);
    });
}

/// Samples of the period before the last are gone after a turn, and no reader reads more than there was.
#[test]
fn reader_beside_a_turn_reads_some_of_the_samples() {
    check(3, || {
        let halves = halves();
        halves.add(0, at(5));
        halves.add(1, at(15));
        let turn = {
            let halves = Arc::clone(&halves);
            thread::spawn(move || halves.add(1, at(25)))
        };
        let [evicted, kept] = halves.sums(at(15));
        assert!(evicted <= 1 && (1..=2).contains(&kept), "{evicted}, {kept}");
        turn.join().unwrap();
        assert_eq!(halves.sums(at(25)), [0, 2]);
    });
}

/// A sample of a thread that was delayed for longer than the window is counted at most once.
#[test]
fn delayed_sample_is_counted_at_most_once() {
    check(3, || {
        let halves = halves();
        let delayed = {
            let halves = Arc::clone(&halves);
            thread::spawn(move || halves.add(0, at(5)))
        };
        halves.add(1, at(15));
        halves.add(1, at(45));
        delayed.join().unwrap();
        let [delayed, latest] = halves.sums(at(45));
        assert!(delayed <= 1 && latest == 1, "{delayed}, {latest}");
    });
}
