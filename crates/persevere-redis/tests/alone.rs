//! V5: handles without a server, on a virtual clock, and what users combine them with.

use persevere::breaker::CircuitBreaker;
use persevere::limit::Pause;
use persevere::{CancelToken, Policy, RetryError, Sleeper, StopReason, ThreadSleeper, Verdict, retry};
use persevere_redis::{Cause, Fleet, Quota, Status};
use persevere_testkit::VirtualTime;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Waker};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);
const MILLI: Duration = Duration::from_millis(1);

fn fleet() -> Fleet {
    Fleet::open("redis://127.0.0.1:1", "test").unwrap()
}

/// A quota per minute, of which this process has half.
fn quota(permits: u64) -> Quota {
    fleet().quota("calls", permits, MINUTE).processes(2).build().unwrap()
}

/// The heaviest call that the process admits, of up to 8 permits.
fn left(quota: &Quota, time: &VirtualTime) -> u32 {
    // Nobody has kept the quota filled for long enough, and what is leased has ended: two slices of a 64th of a minute.
    let _ = quota.try_acquire(1, time.now());
    time.advance(2 * SECOND);
    let weights = (1..=8).rev();
    let mut admitted = weights.filter(|weight| quota.try_acquire(*weight, time.now()).is_ok());
    admitted.next().unwrap_or_default()
}

#[test]
fn handle_that_is_never_kept_waits_once_for_twice_slow_after() {
    let (time, quota, policy) = (VirtualTime::new(), quota(1_000), Policy::default());
    let run = || policy.on(&time).pace(&quota).run_blocking(|| Ok::<_, ()>(()));
    assert_eq!(run(), Ok(()));
    let waited = time.elapsed();
    assert!(waited > 40 * MILLI && waited < 80 * MILLI, "{waited:?}");
    assert_eq!(quota.status(), Status::Local(Cause::NotKept));
    for _ in 0..499 {
        assert_eq!(run(), Ok(()));
    }
    assert_eq!((time.elapsed(), quota.stats().taken_locally), (waited, 500));
}

#[test]
fn weights_from_none_to_more_than_the_quota() {
    let (time, quota, policy) = (VirtualTime::new(), quota(1_000), Policy::default());
    let run = |weight| {
        let run = policy.on(&time).pace(quota.weigh(weight)).timeout(2 * MINUTE);
        let reason = run.run_blocking(|| Ok::<_, ()>(())).err().map(|error| error.reason());
        (reason, time.elapsed())
    };
    assert_eq!(run(0), (None, Duration::ZERO));
    for weight in [1_001, u32::MAX] {
        assert_eq!(run(weight), (Some(StopReason::Rejected), Duration::ZERO));
    }
    assert_eq!(run(500).0, None, "the whole share");
    let (reason, waited) = run(500);
    assert_eq!(reason, None);
    assert!(waited > MINUTE && waited < MINUTE * 11 / 10, "{waited:?}");
    let (reason, until) = run(501);
    assert_eq!(reason, Some(StopReason::Elapsed), "more than the share");
    assert!(until > waited);
    assert_eq!(run(500).0, None, "it holds back no other");
}

#[test]
fn heavy_call_takes_what_is_left_of_leases() {
    let (time, quota) = (VirtualTime::new(), quota(1_000));
    assert_eq!(left(&quota, &time), 8);
    // Each of the two leaves the rest of a batch.
    quota.try_acquire(2, time.now()).unwrap().spend();
    quota.try_acquire(60, time.now()).unwrap().spend();
    quota.try_acquire(438, time.now()).unwrap().spend();
    assert!(quota.try_acquire(1, time.now()).is_err());
}

#[test]
fn clones_of_a_handle_have_one_share() {
    let (time, quota) = (VirtualTime::new(), quota(8));
    let clone = quota.clone();
    assert_eq!(left(&quota, &time), 4);
    let permits = [&quota, &clone].map(|handle| handle.try_acquire(2, time.now()).unwrap());
    assert!(quota.try_acquire(1, time.now()).is_err() && clone.try_acquire(1, time.now()).is_err());
    drop(permits);
    assert_eq!(left(&clone, &time), 4);
}

#[test]
fn batch_of_the_whole_quota_and_share_of_less_than_one_permit() {
    let time = VirtualTime::new();
    let whole = fleet().quota("calls", 8, MINUTE).batch(8).build().unwrap();
    assert_eq!(left(&whole, &time), 8);
    let tiny = fleet().quota("calls", 8, MINUTE).processes(u32::MAX).build().unwrap();
    assert_eq!(left(&tiny, &time), 1);
}

#[test]
fn shortest_and_longest_period_and_a_clock_that_jumps() {
    for (period, jump) in [(1, 3), (31 * 86_400, 40 * 86_400), (1, 1 << 33)] {
        let time = VirtualTime::new();
        let quota = fleet().quota("calls", 8, Duration::from_secs(period)).build().unwrap();
        for _ in 0..3 {
            let taken = left(&quota, &time);
            assert_eq!(taken, 8, "{period} s");
            quota.try_acquire(taken, time.now()).unwrap().spend();
            assert!(quota.try_acquire(1, time.now()).is_err(), "{period} s");
            time.advance(Duration::from_secs(jump));
        }
        let _ = quota.try_acquire(1, Duration::MAX);
    }
}

#[test]
fn permits_go_back_from_runs_that_a_pause_or_a_breaker_stops() {
    let (time, quota) = (VirtualTime::new(), quota(8));
    let pause = fleet().pause("calls", Pause::new().at_most(60 * MINUTE)).unwrap();
    let breaker = CircuitBreaker::consecutive_failures(1).build();
    breaker.force_open();
    let policy = Policy::default();
    let call = || -> Result<(), ()> { panic!("no attempt is admitted") };
    assert_eq!(left(&quota, &time), 4);
    for _ in 0..3 {
        let run = policy.on(&time).pace(&quota).pace(&pause).breaker(&breaker);
        let error = run.run_blocking(call).unwrap_err();
        assert_eq!(error.reason(), StopReason::Rejected);
    }
    assert_eq!(left(&quota, &time), 4);

    pause.pause_for(60 * MINUTE, time.now());
    for _ in 0..3 {
        let token = CancelToken::new();
        let run = policy
            .on(time.asynchronous())
            .pace(&quota)
            .pace(&pause)
            .breaker(&breaker);
        let mut run = pin!(run.cancelled_by(token.cancelled()).run(async || call()));
        let mut context = Context::from_waker(Waker::noop());
        assert!(run.as_mut().poll(&mut context).is_pending(), "it waits for the pause");
        assert_eq!(left(&quota, &time), 4, "while it waits");
        token.cancel();
        let std::task::Poll::Ready(result) = run.as_mut().poll(&mut context) else {
            panic!("it is cancelled");
        };
        assert_eq!(result.unwrap_err().reason(), StopReason::Cancelled);
    }
    assert_eq!(left(&quota, &time), 4);
}

#[test]
fn keeper_that_is_dropped_at_any_point_is_followed_by_another() {
    let time = VirtualTime::new();
    let quota = quota(8);
    let mut context = Context::from_waker(Waker::noop());
    drop(quota.keep_filled(time.asynchronous()));
    for _ in 0..3 {
        let mut keeper = Box::pin(quota.keep_filled(time.asynchronous()));
        let mut other = Box::pin(quota.clone().keep_filled(time.asynchronous()));
        assert!(
            keeper.as_mut().poll(&mut context).is_pending(),
            "it waits for an answer"
        );
        assert!(other.as_mut().poll(&mut context).is_pending(), "it waits for the first");
        drop(keeper);
        assert_eq!(quota.status(), Status::Local(Cause::NotKept));
        assert_eq!(left(&quota, &time), 4);
        time.advance(2 * MINUTE);
    }
    let pause = fleet().pause("calls", Pause::new()).unwrap();
    let evidence = fleet()
        .evidence("calls", CircuitBreaker::default().shared())
        .build()
        .unwrap();
    for _ in 0..3 {
        assert!(
            pin!(pause.keep_shared(time.asynchronous()))
                .poll(&mut context)
                .is_pending()
        );
        assert!(
            pin!(evidence.keep_shared(time.asynchronous()))
                .poll(&mut context)
                .is_pending()
        );
        assert_eq!(pause.status(), Status::Local(Cause::NotKept));
        assert_eq!(evidence.status(), Status::Local(Cause::NotKept));
    }
}

#[test]
fn hint_of_any_length_pauses_the_process() {
    let time = VirtualTime::new();
    let pause = fleet().pause("calls", Pause::new()).unwrap();
    pause.pause_for(Duration::ZERO, time.now());
    assert_eq!(pause.pause().paused_for(time.now()), None);
    let policy = Policy::fixed(Duration::ZERO).max_attempts(1).max_hint(Duration::MAX);
    let policy = policy.classify_with(|_: &()| Verdict::RetryAfter(Duration::MAX));
    assert!(policy.on(&time).pace(&pause).run_blocking(|| Err::<(), _>(())).is_err());
    assert_eq!(pause.pause().paused_for(time.now()), Some(5 * MINUTE));
    pause.pause_for(MINUTE, Duration::MAX);
}

static QUOTA: LazyLock<Quota> = LazyLock::new(|| quota(1_000));

#[retry(policy = Policy::fixed(MILLI).max_attempts(3), pace = &*QUOTA)]
fn call(attempts: &mut u32) -> Result<u32, RetryError<&'static str>> {
    *attempts += 1;
    if *attempts < 3 {
        return Err("down");
    }
    Ok(*attempts)
}

#[test]
fn attribute_takes_a_quota() {
    let mut attempts = 0;
    assert_eq!(call(&mut attempts).unwrap(), 3);
    // Each attempt has taken one.
    let own = QUOTA.stats().taken_locally;
    let permits = QUOTA.try_acquire(u32::try_from(own).unwrap() - 3, ThreadSleeper.now());
    assert!(permits.is_ok() && QUOTA.stats().taken_locally == own);
}
