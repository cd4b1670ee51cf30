//! Eight threads that report, drop, panic and report late, on one breaker, with every promise checked meanwhile.

use crate::drive::{enter, fail, ms, succeed};
use persevere::Backoff;
use persevere_breaker::{CircuitBreaker, ConsecutiveFailures, LastCalls, Permit, State, TimeSlices, Transition, Trip};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const THREADS: u64 = 8;
const CALLS: u64 = 20_000;
const MAX_PROBES: u32 = 3;
const SUCCESSES: u32 = 4;

/// A clock that all threads advance.
#[derive(Default)]
struct Clock(AtomicU64);

impl Clock {
    fn now(&self) -> Duration {
        Duration::from_nanos(self.0.load(Ordering::SeqCst))
    }

    fn pass(&self, time: Duration) {
        self.0
            .fetch_add(u64::try_from(time.as_nanos()).unwrap(), Ordering::SeqCst);
    }
}

/// How many probes are out, by the half-open period they belong to.
struct Probes(Vec<AtomicU32>);

impl Probes {
    fn new() -> Probes {
        Probes((0..1 << 16).map(|_| AtomicU32::new(0)).collect())
    }

    fn of(&self, sequence: u32) -> &AtomicU32 {
        &self.0[sequence as usize % self.0.len()]
    }
}

/// A permit that is counted from just after it was issued until just before it is reported.
struct Counted<'a, T: Trip, B: Backoff> {
    permit: Permit<'a, T, B>,
    probes: &'a Probes,
}

impl<'a, T: Trip, B: Backoff> Counted<'a, T, B> {
    fn new(permit: Permit<'a, T, B>, probes: &'a Probes) -> Self {
        if permit.is_probe() {
            let out = probes.of(permit.sequence()).fetch_add(1, Ordering::SeqCst) + 1;
            assert!(out <= MAX_PROBES, "{out} probes are out");
        }
        Counted { permit, probes }
    }

    fn into_permit(self) -> Permit<'a, T, B> {
        if self.permit.is_probe() {
            self.probes.of(self.permit.sequence()).fetch_sub(1, Ordering::SeqCst);
        }
        self.permit
    }
}

/// Whether a breaker without manual control may make this transition.
fn is_lawful(Transition { from, to, .. }: Transition) -> bool {
    matches!(
        (from, to),
        (State::Closed, State::Open) | (State::Open, State::HalfOpen) | (State::HalfOpen, State::Closed | State::Open)
    )
}

fn work<T: Trip, B: Backoff>(breaker: &CircuitBreaker<T, B>, probes: &Probes, clock: &Clock, seed: u64) {
    let mut bits = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut late: VecDeque<Counted<'_, T, B>> = VecDeque::new();
    for _ in 0..CALLS {
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        if bits % 16 == 0 {
            clock.pass(Duration::from_micros(bits >> 40 & 0x3FF));
        }
        let now = clock.now();
        match breaker.try_acquire(now) {
            Ok(permit) => late.push_back(Counted::new(permit, probes)),
            Err(rejected) => {
                assert!(matches!(rejected.state(), State::Open | State::HalfOpen));
                let left = rejected.retry_after().expect("it is not forced open");
                // Another may have read the clock later and been first.
                let behind = clock.now() - now;
                assert!(left <= Duration::from_secs(3600) + behind, "{left:?}");
                clock.pass(Duration::from_micros(50));
            }
        }
        // Some are kept, and reported much later.
        let keep = if bits >> 8 & 0xF == 0 { 4 } else { 0 };
        while late.len() > keep {
            let Some(counted) = late.pop_front() else { break };
            let now = clock.now();
            match bits >> 16 & 0xF {
                0..=6 => counted.into_permit().succeeded(now),
                7..=11 => counted.into_permit().failed(now),
                12 => counted.into_permit().ignored(),
                13 | 14 => drop(counted.into_permit()),
                _ => {
                    let panicking = AssertUnwindSafe(|| {
                        let _permit = counted.into_permit();
                        resume_unwind(Box::new(()))
                    });
                    let result: thread::Result<()> = catch_unwind(panicking);
                    assert!(result.is_err());
                }
            }
        }
    }
    for counted in late {
        drop(counted.into_permit());
    }
}

fn stress<T: Trip<Counts: Sync> + Sync>(trip: T) {
    let breaker = CircuitBreaker::tripped_by(trip)
        .open_for(ms(1))
        // Longer than any probe here, so that all probes hold their places.
        .probe_lease(Duration::from_secs(3600))
        .max_probes(MAX_PROBES)
        .successes_to_close(SUCCESSES)
        .build();
    let (probes, clock, over) = (Probes::new(), Clock::default(), AtomicBool::new(false));
    let mut observed = breaker.transitions();
    let transitions = thread::scope(|scope| {
        let over = &over;
        let watcher = scope.spawn(move || {
            let (mut last, mut seen, mut missed) = (None::<Transition>, 0_u64, 0_u64);
            loop {
                let is_over = over.load(Ordering::SeqCst);
                match observed.next() {
                    Some(transition) => {
                        assert!(is_lawful(transition), "{transition:?}");
                        let before = last.replace(transition).map_or(0, |last| last.sequence);
                        let skipped = observed.missed() - missed;
                        missed = observed.missed();
                        assert_eq!(u64::from(transition.sequence - before), 1 + skipped);
                        seen += 1;
                    }
                    None if is_over => return (last, seen + observed.missed()),
                    None => thread::yield_now(),
                }
            }
        });
        let workers: Vec<_> = (1..=THREADS)
            .map(|seed| {
                scope.spawn({
                    let (breaker, probes, clock) = (&breaker, &probes, &clock);
                    move || work(breaker, probes, clock, seed)
                })
            })
            .collect();
        let results: Vec<_> = workers.into_iter().map(thread::ScopedJoinHandle::join).collect();
        over.store(true, Ordering::SeqCst);
        for result in results {
            if let Err(panic) = result {
                resume_unwind(panic);
            }
        }
        let (last, count) = watcher.join().unwrap();
        assert_eq!(
            u64::from(last.map_or(0, |last| last.sequence)),
            count,
            "each is yielded once"
        );
        count
    });
    assert!(transitions > 100, "transitions were made: {transitions}");
    assert!(probes.0.iter().all(|out| out.load(Ordering::SeqCst) == 0));
    let stats = breaker.stats();
    assert!(
        stats.rejected > 0 && stats.abandoned > 0 && stats.stale > 0,
        "{stats:?}"
    );
    assert_eq!(stats.reclaimed, 0, "no lease has ended");
    is_whole(&breaker, clock.now() + ms(1));
}

/// Checks that the half-open breaker has all its places, and closes.
fn is_whole<T: Trip, B: Backoff>(breaker: &CircuitBreaker<T, B>, mut now: Duration) {
    while breaker.state(now) == State::Closed {
        fail(breaker, 1, now);
    }
    now += ms(1);
    let permits: Vec<_> = (0..MAX_PROBES).map(|_| enter(breaker, now)).collect();
    assert!(breaker.try_acquire(now).is_err());
    drop(permits);
    while breaker.state(now) == State::HalfOpen {
        succeed(breaker, 1, now);
    }
    assert_eq!(breaker.state(now), State::Closed);
    succeed(breaker, 100, now);
}

#[test]
fn consecutive_failures() {
    stress(ConsecutiveFailures::new(4));
}

#[test]
fn last_calls() {
    stress(LastCalls::<2>::with_words(50).rate(0.5).minimum(10));
}

#[test]
fn slices_of_time() {
    stress(TimeSlices::<5>::with_slices(5 * ms(2)).rate(0.5).minimum(10));
}

/// Concurrent reports are all counted: a window as long as there are calls holds each once.
#[test]
fn concurrent_reports_are_all_counted() {
    for _ in 0..50 {
        let breaker = CircuitBreaker::tripped_by(LastCalls::<25>::with_words(800).rate(1.0).minimum(800))
            .or(TimeSlices::<2>::with_slices(2 * Duration::from_secs(1))
                .rate(1.0)
                .minimum(800))
            .or(ConsecutiveFailures::new(1_000))
            .build();
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| fail(&breaker, 799 / THREADS as usize, ms(0)));
            }
        });
        fail(&breaker, 799 % THREADS as usize, ms(0));
        assert_eq!(breaker.state(ms(0)), State::Closed, "799 of 800");
        let window = breaker.snapshot(ms(0)).window;
        let ((ring, slices), consecutive) = window;
        assert_eq!(ring.iter().collect::<Vec<_>>(), [true; 799]);
        assert_eq!(slices.iter().collect::<Vec<_>>(), [(799, 799), (0, 0)]);
        assert_eq!(consecutive, 799);
        fail(&breaker, 1, ms(0));
        assert_eq!(breaker.state(ms(0)), State::Open);
    }
}
