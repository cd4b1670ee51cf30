//! The meaning of settings (contract F1, F7, F12): each has the effect of the builder's call of the same name.

#![cfg(all(feature = "json", feature = "toml"))]

use persevere::backoff::{Curve, Decorrelated, Exponential, Fibonacci, Fixed, Linear, Schedule};
use persevere::breaker::{CircuitBreaker, State};
use persevere::classify::AnyError;
use persevere::config::{LoadError, MistakeKind, Policies, Settings, Sources};
use persevere::hedge::{AnyDelay, Hedge, Quantile};
use persevere::{Jitter, Policy};
use serde::Deserialize;
use std::time::Duration;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// The only policy of some settings in TOML.
fn policy(settings: &str) -> Policy<Curve> {
    *Settings::from_toml(&format!("[retry.one]\n{settings}"))
        .unwrap()
        .policy("one")
        .unwrap()
}

/// A policy of the builder, with its curve as a `Curve`.
fn of<B: Into<Curve> + Copy>(policy: Policy<B>) -> Policy<Curve> {
    Policy::from_parts((*policy.backoff()).into(), AnyError, *policy.limits())
}

#[test]
fn policy_without_settings_is_the_default() {
    assert_eq!(policy(""), of(Policy::DEFAULT));
}

#[test]
fn every_curve_is_its_constructor() {
    static DELAYS: [Duration; 2] = [ms(100), ms(1_000)];
    let schedule = Schedule::new(&DELAYS[..]);
    for (settings, expected) in [
        ("{ fixed = \"1s\" }", of(Policy::fixed(ms(1_000)))),
        ("{ linear = \"100ms\" }", of(Policy::linear(ms(100)))),
        ("{ exponential = \"100ms\" }", of(Policy::exponential(ms(100)))),
        (
            "{ exponential = \"100ms\", factor = 1.5 }",
            of(Policy::exponential(ms(100)).factor(1.5)),
        ),
        (
            "{ exponential = \"100ms\", factor = 3 }",
            of(Policy::exponential(ms(100)).factor(3.0)),
        ),
        ("{ fibonacci = \"100ms\" }", of(Policy::fibonacci(ms(100)))),
        ("{ decorrelated = \"100ms\" }", of(Policy::decorrelated(ms(100)))),
        (
            "{ decorrelated = \"100ms\", factor = 2, first_fixed = true }",
            of(Policy::new(Decorrelated::new(ms(100)).factor(2).first_fixed())),
        ),
        ("{ schedule = [\"100ms\", \"1s\"] }", of(Policy::schedule(&DELAYS[..]))),
        (
            "{ schedule = [\"100ms\", \"1s\"], repeat_last = true }",
            of(Policy::new(schedule.repeat_last())),
        ),
    ] {
        assert_eq!(policy(&format!("backoff = {settings}")), expected, "{settings}");
    }
    // Each of these is one of the curves above.
    let _ = [
        Curve::from(Fixed::new(ms(1))),
        Linear::new(ms(1)).into(),
        Exponential::new(ms(1)).into(),
    ];
    let _ = Curve::from(Fibonacci::new(ms(1)));
}

#[test]
fn every_setting_is_its_setter() {
    let expected = Policy::exponential(ms(50))
        .max_attempts(7)
        .max_delay(ms(2_500))
        .max_elapsed(ms(90_000))
        .since_first_failure()
        .attempt_timeout(ms(1_500))
        .min_attempt_time(ms(50))
        .jitter(Jitter::proportional(0.25))
        .max_hint(ms(60_000))
        .clamp_hints(true)
        .spread_hints(0.5)
        .longer_of_hint_and_delay(true)
        .retry_rejected(true)
        .retry_timeouts(false)
        .seed(7);
    let settings = r#"
        max_attempts = 7
        backoff = { exponential = "50ms" }
        max_delay = "2.5s"
        max_elapsed = "1m30s"
        since_first_failure = true
        attempt_timeout = "1.5s"
        min_attempt_time = "50ms"
        jitter = { proportional = 0.25 }
        max_hint = "1m"
        clamp_hints = true
        spread_hints = 0.5
        longer_of_hint_and_delay = true
        retry_rejected = true
        retry_timeouts = false
        seed = 7
    "#;
    assert_eq!(policy(settings), of(expected));
    // Debug prints every setting that is not the default, under the name of its setter.
    let printed = format!("{:?}", policy(settings));
    for name in settings
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name.trim())
    {
        assert!(printed.contains(&format!("{name}: ")), "{name}");
    }
    assert_eq!(policy("max_retries = 4"), of(Policy::DEFAULT.max_retries(4)));
    assert_eq!(
        policy("unlimited_attempts = true"),
        of(Policy::DEFAULT.unlimited_attempts())
    );
    for (word, jitter) in [("none", Jitter::None), ("full", Jitter::Full), ("equal", Jitter::Equal)] {
        assert_eq!(policy(&format!("jitter = \"{word}\"")).limits().jitter(), jitter);
    }
}

#[test]
fn formats_read_the_same_settings() {
    let toml = "[retry.a]\nmax_attempts = 3\nmax_delay = \"5s\"\n[breaker.a]\nopen_for = \"1s\"\n[budget.a]\ntoken_bucket = \"aws_2_1\"";
    let json = r#"{ "retry": { "a": { "max_attempts": 3, "max_delay": "5s" } }, "breaker": { "a": { "open_for": "1s" } },
        "budget": { "a": { "token_bucket": "aws_2_1" } } }"#;
    let settings = Settings::from_toml(toml).unwrap();
    assert_eq!(settings, Settings::from_json(json).unwrap());
    let variables = Sources::new().variables([
        ("PERSEVERE_RETRY__A__MAX_ATTEMPTS", "3"),
        ("PERSEVERE_RETRY__A__MAX_DELAY", "5s"),
        ("PERSEVERE_BREAKER__A__OPEN_FOR", "1s"),
        ("PERSEVERE_BUDGET__A__TOKEN_BUCKET", "aws_2_1"),
    ]);
    let by_variables = variables.settings().unwrap();
    assert_eq!(by_variables.policy("a"), settings.policy("a"));
    assert!(by_variables.breakers().eq(["a"]) && by_variables.budgets().eq(["a"]));
}

#[test]
fn settings_are_a_field_of_other_settings() {
    #[derive(Deserialize)]
    struct Application {
        port: u16,
        resilience: Settings,
    }
    let text = r#"{ "port": 80, "resilience": { "retry": { "a": { "max_attempts": 3 } } } }"#;
    let application: Application = serde_json::from_str(text).unwrap();
    assert_eq!(application.port, 80);
    assert!(application.resilience.policy("a").is_some());
    let error = serde_json::from_str::<Application>(&text.replace("max_att", "max_at"))
        .err()
        .unwrap();
    assert!(
        error
            .to_string()
            .starts_with("unknown setting `max_atempts` in [retry.a]: did you mean `max_attempts`?"),
        "{error}"
    );
}

#[test]
fn variable_overrides_the_file() {
    let file = "[retry.billing-api]\nmax_attempts = 3\nbackoff = { exponential = \"100ms\", factor = 3 }\n\
        [budget.api]\nwindowed_ratio = { ratio = 0.1, reserve = 5 }";
    let with = |variables: &[(&str, &str)]| {
        Sources::new()
            .toml(file)
            .unwrap()
            .variables(variables.iter().copied())
            .settings()
            .unwrap()
    };
    let curve = |settings: &Settings| *settings.policy("billing-api").unwrap().backoff();

    let settings = with(&[
        ("PERSEVERE_RETRY__BILLING_API__MAX_ATTEMPTS", "6"),
        ("PERSEVERE_LOG", "debug"),
        ("HOME", "/"),
    ]);
    assert_eq!(settings.policy("billing-api").unwrap().limits().max_attempts(), Some(6));
    let settings = with(&[("PERSEVERE_RETRY__BILLING_API__MAX_RETRIES", "6")]);
    assert_eq!(settings.policy("billing-api").unwrap().limits().max_attempts(), Some(7));
    let settings = with(&[("PERSEVERE_RETRY__BILLING_API__BACKOFF__EXPONENTIAL", "1s")]);
    assert_eq!(curve(&settings), Exponential::new(ms(1_000)).factor(3.0).into());
    let settings = with(&[("PERSEVERE_RETRY__BILLING_API__BACKOFF__FACTOR", "1.5")]);
    assert_eq!(curve(&settings), Exponential::new(ms(100)).factor(1.5).into());
    let settings = with(&[("PERSEVERE_RETRY__BILLING_API__BACKOFF__SCHEDULE", "1s, 2s")]);
    assert_eq!(
        settings.policy("billing-api").unwrap().delay_after(2, None).map(|_| ()),
        Some(())
    );
    assert!(format!("{:?}", curve(&settings)).starts_with("Schedule"));
    let settings = with(&[("PERSEVERE_BUDGET__API__TOKEN_BUCKET__CAPACITY", "7")]);
    assert!(settings.budgets().eq(["api"]));
    let settings = with(&[("PERSEVERE_RETRY__NEW__MAX_ATTEMPTS", "2")]);
    assert!(settings.policy("new").is_some());
}

#[test]
fn variable_overrides_limits_and_hedges() {
    let file = "[limit.api]\npause = {}\n[hedge.search]\nat = 0.95\nfloor = \"2ms\"";
    let with = |name, value| Sources::new().toml(file).unwrap().variables([(name, value)]).settings();
    let settings = with("PERSEVERE_LIMIT__API__BULKHEAD", "7").unwrap();
    let limit = Policies::new(settings).limit("api").unwrap().current();
    assert_eq!(limit.limit(), Some(7), "in place of the pause");
    let settings = with("PERSEVERE_HEDGE__SEARCH__AT", "0.5").unwrap();
    let hedge = Policies::new(settings).hedge("search").unwrap();
    let expected: Hedge<AnyDelay<_>> = Hedge::at(hedge.latency(), Quantile::P50).floor(ms(2)).into();
    assert_eq!(format!("{:?}", hedge.current()), format!("{expected:?}"));
}

/// Bounds that are not set have the defaults of the algorithm.
#[test]
fn bound_that_is_not_set_is_the_default() {
    let of = |kind: &str| Settings::from_toml(&format!("[limit.api]\n{kind}")).unwrap();
    for (all, default) in [
        ("gradient2 = { lowest = 1, highest = 200 }", "gradient2 = {}"),
        (
            "gradient2 = { lowest = 5 }",
            "gradient2 = { lowest = 5, highest = 200 }",
        ),
        ("aimd = { lowest = 20, highest = 200 }", "aimd = {}"),
        ("aimd = { highest = 90 }", "aimd = { lowest = 20, highest = 90 }"),
    ] {
        assert_eq!(of(all), of(default));
    }
}

/// Names that users choose do not exclude each other.
#[test]
fn names_of_settings_are_names_of_policies_too() {
    let sources = Sources::new()
        .toml("[retry.at]\n[retry.fixed]\n[limit.pause]\nbulkhead = 1")
        .unwrap();
    let sources = sources
        .toml("[retry.after]\n[retry.linear]\n[limit.bulkhead]\npause = {}")
        .unwrap();
    let settings = sources.settings().unwrap();
    assert!(
        settings
            .policies()
            .map(|(name, _)| name)
            .eq(["after", "at", "fixed", "linear"])
    );
    assert!(settings.limits().eq(["bulkhead", "pause"]));
}

#[test]
fn mistake_of_a_variable_names_it() {
    let message = |name: &str, value: &str| {
        let sources = Sources::new().toml("[retry.a-b]\n[retry.a_b]\n[retry.c]").unwrap();
        sources.variables([(name, value)]).settings().unwrap_err().to_string()
    };
    for (name, value, expected) in [
        (
            "PERSEVERE_RETRY__C__MAX_ATEMPTS",
            "6",
            ": unknown setting `max_atempts` in [retry.c]: did you mean `max_attempts`?",
        ),
        (
            "PERSEVERE_RETRY__C__MAX_DELAY",
            "5",
            ": `max_delay` in [retry.c]: the duration has no unit after its number",
        ),
        (
            "PERSEVERE_RETRY__C__MAX_ATTEMPTS",
            "x",
            ": `max_attempts` in [retry.c] takes a whole number, not text",
        ),
        (
            "PERSEVERE_RETRI__C__MAX_ATTEMPTS",
            "1",
            ": unknown table `retri`: did you mean `retry`?",
        ),
        (
            "PERSEVERE_RETRY__MAX_ATTEMPTS",
            "1",
            ": `PERSEVERE_RETRY__MAX_ATTEMPTS` names no setting: write the table",
        ),
        (
            "PERSEVERE_RETRY____MAX_ATTEMPTS",
            "1",
            ": `PERSEVERE_RETRY____MAX_ATTEMPTS` names no setting",
        ),
        (
            "PERSEVERE_RETRY__A_B__SEED",
            "1",
            ": `PERSEVERE_RETRY__A_B__SEED` may mean any of `a-b`, `a_b`",
        ),
    ] {
        let message = message(name, value);
        assert!(message.starts_with(&format!("{name}{expected}")), "{message}");
    }
}

#[test]
fn later_file_overrides_setting_by_setting() {
    let folder = std::env::temp_dir().join(format!("persevere-settings-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (base, own) = (folder.join("base.toml"), folder.join("own.json"));
    std::fs::write(&base, "[retry.a]\nmax_attempts = 3\nmax_delay = \"5s\"\n").unwrap();
    std::fs::write(&own, r#"{ "retry": { "a": { "max_attempts": 9 } } }"#).unwrap();
    let settings = Sources::new()
        .file(&base)
        .unwrap()
        .file(&own)
        .unwrap()
        .settings()
        .unwrap();
    let limits = *settings.policy("a").unwrap().limits();
    assert_eq!((limits.max_attempts(), limits.max_delay()), (Some(9), Some(ms(5_000))));

    std::fs::write(&own, "{ \"retry\": {\n\"a\": ] }").unwrap();
    let error = Sources::new().file(&own).unwrap_err();
    assert_eq!(error.mistakes()[0].line(), Some(2));
    assert_eq!(error.mistakes()[0].source_name(), Some(&*own.display().to_string()));
    assert!(
        error
            .to_string()
            .starts_with(&format!("{}:2: invalid JSON: ", own.display())),
        "{error}"
    );
    let error = Settings::load(folder.join("missing.toml")).unwrap_err();
    assert!(
        matches!(error, LoadError::Read { .. }) && error.to_string().contains("missing.toml: "),
        "{error}"
    );
    assert!(std::error::Error::source(&error).is_none(), "it is printed");
    let error = Settings::load(folder.join("retry.yaml")).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("name the file `.toml` (feature `toml`) or `.json` (feature `json`)"),
        "{error}"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn breaker_without_settings_is_the_default() {
    use persevere::config::Policies;
    let policies = Policies::new(Settings::from_toml("[breaker.a]").unwrap());
    let (configured, default) = (
        policies.breaker("a").unwrap().current(),
        CircuitBreaker::default().shared(),
    );
    for breaker in [configured, default] {
        use persevere::gate::{Ended, Gate, Report};
        for _ in 0..5 {
            assert_eq!(breaker.state(ms(0)), State::Closed);
            let permit = breaker.admit(ms(0)).unwrap();
            breaker.report(permit, Ended::Returned(&Err::<(), _>("down")), || ms(0));
        }
        assert_eq!(
            (breaker.state(ms(59_999)), breaker.state(ms(60_000))),
            (State::Open, State::HalfOpen)
        );
    }
}

#[test]
fn worst_case_is_the_longest_time_of_a_run() {
    let worst_case = |settings: &str| {
        let settings = Settings::from_toml(&format!("[retry.a]\n{settings}")).unwrap();
        settings.review().policy("a").unwrap().worst_case
    };
    let fixed = "backoff = { fixed = \"1s\" }\n";
    for (settings, expected) in [
        ("", None),
        ("max_elapsed = \"9s\"", None),
        ("attempt_timeout = \"2s\"", Some(3 * 2_000 + 2 * 1_000)),
        ("attempt_timeout = \"2s\"\nmax_elapsed = \"5s\"", Some(5_000)),
        ("attempt_timeout = \"2s\"\nmax_elapsed = \"1m\"", Some(8_000)),
        (
            "attempt_timeout = \"2s\"\nmax_elapsed = \"5s\"\nsince_first_failure = true",
            Some(7_000),
        ),
        ("attempt_timeout = \"2s\"\nunlimited_attempts = true", None),
        (
            "attempt_timeout = \"2s\"\nunlimited_attempts = true\nmax_elapsed = \"1m\"",
            Some(60_000),
        ),
    ] {
        assert_eq!(
            worst_case(&format!("{fixed}{settings}")),
            expected.map(ms),
            "{settings}"
        );
    }
}

#[test]
fn amplification_multiplies_the_attempts_of_the_layers() {
    let settings = Settings::from_toml(
        "[retry.gateway]\nmax_attempts = 2\ncalls = [\"checkout\", \"search\"]\n\
         [retry.checkout]\nmax_attempts = 3\ncalls = \"billing\"\n\
         [retry.billing]\nmax_attempts = 4\n\
         [retry.search]\nmax_attempts = 5\n\
         [retry.watch]\nunlimited_attempts = true\nbackoff = { fixed = \"1s\" }\ncalls = [\"billing\"]",
    );
    let review = settings.unwrap().review();
    let of = |name| {
        let policy = review.policy(name).unwrap();
        (policy.amplification, policy.through.join(" "))
    };
    assert_eq!(of("billing"), (Some(4), "billing".to_owned()));
    assert_eq!(of("gateway"), (Some(24), "gateway checkout billing".to_owned()));
    assert_eq!(of("watch"), (None, "watch billing".to_owned()));
    let table = review.to_string();
    let line = table.lines().find(|line| line.starts_with("gateway")).unwrap();
    assert!(line.ends_with("24 through gateway, checkout, billing"), "{table}");
    assert!(table.lines().all(|line| !line.ends_with(' ')));
}

#[test]
fn bounds_of_the_review_hold_for_every_policy_without_its_own() {
    let text = "[review]\nmax_amplification = 5\n[retry.a]\nmax_attempts = 6\n[retry.b]\nmax_attempts = 6\nmax_amplification = 6\n";
    let mistakes = Settings::from_toml(text).unwrap_err();
    assert_eq!(mistakes.list().len(), 1);
    assert_eq!(
        (mistakes.list()[0].path(), mistakes.list()[0].line()),
        ("retry.a.max_amplification", Some(3))
    );
    assert!(matches!(
        mistakes.list()[0].kind(),
        MistakeKind::Amplification {
            attempts: Some(6),
            most: 5,
            ..
        }
    ));
}
