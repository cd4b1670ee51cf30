//! V11: invalid settings are errors, before anything is connected.

use persevere::breaker::CircuitBreaker;
use persevere::limit::Pause;
use persevere_redis::{Fleet, InvalidFleet, QuotaBuilder};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

fn fleet() -> Fleet {
    Fleet::open("redis://127.0.0.1:1", "shop").unwrap()
}

#[test]
fn urls_and_names_are_checked() {
    for url in ["", "cache", "http://cache", "redis://cache:port", "rediss://cache"] {
        assert!(matches!(Fleet::open(url, "shop"), Err(InvalidFleet::Url(_))), "{url}");
    }
    let long = "x".repeat(101);
    for name in ["", "a b", "{a}", "ä", "a\n", &long] {
        let name = name.to_owned();
        let invalid = InvalidFleet::Name(name.clone());
        assert_eq!(
            Fleet::open("redis://cache", &name).unwrap_err(),
            InvalidFleet::Prefix(name.clone())
        );
        assert_eq!(fleet().quota(&name, 1, MINUTE).build().unwrap_err(), invalid);
        assert_eq!(fleet().pause(&name, Pause::new()).unwrap_err(), invalid);
        assert_eq!(
            fleet().evidence(&name, &CircuitBreaker::default()).build().unwrap_err(),
            invalid
        );
    }
    assert!(fleet().pause(&long[1..], Pause::new()).is_ok());
}

#[test]
fn numbers_of_a_quota_are_checked() {
    let quota = |permits, period| fleet().quota("calls", permits, period);
    let error = |quota: QuotaBuilder| quota.build().unwrap_err();
    assert_eq!(error(quota(0, MINUTE)), InvalidFleet::Quota(0));
    assert_eq!(error(quota(1 << 31, MINUTE)), InvalidFleet::Quota(1 << 31));
    assert_eq!(error(quota(1, Duration::from_millis(999))), InvalidFleet::Period);
    assert_eq!(error(quota(1, Duration::MAX)), InvalidFleet::Period);
    assert_eq!(error(quota(10, MINUTE).batch(0)), InvalidFleet::Batch(0));
    assert_eq!(error(quota(10, MINUTE).batch(11)), InvalidFleet::Batch(11));
    assert_eq!(error(quota(10, MINUTE).processes(0)), InvalidFleet::Processes);
    assert!(
        quota((1 << 31) - 1, 31 * 24 * 60 * MINUTE)
            .batch(1)
            .processes(u32::MAX)
            .build()
            .is_ok()
    );
}

#[test]
fn times_and_quorums_are_checked() {
    for time in [Duration::ZERO, Duration::from_micros(999), Duration::from_secs(11)] {
        assert_eq!(fleet().slow_after(time).unwrap_err(), InvalidFleet::SlowAfter);
    }
    let breaker = CircuitBreaker::default();
    let evidence = || fleet().evidence("api", &breaker);
    for (share, at_least) in [(0.5, 1), (0.0, 2), (1.1, 2), (f64::NAN, 2)] {
        assert_eq!(
            evidence().quorum(share, at_least).build().unwrap_err(),
            InvalidFleet::Quorum
        );
    }
    for time in [Duration::ZERO, Duration::MAX] {
        assert_eq!(evidence().open_for(time).build().unwrap_err(), InvalidFleet::OpenFor);
    }
}

#[test]
fn debug_form_of_a_fleet_has_no_password() {
    let fleet = Fleet::open("redis://user:secret@cache", "shop").unwrap();
    assert!(!format!("{fleet:?}").contains("secret"));
}
