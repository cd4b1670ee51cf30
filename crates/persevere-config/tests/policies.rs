//! Replacing settings at run time (contract F8 to F11): handles, runs under way, and the state of breakers, budgets, limits
//! and hedges.

#![cfg(feature = "toml")]

use persevere::breaker::State;
use persevere::budget::{Budget, Class, WindowedRatio};
use persevere::config::{BreakerHandle, Policies, Settings};
use persevere::gate::{Ended, Gate, Report};
use persevere::{Sleeper, StopReason, ThreadSleeper, TokioSleeper};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

fn settings(text: &str) -> Settings {
    Settings::from_toml(text).unwrap()
}

fn policies(text: &str) -> Policies {
    Policies::new(settings(text))
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Reports a failed attempt to the current breaker.
fn fail(breaker: &BreakerHandle, now: Duration) {
    let current = breaker.current();
    let permit = current.admit(now).unwrap();
    current.report(permit, Ended::Returned(&Err::<(), _>("down")), || now);
}

#[test]
fn handle_returns_the_replaced_policy() {
    let policies = policies("[retry.billing]\nmax_attempts = 2");
    let billing = policies.get("billing").unwrap();
    let before = billing.current();
    policies.replace(settings("[retry.billing]\nmax_attempts = 5")).unwrap();
    assert_eq!(before.limits().max_attempts(), Some(2));
    assert_eq!(billing.current().limits().max_attempts(), Some(5));
    assert_eq!(policies.get("billing").unwrap().current(), billing.current());
}

#[test]
fn run_keeps_the_policy_it_began_with() {
    let policies = policies("[retry.billing]\nmax_attempts = 4\nbackoff = { fixed = \"0s\" }");
    let billing = policies.get("billing").unwrap();
    let error = billing.current().on(ThreadSleeper).run_blocking(|| {
        policies.replace(settings("[retry.billing]\nmax_attempts = 1")).unwrap();
        Err::<(), _>("down")
    });
    assert_eq!(error.unwrap_err().attempts(), 4);
    assert_eq!(billing.current().limits().max_attempts(), Some(1));
}

#[tokio::test(flavor = "current_thread")]
async fn handle_is_used_in_an_async_run() {
    let policies = policies("[retry.billing]\n[breaker.billing]");
    let (billing, breaker) = (policies.get("billing").unwrap(), policies.breaker("billing").unwrap());
    let policy = billing.current().retry_if(|_: &&str| true);
    let result = policy
        .on(TokioSleeper)
        .breaker(breaker.current())
        .run(|| async { Ok(7) })
        .await;
    assert_eq!(result.unwrap(), 7);
    let spawned = tokio::spawn(async move {
        billing
            .current()
            .on(TokioSleeper)
            .run(|| async { Ok::<_, &str>(8) })
            .await
    });
    assert_eq!(spawned.await.unwrap().unwrap(), 8);
}

#[test]
fn name_in_use_cannot_be_removed() {
    let policies = policies("[retry.billing]\nmax_attempts = 2\n[retry.unused]\n[breaker.billing]");
    let billing = policies.get("billing").unwrap();
    let error = policies
        .replace(settings("[retry.biling]\nmax_attempts = 5"))
        .unwrap_err();
    assert_eq!(error.missing()[0].name(), "billing");
    assert_eq!(
        error.to_string(),
        "nothing was replaced, since names in use are missing\n\
         no policy `billing` is configured: did you mean `biling`?"
    );
    assert_eq!(billing.current().limits().max_attempts(), Some(2));
    assert!(policies.get("unused").is_ok() && policies.get("biling").is_err());
    // A name that was never looked up may be removed, and another name added.
    policies
        .replace(settings(
            "[retry.billing]\n[retry.unused]\n[budget.api]\ntoken_bucket = \"aws_2_1\"",
        ))
        .unwrap();
    assert!(policies.breaker("billing").is_err() && policies.budget("api").is_ok());
}

#[test]
fn unknown_name_is_an_error_that_names_the_nearest() {
    let policies = policies("[retry.billing]\n[retry.search]");
    let message = |name| policies.get(name).unwrap_err().to_string();
    assert_eq!(
        message("bilings"),
        "no policy `bilings` is configured: did you mean `billing`?"
    );
    assert_eq!(
        message("checkout"),
        "no policy `checkout` is configured: the policies are `billing`, `search`"
    );
    let error = policies.breaker("billing").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no breaker `billing` is configured: write `[breaker.billing]`"
    );
}

#[test]
fn open_breaker_stays_open_with_other_settings() {
    let policies = policies("[breaker.billing]\nconsecutive_failures = 2\nopen_for = \"60s\"");
    let breaker = policies.breaker("billing").unwrap();
    let fail = |now| fail(&breaker, now);
    fail(secs(100));
    fail(secs(100));
    assert_eq!(breaker.current().state(secs(100)), State::Open);
    policies
        .replace_at(
            settings("[breaker.billing]\nfailure_rate = 0.5\nover_calls = 10\nopen_for = \"2m\""),
            secs(110),
        )
        .unwrap();
    assert_eq!(breaker.current().state(secs(159)), State::Open);
    assert_eq!(breaker.current().state(secs(160)), State::HalfOpen);
}

#[test]
fn closed_breaker_keeps_its_window_with_other_settings() {
    let policies = policies("[breaker.billing]\nconsecutive_failures = 3");
    let breaker = policies.breaker("billing").unwrap();
    let fail = || fail(&breaker, secs(5));
    fail();
    fail();
    policies
        .replace_at(settings("[breaker.billing]\nconsecutive_failures = 4"), secs(5))
        .unwrap();
    assert_eq!(breaker.current().window(secs(5)).failures, 2);
    fail();
    fail();
    assert_eq!(breaker.current().state(secs(5)), State::Open);
    // The same settings again: the same breaker.
    policies
        .replace_at(settings("[breaker.billing]\nconsecutive_failures = 4"), secs(5))
        .unwrap();
    assert_eq!(breaker.current().state(secs(5)), State::Open);
}

#[test]
fn budgets_keep_their_counts_with_other_settings() {
    for (kind, other, now) in [
        ("token_bucket = { capacity = 3 }", "token_bucket = { capacity = 4 }", 0),
        (
            "windowed_ratio = { reserve = 3 }",
            "windowed_ratio = { reserve = 4, window = \"20s\" }",
            7,
        ),
        (
            "grpc_throttle = { max_tokens = 7, token_ratio = 0.1 }",
            "grpc_throttle = { max_tokens = 8, token_ratio = 0.1 }",
            0,
        ),
    ] {
        let now = secs(now);
        let policies = policies(&format!("[budget.api]\n{kind}"));
        let budget = policies.budget("api").unwrap();
        let withdraw = || budget.current().withdraw(Class::Transient, now).is_some();
        assert!(withdraw() && withdraw() && withdraw() && !withdraw(), "{kind}");
        policies
            .replace_at(settings(&format!("[budget.api]\n{kind}")), now)
            .unwrap();
        assert!(!withdraw(), "{kind}");
        policies
            .replace_at(settings(&format!("[budget.api]\n{other}")), now)
            .unwrap();
        let allowed = (0..10).filter(|_| withdraw()).count();
        assert!(allowed <= 1, "{kind}: {allowed}");
    }
}

#[test]
fn throttle_keeps_its_requests_with_other_settings() {
    let policies = policies("[budget.api]\nadaptive_throttle = {}");
    let budget = policies.budget("api").unwrap();
    for _ in 0..1_000 {
        budget.current().attempted(secs(600));
    }
    policies
        .replace_at(
            settings("[budget.api]\nadaptive_throttle = { multiplier = 3.0 }"),
            secs(600),
        )
        .unwrap();
    let allowed = (0..100)
        .filter(|_| budget.current().withdraw(Class::Transient, secs(600)).is_some())
        .count();
    assert!(allowed < 10, "{allowed}");
}

#[test]
fn guards_of_a_file_work_in_runs() {
    let policies = policies(
        "[retry.a]\nmax_attempts = 9\nbackoff = { fixed = \"0s\" }\n\
         [breaker.a]\nconsecutive_failures = 3\n\
         [budget.a]\ntoken_bucket = { capacity = 1 }",
    );
    let (policy, breaker, budget) = (
        policies.get("a").unwrap(),
        policies.breaker("a").unwrap(),
        policies.budget("a").unwrap(),
    );
    let down = || Err::<(), _>("down");
    let error = policy
        .current()
        .on(ThreadSleeper)
        .breaker(breaker.current())
        .run_blocking(down)
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Rejected, 3));
    assert_eq!(breaker.current().state(ThreadSleeper.now()), State::Open);
    let error = policy
        .current()
        .on(ThreadSleeper)
        .budget(budget.current())
        .run_blocking(down)
        .unwrap_err();
    assert_eq!((error.reason(), error.attempts()), (StopReason::Budget, 2));
}

#[test]
fn policies_are_replaced_while_they_are_read() {
    let policies = policies("[retry.a]\nmax_attempts = 1\n[breaker.a]");
    let (policy, breaker) = (policies.get("a").unwrap(), policies.breaker("a").unwrap());
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for attempts in 1..200 {
                let text = format!("[retry.a]\nmax_attempts = {attempts}\nmax_hint = \"{attempts}s\"\n[breaker.a]\nconsecutive_failures = {attempts}");
                policies.replace(settings(&text)).unwrap();
            }
            is_over.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !is_over.load(Ordering::Acquire) {
                let limits = *policy.current().limits();
                let attempts = limits.max_attempts().unwrap();
                assert!(attempts == 1 || limits.max_hint() == secs(attempts.into()));
                let _ = breaker.current().state(ThreadSleeper.now());
            }
        });
    });
}

/// A pause continues, at most for its new longest time. The current limit admits its first attempt.
#[test]
fn pause_continues_with_other_settings() {
    let policies = policies("[limit.api]\npause = {}");
    let limit = policies.limit("api").unwrap();
    let left = |now| limit.current().pause().unwrap().paused_for(secs(now));
    limit.current().hinted(secs(120), secs(10));
    policies
        .replace_at(settings("[limit.api]\npause = { first_within = \"5s\" }"), secs(20))
        .unwrap();
    assert_eq!(left(20), Some(secs(110)));
    policies
        .replace_at(settings("[limit.api]\npause = { at_most = \"60s\" }"), secs(30))
        .unwrap();
    assert_eq!(left(30), Some(secs(60)));
    assert!(limit.current().admit(secs(30)).is_err());
    // A limit of another kind, which admits the next attempt.
    policies
        .replace_at(settings("[limit.api]\nbulkhead = 1"), secs(30))
        .unwrap();
    let permit = limit.current().admit(secs(30)).unwrap();
    assert_eq!(
        (limit.current().in_flight(), limit.current().limit()),
        (Some(1), Some(1))
    );
    assert!(limit.current().admit(secs(30)).is_err());
    drop(permit);
    assert_eq!(limit.current().in_flight(), Some(0));
}

/// A pause that is over, but whose first attempt is not, lets one attempt go first with other settings too.
#[test]
fn first_attempt_after_a_pause_goes_first_with_other_settings() {
    for is_under_way in [false, true] {
        let policies = policies("[limit.api]\npause = {}");
        let limit = policies.limit("api").unwrap();
        let before = limit.current();
        before.pause().unwrap().pause_for(secs(10), secs(0));
        let first = is_under_way.then(|| before.admit(secs(11)).unwrap());
        let other = settings("[limit.api]\npause = { first_within = \"5s\" }");
        policies.replace_at(other, secs(11)).unwrap();
        let current = limit.current();
        let goes_first = current.admit(secs(12)).unwrap();
        assert!(current.admit(secs(12)).is_err(), "under way: {is_under_way}");
        drop((first, goes_first));
    }
}

#[test]
fn bulkhead_with_the_same_settings_keeps_its_calls() {
    let policies = policies("[limit.api]\nbulkhead = 2");
    let limit = policies.limit("api").unwrap();
    let (before, permit) = (limit.current(), limit.current().admit(secs(1)).unwrap());
    policies.replace(settings("[limit.api]\nbulkhead = 2")).unwrap();
    assert_eq!(limit.current().in_flight(), Some(1));
    policies.replace(settings("[limit.api]\nbulkhead = 3")).unwrap();
    assert_eq!(
        (limit.current().in_flight(), limit.current().limit()),
        (Some(0), Some(3))
    );
    // The permit goes back to the limit that gave it, whichever reports it.
    limit
        .current()
        .report(permit, Ended::Returned(&Ok::<_, ()>(())), || secs(2));
    assert_eq!(before.in_flight(), Some(0));
}

/// Samples reach the algorithm through the limit of any kind.
#[test]
fn adaptive_limits_of_a_file_follow_the_server() {
    for kind in ["aimd = { lowest = 2 }", "gradient2 = { tolerance = 1.5 }"] {
        let policies = policies(&format!("[limit.api]\n{kind}"));
        let limit = policies.limit("api").unwrap().current();
        let began = limit.limit().unwrap();
        for window in 1..20 {
            let permits: Vec<_> = (0..began).filter_map(|_| limit.admit(secs(window)).ok()).collect();
            for permit in permits {
                limit.report(permit, Ended::Returned(&Ok::<_, ()>(())), || secs(window + 1));
            }
        }
        assert_ne!(limit.limit(), Some(began), "{kind}");
        assert_eq!(limit.in_flight(), Some(0));
    }
}

/// In runs: a hint pauses the limit, and a bulkhead rejects.
#[test]
fn limits_of_a_file_work_in_runs() {
    let policies = policies(
        "[retry.a]\nmax_attempts = 1\nmax_hint = \"1m\"\n[limit.pause]\npause = {}\n[limit.calls]\nbulkhead = 1",
    );
    let (policy, pause, calls) = (
        policies.get("a").unwrap().current(),
        policies.limit("pause").unwrap(),
        policies.limit("calls").unwrap(),
    );
    let throttled = policy.classify_with(|_: &&str| persevere::Verdict::RetryAfter(secs(30)));
    let run = throttled.on(ThreadSleeper).pace(pause.current());
    assert!(run.run_blocking(|| Err::<(), _>("throttled")).is_err());
    let current = pause.current();
    assert!(
        current
            .pause()
            .unwrap()
            .paused_for(ThreadSleeper.now())
            .is_some_and(|left| left > secs(29))
    );

    let run = || {
        let run = policy.on(ThreadSleeper).bulkhead(calls.current());
        run.run_blocking(|| Ok::<_, ()>(calls.current().in_flight()))
    };
    assert_eq!(run(), Ok(Some(1)));
    let place = calls.current().admit(ThreadSleeper.now()).unwrap();
    assert_eq!(run().unwrap_err().reason(), StopReason::Rejected);
    drop(place);
}

/// A hedge keeps its samples while the settings of its histogram stay, and loses them with other settings.
#[test]
fn hedge_keeps_its_samples_unless_their_window_changes() {
    let policies = policies("[hedge.search]\nat = 0.5\nminimum_samples = 2");
    let hedge = policies.hedge("search").unwrap();
    for _ in 0..3 {
        hedge.latency().record(secs(1), secs(10));
    }
    let samples = || hedge.latency().samples(secs(10));
    policies
        .replace(settings(
            "[hedge.search]\nat = 0.9\nfloor = \"5ms\"\nminimum_samples = 2",
        ))
        .unwrap();
    assert_eq!(samples(), 3);
    policies
        .replace(settings("[hedge.search]\nat = 0.9\nminimum_samples = 3"))
        .unwrap();
    assert_eq!(samples(), 0);
    policies.replace(settings("[hedge.search]\nafter = \"1ms\"")).unwrap();
    assert_eq!(
        policies.replace(settings("")).unwrap_err().missing()[0].name(),
        "search"
    );
    assert!(
        policies
            .hedge("serch")
            .unwrap_err()
            .to_string()
            .contains("did you mean `search`?")
    );
}

/// After a fixed time and at a quantile, a slow first leg gets a second.
#[tokio::test(start_paused = true)]
async fn hedges_of_a_file_make_a_second_call() {
    let policies = policies(
        "[hedge.fixed]\nafter = \"20ms\"\n\
         [hedge.quantile]\nat = 0.5\nminimum_samples = 1\nfloor = \"30ms\"",
    );
    let (fixed, quantile) = (policies.hedge("fixed").unwrap(), policies.hedge("quantile").unwrap());
    quantile.latency().record(Duration::from_millis(1), TokioSleeper.now());
    for (hedge, after) in [(fixed, 20), (quantile, 30)] {
        let budget = WindowedRatio::new().reserve(1);
        let start = tokio::time::Instant::now();
        let hedged = hedge.current().on(TokioSleeper).budget(&budget).run(|leg| async move {
            if !leg.is_hedge() {
                std::future::pending::<()>().await;
            }
            Ok::<_, ()>(leg.index())
        });
        assert_eq!(hedged.await, Ok(1));
        assert_eq!(start.elapsed(), Duration::from_millis(after));
    }
}
