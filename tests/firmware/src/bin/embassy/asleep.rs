//! Checks of the sleeper on a real executor.

use core::future::{Future, pending, poll_fn};
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;
use embassy_executor::Spawner;
use embassy_time::Delay;
use persevere::{Policy, Sleeper, StopReason};
use persevere_bare::{Claim, MS, claim};
use persevere_breaker::{CircuitBreaker, State};
use persevere_embassy::EmbassySleeper;
use persevere_embedded_hal_async::run_delaying;
use portable_atomic::{AtomicU32, Ordering};

/// A wait is late by less: two ticks.
const LATE: Duration = Duration::from_millis(2);

fn now() -> Duration {
    EmbassySleeper.now()
}

pub(crate) async fn waits() -> Claim {
    for nanos in [0, 1, 999_999, 1_000_000, 1_000_001, 20_000_000] {
        let (delay, start) = (Duration::from_nanos(nanos), now());
        EmbassySleeper.sleep(delay).await;
        let took = now() - start;
        claim(took >= delay, "it took as long as asked")?;
        claim(took < delay + LATE, "and hardly longer")?;
    }
    Ok(())
}

pub(crate) async fn longest() -> Claim {
    for delay in [
        Duration::MAX,
        Duration::from_nanos(u64::MAX),
        Duration::from_secs(u64::MAX / 4),
    ] {
        let (mut long, mut short) = (pin!(EmbassySleeper.sleep(delay)), pin!(EmbassySleeper.sleep(5 * MS)));
        let is_over = poll_fn(|context| match long.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending => short.as_mut().poll(context).map(|()| false),
        });
        claim(!is_over.await, "it outlasts a short one")?;
    }
    Ok(())
}

pub(crate) async fn runs() -> Claim {
    let policy = Policy::fixed(10 * MS).max_attempts(3);
    let (start, mut calls) = (now(), 0);
    let run = policy.on(EmbassySleeper).run_mut(async || {
        calls += 1;
        if calls < 3 { Err("busy") } else { Ok(calls) }
    });
    claim(run.await == Ok(3), "the third attempt succeeds")?;
    let took = now() - start;
    claim(took >= 20 * MS && took < 20 * MS + 2 * LATE, "it waited 10 ms twice")?;

    let hangs = || pending::<Result<(), &str>>();
    let start = now();
    let failed = policy.attempt_timeout(5 * MS).on(EmbassySleeper).run(hangs).await;
    let failed = failed.err().ok_or("an attempt that hangs does not succeed")?;
    claim(failed.reason() == StopReason::AttemptTimedOut, "each attempt timed out")?;
    let took = now() - start;
    claim(
        took >= 35 * MS && took < 35 * MS + 5 * LATE,
        "after 5 ms, with 10 ms between",
    )?;

    let start = now();
    let failed = policy.on(EmbassySleeper).timeout(7 * MS).run(hangs).await;
    let failed = failed.err().ok_or("an attempt that hangs does not succeed")?;
    claim(failed.reason() == StopReason::Elapsed, "the limit of time ends the run")?;
    claim(now() - start < 7 * MS + LATE, "on time")
}

/// How many tasks have ended.
static ENDED: AtomicU32 = AtomicU32::new(0);

#[embassy_executor::task(pool_size = 3)]
async fn gives_up() {
    let policy = Policy::fixed(20 * MS).max_attempts(3);
    let outcome = policy.on(EmbassySleeper).run(async || Err::<(), _>("busy")).await;
    if outcome.is_err_and(|error| error.attempts() == 3) {
        ENDED.store(ENDED.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

pub(crate) async fn tasks(spawner: Spawner) -> Claim {
    for _ in 0..3 {
        spawner.spawn(gives_up().map_err(|_| "there is room for three tasks")?);
    }
    EmbassySleeper.sleep(40 * MS + 3 * LATE).await;
    claim(
        ENDED.load(Ordering::Relaxed) == 3,
        "three runs of 40 ms end within 46 ms",
    )
}

pub(crate) async fn breaker() -> Claim {
    let breaker = CircuitBreaker::consecutive_failures(1).open_for(20 * MS).build();
    let policy = Policy::fixed(MS).max_attempts(1);
    let fails = async || Err::<(), _>("no answer");
    let outcome = policy.on(EmbassySleeper).breaker(&breaker).run(fails).await;
    claim(
        outcome.is_err() && breaker.state(now()) == State::Open,
        "a failure opens it",
    )?;
    EmbassySleeper.sleep(20 * MS).await;
    claim(breaker.state(now()) == State::HalfOpen, "time half-opens it")?;
    let outcome = policy
        .on(EmbassySleeper)
        .breaker(&breaker)
        .run(async || Ok::<_, &str>(1))
        .await;
    claim(
        outcome == Ok(1) && breaker.state(now()) == State::Closed,
        "a success closes it",
    )
}

pub(crate) async fn delayed() -> Claim {
    let (policy, start, mut delay) = (Policy::fixed(10 * MS).max_attempts(3), now(), Delay);
    let outcome = run_delaying(policy, &mut delay, async |attempt| match attempt.number() {
        3 => Ok(3),
        _ => Err("busy"),
    });
    claim(outcome.await == Ok(3), "the third attempt succeeds")?;
    claim(
        (20 * MS..20 * MS + 2 * LATE).contains(&(now() - start)),
        "it waited 10 ms twice",
    )
}
