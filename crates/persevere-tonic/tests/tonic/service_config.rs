//! The validation of proposal A6, and the choice by method.

use persevere::Jitter;
use persevere_tonic::{InvalidServiceConfig, ServiceConfig};
use proptest::prelude::*;
use std::time::Duration;
use tonic::Code;

const VALID: &str = r#"{"maxAttempts":4,"initialBackoff":"0.1s","maxBackoff":"1s","backoffMultiplier":2,"retryableStatusCodes":["UNAVAILABLE",4]}"#;

fn method(retry_policy: &str) -> String {
    format!(r#"{{"methodConfig":[{{"name":[{{"service":"pkg.Service"}}],"retryPolicy":{retry_policy}}}]}}"#)
}

/// The valid policy, with one part replaced.
fn replaced(part: &str, by: &str) -> String {
    assert!(VALID.contains(part), "{part}");
    method(&VALID.replace(part, by))
}

fn field(json: &str) -> String {
    match ServiceConfig::parse(json) {
        Err(InvalidServiceConfig::Field { field, .. }) => field.rsplit('.').next().unwrap().to_owned(),
        other => panic!("{json}: {other:?}"),
    }
}

#[test]
fn valid_policy_is_translated() {
    let policy = ServiceConfig::parse(&method(VALID))
        .unwrap()
        .for_method("pkg.Service/Get");
    let limits = policy.limits();
    assert_eq!(limits.max_attempts(), Some(4));
    assert_eq!(limits.max_delay(), Some(Duration::from_secs(1)));
    assert_eq!(limits.jitter(), Jitter::proportional(0.2));
    assert!(policy.classifier().contains(Code::Unavailable) && policy.classifier().contains(Code::DeadlineExceeded));
    assert!(!policy.classifier().contains(Code::Internal));
    let delays: Vec<_> = policy.jitter(Jitter::None).delays().collect();
    assert_eq!(delays, [100, 200, 400].map(Duration::from_millis));
}

#[test]
fn more_than_five_attempts_count_as_five() {
    for attempts in ["5", "6", "4294967296", "18446744073709551615"] {
        let config = ServiceConfig::parse(&replaced("4,\"init", &format!("{attempts},\"init"))).unwrap();
        assert_eq!(config.for_method("pkg.Service/Get").limits().max_attempts(), Some(5));
    }
}

#[test]
fn invalid_policies_name_the_field() {
    let part = |part: &str, bys: &[&str], name: &str| {
        for by in bys {
            assert_eq!(field(&replaced(part, by)), name, "{by}");
        }
    };
    let attempts = [
        "",
        "\"maxAttempts\":1,",
        "\"maxAttempts\":-1,",
        "\"maxAttempts\":2.5,",
        "\"maxAttempts\":\"4\",",
    ];
    part("\"maxAttempts\":4,", &attempts, "maxAttempts");
    let durations = [
        "0.1",
        "\"0s\"",
        "\"-1s\"",
        "\"1\"",
        "\"s\"",
        "\".5s\"",
        "\"1.s\"",
        "\"1e3s\"",
        "\"0.0000000001s\"",
        "null",
    ];
    part("\"0.1s\"", &durations, "initialBackoff");
    part("\"1s\"", &durations, "maxBackoff");
    part("\"initialBackoff\":\"0.1s\",", &[""], "initialBackoff");
    part("\"maxBackoff\":\"1s\",", &[""], "maxBackoff");
    part(
        "\"backoffMultiplier\":2,",
        &["", "\"backoffMultiplier\":0,", "\"backoffMultiplier\":-2,"],
        "backoffMultiplier",
    );
    part(
        "[\"UNAVAILABLE\",4]",
        &["[]", "null", "\"UNAVAILABLE\""],
        "retryableStatusCodes",
    );
    part(
        "4]",
        &["17]", "-1]", "1.5]", "\"BUSY\"]", "null]"],
        "retryableStatusCodes[1]",
    );
    part("}", &["},\"hedgingPolicy\":{\"maxAttempts\":2}"], "hedgingPolicy");
}

#[test]
fn valid_variants_are_accepted() {
    for (part, by) in [
        ("UNAVAILABLE", "unavailable"),
        ("UNAVAILABLE", "Data_Loss"),
        ("\"UNAVAILABLE\",4", "16"),
        ("\"0.1s\"", "\"315576000000.999999999s\""),
        ("er\":2", "er\":0.5"),
        ("er\":2", "er\":1e300"),
    ] {
        assert!(ServiceConfig::parse(&replaced(part, by)).is_ok(), "{by}");
    }
    for json in [
        "{}",
        r#"{"loadBalancingConfig":[]}"#,
        r#"{"methodConfig":[{"name":[{}],"timeout":"1s"}]}"#,
    ] {
        assert!(ServiceConfig::parse(json).is_ok(), "{json}");
    }
}

#[test]
fn throttling_is_validated() {
    let throttling =
        |most: &str, ratio: &str| format!(r#"{{"retryThrottling":{{"maxTokens":{most},"tokenRatio":{ratio}}}}}"#);
    for most in ["0", "-1", "1001", "10.5", "null"] {
        assert_eq!(field(&throttling(most, "0.1")), "maxTokens", "{most}");
    }
    for ratio in ["0", "-0.1", "0.0001", "null"] {
        assert_eq!(field(&throttling("10", ratio)), "tokenRatio", "{ratio}");
    }
    let throttle = ServiceConfig::parse(&throttling("1000", "0.1239"))
        .unwrap()
        .throttle()
        .unwrap();
    assert_eq!(throttle.available(), 1000.0);
    assert!(ServiceConfig::parse("{}").unwrap().throttle().is_none());
}

#[test]
fn most_specific_name_wins() {
    let of = |name: &str, attempts: u32| {
        let policy = VALID.replace("4,\"init", &format!("{attempts},\"init"));
        format!(r#"{{"name":[{name}],"retryPolicy":{policy}}}"#)
    };
    let configs = [
        of("{}", 2),
        of(r#"{"service":"pkg.Service"}"#, 3),
        of(r#"{"service":"pkg.Service","method":"Get"}"#, 4),
        r#"{"name":[{"service":"pkg.Service","method":"Put"}]}"#.to_owned(),
    ];
    let config = ServiceConfig::parse(&format!(r#"{{"methodConfig":[{}]}}"#, configs.join(","))).unwrap();
    let attempts = |method| config.for_method(method).limits().max_attempts().unwrap();
    assert_eq!(attempts("pkg.Service/Get"), 4);
    assert_eq!(attempts("/pkg.Service/Get"), 4);
    assert_eq!(attempts("pkg.Service/List"), 3);
    assert_eq!(attempts("pkg.Other/Get"), 2);
    assert_eq!(attempts("pkg.Service/Put"), 1);
    let twice = format!(r#"{{"methodConfig":[{},{}]}}"#, configs[0], configs[0]);
    assert_eq!(field(&twice), "name[0]");
    assert_eq!(field(r#"{"methodConfig":[{"name":[{"method":"Get"}]}]}"#), "service");
}

#[test]
fn messages_name_what_is_allowed() {
    let message = |json: &str| ServiceConfig::parse(json).unwrap_err().to_string();
    assert_eq!(
        message(&replaced("4,\"init", "1,\"init")),
        "invalid gRPC service config: `methodConfig[0].retryPolicy.maxAttempts` must be an integer of at least 2, not 1"
    );
    assert_eq!(
        message(r#"{"retryThrottling":{"maxTokens":10}}"#),
        "invalid gRPC service config: `retryThrottling.tokenRatio` must be a number from 0.001 to 1000, but is missing"
    );
    assert!(message("{").starts_with("invalid gRPC service config: EOF"));
    assert_eq!(
        message("[]"),
        "invalid gRPC service config: `the root` must be an object, not []"
    );
}

proptest! {
    #[test]
    fn hostile_text_does_not_panic(text: String, part in 0..VALID.len()) {
        let _ = ServiceConfig::parse(&text);
        let cut = format!("{}{text}{}", &VALID[..part], &VALID[part..]);
        if let Ok(config) = ServiceConfig::parse(&method(&cut)) {
            let _ = config.for_method(&text);
        }
    }
}

#[test]
fn hedging_is_validated_and_not_followed() {
    let parse = |policy: &str| {
        ServiceConfig::parse(&format!(
            r#"{{"methodConfig":[{{"name":[{{}}],"hedgingPolicy":{policy}}}]}}"#
        ))
    };
    let hedged = r#"{"maxAttempts":3,"hedgingDelay":"0.5s","nonFatalStatusCodes":["UNAVAILABLE",14]}"#;
    assert_eq!(
        parse(hedged)
            .unwrap()
            .for_method("pkg.Service/Get")
            .limits()
            .max_attempts(),
        Some(1)
    );
    assert!(parse(r#"{"maxAttempts":2,"hedgingDelay":"0s"}"#).is_ok());
    for (invalid, field) in [
        ("{}", "maxAttempts"),
        (r#"{"maxAttempts":1}"#, "maxAttempts"),
        (r#"{"maxAttempts":2,"hedgingDelay":"soon"}"#, "hedgingDelay"),
        (
            r#"{"maxAttempts":2,"nonFatalStatusCodes":["NO_SUCH"]}"#,
            "nonFatalStatusCodes[0]",
        ),
    ] {
        let error = parse(invalid).unwrap_err().to_string();
        assert!(error.contains(&format!("hedgingPolicy.{field}")), "{invalid}: {error}");
    }
}

#[test]
fn timeout_limits_the_run() {
    let of = |timeout: &str| {
        let json = format!(r#"{{"methodConfig":[{{"name":[{{}}],"timeout":{timeout}}}]}}"#);
        ServiceConfig::parse(&json).map(|config| config.for_method("pkg.Service/Get").limits().max_elapsed())
    };
    assert_eq!(of("\"1.5s\"").unwrap(), Some(std::time::Duration::from_millis(1500)));
    let error = of("3").unwrap_err().to_string();
    assert!(
        error.contains("`methodConfig[0].timeout` must be a duration"),
        "{error}"
    );
}
