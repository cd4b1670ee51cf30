//! Probes: their leases, how calls that wait for them come back, and how many decide.

use crate::drive::{enter, fail, ms, succeed};
use persevere::backoff::Exponential;
use persevere::{Jitter, Policy};
use persevere_breaker::{CircuitBreaker, State};
use persevere_testkit::{Polled, VirtualTime};
use std::collections::BTreeSet;
use std::mem::forget;
use std::task::Poll;
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

/// The time until the first lease ends.
fn lease_left(
    breaker: &CircuitBreaker<persevere_breaker::ConsecutiveFailures, Exponential>,
    now: Duration,
) -> Duration {
    // In steps of a millisecond: when a lost probe is reclaimed.
    let taken = (0..)
        .map(|step| now + ms(step))
        .find(|now| breaker.try_acquire(*now).is_ok());
    taken.unwrap() - now
}

/// K3.
#[test]
fn lease_follows_the_open_time() {
    for opening in 1..6 {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .open_with(Exponential::new(ms(10)))
            .max_open_for(ms(80))
            .build();
        let mut now = ms(0);
        for failed in 0..opening {
            fail(&breaker, 1, now);
            now += ms(10 << failed).min(ms(80));
        }
        forget(enter(&breaker, now));
        let expected = ms(10 << (opening - 1)).min(ms(80));
        assert_eq!(lease_left(&breaker, now), expected, "after opening {opening}");
    }
}

/// K3: neither jitter nor a hint changes the lease: a probe takes as long as any call.
#[test]
fn lease_is_the_open_time_without_jitter_and_hint() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(Exponential::new(ms(50)))
        .jitter(Jitter::Full)
        .build();
    enter(&breaker, ms(0)).failed_with_hint(SECOND, ms(0));
    forget(enter(&breaker, SECOND));
    assert_eq!(lease_left(&breaker, SECOND), ms(50));
}

/// A lease that is set does not follow anything.
#[test]
fn lease_that_is_set_is_kept() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(Exponential::new(ms(10)))
        .probe_lease(ms(7))
        .build();
    fail(&breaker, 1, ms(0));
    fail(&breaker, 1, ms(10));
    forget(enter(&breaker, ms(30)));
    assert_eq!(lease_left(&breaker, ms(30)), ms(7));
}

/// A custom backoff of zero: a lease of zero would admit every call at once.
#[test]
fn open_time_of_zero_gives_a_lease() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_with(Exponential::new(ms(0)))
        .build();
    fail(&breaker, 1, ms(0));
    forget(enter(&breaker, ms(0)));
    assert!((0..100).all(|_| breaker.try_acquire(ms(0)).is_err()));
    assert!(breaker.try_acquire(60 * SECOND).is_ok());
}

/// K11: calls that wait for a probe of a minute's lease, which takes 20 ms, come back soon, and not all at once.
#[test]
fn calls_rejected_while_half_open_come_back_soon_and_spread() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(60 * SECOND).build();
    fail(&breaker, 1, ms(0));
    let start = 60 * SECOND;
    let probe = enter(&breaker, start);
    let returns: BTreeSet<_> = (0..50)
        .map(|_| breaker.try_acquire(start).unwrap_err().retry_after().unwrap())
        .collect();
    assert!(returns.len() > 40, "{} of 50 differ", returns.len());
    assert!(
        returns.iter().all(|after| (ms(100)..SECOND).contains(after)),
        "{returns:?}"
    );
    probe.succeeded(start + ms(20));
    assert!(returns.iter().all(|after| breaker.try_acquire(start + *after).is_ok()));
}

/// K11: the longer a probe takes, the longer the calls wait, so that they come back rarely during a slow probe.
#[test]
fn calls_that_wait_for_a_slow_probe_come_back_rarely() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(60 * SECOND).build();
    fail(&breaker, 1, ms(0));
    forget(enter(&breaker, 60 * SECOND));
    let (mut now, mut rejections) = (60 * SECOND, 0);
    while let Err(rejected) = breaker.try_acquire(now) {
        now += rejected.retry_after().unwrap();
        rejections += 1;
    }
    assert!((5..30).contains(&rejections), "{rejections}");
    assert!(now < 121 * SECOND, "reclaimed at the end of the lease: {now:?}");
}

/// K11: runs that wait for the breaker are done soon after the probe of another, not after its lease.
#[test]
fn runs_that_wait_are_done_soon_after_the_probe() {
    let time = VirtualTime::starting_at(60 * SECOND);
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(60 * SECOND).build();
    fail(&breaker, 1, ms(0));
    let probe = enter(&breaker, 60 * SECOND);
    let policy = Policy::fixed(SECOND)
        .max_attempts(10)
        .max_hint(600 * SECOND)
        .retry_rejected(true);
    let mut runs: Vec<_> = (0..5)
        .map(|_| {
            let run = policy.on(time.asynchronous()).breaker(&breaker);
            Polled::new(run.run(|| async { Ok::<_, &str>(time.elapsed()) }))
        })
        .collect();
    assert!(runs.iter_mut().all(|run| run.poll_until_idle().is_pending()));
    time.advance(ms(20));
    probe.succeeded(time.elapsed());
    let mut ended = BTreeSet::new();
    while ended.len() < 5 {
        time.advance_to_next().expect("a run waits");
        runs.retain_mut(|run| match run.poll_until_idle() {
            Poll::Ready(result) => {
                ended.insert(result.unwrap());
                false
            }
            Poll::Pending => true,
        });
    }
    assert!(ended.last().unwrap() < &(61 * SECOND), "{ended:?}");
}

/// K3: a probe with a clock far ahead, which is lost: the next probe's lease ends in time.
#[test]
fn clock_far_ahead_does_not_poison_a_place() {
    let far = Duration::from_secs(1_000 * 24 * 3600);
    for lost in [false, true] {
        let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
        fail(&breaker, 1, ms(0));
        let ahead = enter(&breaker, far);
        if lost {
            forget(ahead);
            assert!(breaker.try_acquire(ms(20)).is_err(), "its place is held");
        } else {
            drop(ahead);
            forget(enter(&breaker, ms(20)));
        }
        assert!(breaker.try_acquire(ms(29)).is_err());
        succeed(&breaker, 1, ms(30));
        assert_eq!(breaker.state(ms(30)), State::Closed);
    }
}

#[test]
fn reset_clears_leases() {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(ms(10)).build();
    fail(&breaker, 1, ms(0));
    forget(enter(&breaker, Duration::from_secs(1_000 * 24 * 3600)));
    breaker.reset();
    fail(&breaker, 1, ms(20));
    forget(enter(&breaker, ms(30)));
    assert!(breaker.try_acquire(ms(39)).is_err());
    succeed(&breaker, 1, ms(40));
}

/// K14.
#[test]
fn given_number_of_failed_probes_reopens() {
    let breaker = CircuitBreaker::consecutive_failures(1)
        .open_for(ms(10))
        .successes_to_close(4)
        .failures_to_reopen(3)
        .build();
    fail(&breaker, 1, ms(0));
    fail(&breaker, 2, ms(10));
    succeed(&breaker, 3, ms(10));
    assert_eq!(breaker.state(ms(10)), State::HalfOpen);
    let snapshot = breaker.snapshot(ms(10));
    assert_eq!((snapshot.successes, snapshot.failures), (3, 2));
    succeed(&breaker, 1, ms(10));
    assert_eq!(breaker.state(ms(10)), State::Closed);

    breaker.restore(&snapshot, ms(10));
    fail(&breaker, 1, ms(10));
    assert_eq!(breaker.state(ms(10)), State::Open, "the counts were restored");
    succeed(&breaker, 1, ms(20));
    assert_eq!(breaker.snapshot(ms(20)).failures, 0, "a new half-open counts anew");
}

/// K14: 10 % of the probes fail, and 4 successes are required. If one failure decides, 34 % of the half-open phases end
/// open; if three failures decide, 2 %.
#[test]
fn probes_judged_by_rate_rarely_reopen() {
    let opened = |failures_to_reopen| {
        let breaker = CircuitBreaker::consecutive_failures(1)
            .open_for(ms(1))
            .successes_to_close(4)
            .failures_to_reopen(failures_to_reopen)
            .build();
        let (mut random, mut opened) = (7_u64, 0);
        for phase in 0..1_000_u64 {
            let now = ms(2 * phase);
            fail(&breaker, 1, now);
            let now = now + ms(1);
            while breaker.state(now) == State::HalfOpen {
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                if random >> 32 < (1 << 32) / 10 {
                    fail(&breaker, 1, now);
                } else {
                    succeed(&breaker, 1, now);
                }
            }
            opened += u32::from(breaker.state(now) == State::Open);
            breaker.reset();
        }
        opened
    };
    let (one, three) = (opened(1), opened(3));
    assert!((300..390).contains(&one) && three < 40, "{one} and {three} of 1000");
}
