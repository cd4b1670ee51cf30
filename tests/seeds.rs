//! Runs differ, except with the same seed.

use persevere::{Jitter, Policy, Random};
use persevere_testkit::VirtualTime;
use persevere_tests::strategy::{any_duration, cases, jitter};
use proptest::prelude::*;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn run(policy: &Policy) -> Vec<Duration> {
    let time = VirtualTime::new();
    policy.on(&time).run_blocking(|| Err::<(), _>("no")).unwrap_err();
    time.waits()
}

/// B6: two runs of one policy wait differently.
#[test]
fn two_runs_differ() {
    let policy = Policy::exponential(SECOND).max_attempts(6);
    let mut runs: Vec<_> = (0..50).map(|_| run(&policy)).collect();
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 50);
}

/// B6: runs on different threads wait differently, though each thread draws its first.
#[test]
fn runs_of_two_threads_differ() {
    let policy = Policy::exponential(SECOND).max_attempts(6);
    let threads: Vec<_> = (0..8).map(|_| std::thread::spawn(move || run(&policy))).collect();
    let mut runs: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), 8);
}

/// B6: two processes wait differently. The child is this test, run again.
#[test]
fn runs_of_two_processes_differ() {
    const CHILD: &str = "PERSEVERE_TESTS_CHILD";
    let policy = Policy::exponential(SECOND).max_attempts(6);
    if std::env::var_os(CHILD).is_some() {
        println!("waits {:?}", run(&policy));
        return;
    }
    let child = || {
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "seeds::runs_of_two_processes_differ", "--nocapture"])
            .env(CHILD, "1")
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let start = text.find("waits").expect("the child says what it waited");
        text[start..].lines().next().unwrap().to_owned()
    };
    assert_ne!(child(), child());
}

proptest! {
    #![proptest_config(cases(128))]

    /// B6: with a seed, of the policy or of the run, every run waits the same, as `delays` returns.
    #[test]
    fn seed_makes_every_run_the_same(seed in any::<u64>(), jitter in jitter(), base in any_duration()) {
        let policy = Policy::exponential(base.min(Duration::from_secs(1 << 20))).max_attempts(9).jitter(jitter);
        let expected: Vec<_> = policy.seed(seed).delays().collect();
        prop_assert_eq!(run(&policy.seed(seed)), expected.clone());
        prop_assert_eq!(run(&policy.seed(seed)), expected.clone());
        let time = VirtualTime::new();
        policy.seed(!seed).on(&time).seed(seed).run_blocking(|| Err::<(), _>("no")).unwrap_err();
        prop_assert_eq!(time.waits(), expected, "the run's seed goes before the policy's");
    }
}

/// The seed with which a generator that adds this constant passes zero after the given number of draws.
fn seed_that_passes_zero(draws: u64) -> u64 {
    0u64.wrapping_sub(0x2D35_8DCC_AA6C_78A5u64.wrapping_mul(draws))
}

/// B6: every seed is reproducible, also a seed with which the generator passes a state of zero.
#[test]
fn seed_that_passes_through_zero_is_reproducible() {
    for draws in 1..5 {
        let seed = seed_that_passes_zero(draws);
        let policy = Policy::fixed(SECOND).jitter(Jitter::Full).max_attempts(9);
        let sample = || {
            let time = VirtualTime::new();
            policy
                .on(&time)
                .seed(seed)
                .run_blocking(|| Err::<(), _>("no"))
                .unwrap_err();
            time.waits()
        };
        assert_eq!(sample(), sample(), "seed {seed:#x} of a run");
    }
}

/// B6: a seeded source of random numbers repeats itself for every seed.
#[test]
fn seeded_source_repeats_itself() {
    for seed in [0, 1, u64::MAX, seed_that_passes_zero(1), seed_that_passes_zero(2)] {
        let bits = || {
            let mut random = Random::seeded(seed);
            [random.bits(), random.bits(), random.bits(), random.bits()]
        };
        assert_eq!(bits(), bits(), "seed {seed:#x}");
    }
}

/// B6: no seed draws the same number for ever.
#[test]
fn no_seed_gets_stuck() {
    for seed in [0, 1, u64::MAX, seed_that_passes_zero(1), seed_that_passes_zero(3)] {
        let policy = Policy::fixed(SECOND).jitter(Jitter::Full).max_attempts(9).seed(seed);
        let mut delays: Vec<_> = policy.delays().collect();
        delays.sort();
        delays.dedup();
        assert_eq!(delays.len(), 8, "seed {seed:#x}");
    }
}

/// B6: a seeded schedule is the same on every target and after every upgrade. If this fails, the generator has
/// changed, and with it the schedules of everyone who gave a seed: that is a breaking change.
#[test]
fn seeded_schedule_is_pinned() {
    let nanos = |seed| -> Vec<u128> {
        let policy = Policy::exponential(Duration::from_millis(100))
            .max_attempts(5)
            .seed(seed);
        policy.delays().map(|delay| delay.as_nanos()).collect()
    };
    assert_eq!(nanos(1), [68_726_236, 98_292_730, 136_104_844, 216_445_466]);
    assert_eq!(nanos(7), [88_723_454, 44_269_523, 93_234_901, 403_847_626]);
}
