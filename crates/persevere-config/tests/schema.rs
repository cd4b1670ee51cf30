//! The schema and the parser (contract F2, F5, F6): both accept the same values, except for the rules that no schema
//! can express.

#![cfg(all(feature = "json", feature = "toml"))]

use boon::{Compiler, SchemaIndex, Schemas};
use persevere_breaker::InvalidBreaker;
use persevere_budget::InvalidBudget;
use persevere_config::{Mistake, MistakeKind, SCHEMA, Settings, Sources};
use persevere_core::duration::{self, InvalidDuration};
use persevere_hedge::InvalidHedge;
use persevere_limit::InvalidLimit;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use std::time::Duration;

/// Whether the schema accepts a value.
fn is_valid(value: &Value) -> bool {
    static COMPILED: LazyLock<(Schemas, SchemaIndex)> = LazyLock::new(|| {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let schema = serde_json::from_str(SCHEMA).unwrap();
        compiler.add_resource("retry.schema.json", schema).unwrap();
        let index = compiler.compile("retry.schema.json", &mut schemas).unwrap();
        (schemas, index)
    });
    let (schemas, index) = &*COMPILED;
    schemas.validate(value, *index).is_ok()
}

/// Whether this is a rule that joins several settings, or a length that no pattern can express.
fn is_beyond_schema(mistake: &Mistake, file: &Value) -> bool {
    let written = file.pointer(&format!("/{}", mistake.path().replace('.', "/")));
    match mistake.kind() {
        MistakeKind::WorstCase { .. } | MistakeKind::Amplification { .. } | MistakeKind::Cycle(_) => true,
        MistakeKind::Unknown { noun, .. } => *noun == "policy",
        MistakeKind::InvalidDuration(invalid) => *invalid == InvalidDuration::TooLong,
        MistakeKind::InvalidBreaker(InvalidBreaker::Window) => written.is_some_and(Value::is_string),
        MistakeKind::InvalidBreaker(InvalidBreaker::Minimum) => written.and_then(Value::as_f64) != Some(0.0),
        MistakeKind::InvalidBudget(invalid) => matches!(invalid, InvalidBudget::Window(_)),
        MistakeKind::InvalidHedge(invalid) => matches!(invalid, InvalidHedge::Window(_)),
        // Bounds that are each within their range, and not in order.
        MistakeKind::InvalidLimit(InvalidLimit::Bounds(lowest, highest)) => {
            [lowest, highest].iter().all(|bound| (1..=1_000_000).contains(*bound))
        }
        _ => false,
    }
}

/// Compares the schema with the parser.
fn compare(value: &Value) -> Result<(), TestCaseError> {
    match Settings::from_json(&value.to_string()) {
        Ok(_) => prop_assert!(is_valid(value), "the parser alone accepts {value}"),
        Err(mistakes) => {
            let is_expected = mistakes.list().iter().all(|mistake| is_beyond_schema(mistake, value));
            prop_assert_eq!(is_valid(value), is_expected, "{}: {}", mistakes, value);
        }
    }
    Ok(())
}

/// Text that is a duration, or almost.
fn duration() -> impl Strategy<Value = Value> {
    let term = "[0-9]{1,3}(\\.[0-9]{1,14})?(h|m|s|ms|us|ns)";
    let text = prop_oneof![
        30 => "[1-9][0-9]{0,2}(ms|s|m)",
        2 => vec(term, 1..4).prop_map(|terms| terms.concat()),
        2 => "([0-9]{1,3}h)?([0-9]{1,3}m)?([0-9]{1,3}s)?([0-9]{1,3}ms)?[0-9]{1,2}(\\.[0-9]{1,7})?(us|ns)",
        1 => "[0-9]\\.([0-9]{10,11}|[0-9]{11}(5|25|75))0{0,3}(h|m)",
        1 => select(vec!["", "0s", "0ms", "5", "1 s", "1.s", ".5s", "1d", "-1s", "1.0ns", "1.5ns", "20s1m"]).prop_map(str::to_owned),
    ];
    text.prop_map(Value::from)
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        20 => Just(Value::from(1)),
        6 => (0_u32..12).prop_map(Value::from),
        1 => select(vec![-1_i64, 100, 101, 128, 129, 1_000, 1_001, 4_294_967_295, 4_294_967_296]).prop_map(Value::from),
        1 => any::<u64>().prop_map(Value::from),
        4 => select(vec![0.0, 0.5, 1.0, 1.5, 3.0, 0.0001, 0.000_001, 0.000_000_9, 999.5, 1000.5, -0.5]).prop_map(Value::from),
    ]
}

/// A value for any setting, mostly of a type that some setting takes.
fn value() -> impl Strategy<Value = Value> {
    let word = select(vec![
        "none", "full", "equal", "fall", "aws_2_0", "aws_2_1", "aws", "one", "two",
    ]);
    prop_oneof![
        duration(),
        number(),
        any::<bool>().prop_map(Value::from),
        word.prop_map(Value::from),
        vec(duration(), 0..3).prop_map(Value::from),
        vec(select(vec!["one", "two", "three"]), 0..3).prop_map(|names| json!(names)),
        select(vec![
            Value::Null,
            json!({}),
            json!({ "fixed": "1s" }),
            json!({ "proportional": 0.5 })
        ]),
    ]
}

/// Some of the named settings, each with one of its values or with any.
fn table(settings: Vec<(&'static str, BoxedStrategy<Value>)>) -> impl Strategy<Value = Value> {
    let count = settings.len();
    let entries = settings.into_iter().map(|(name, right)| {
        let value = prop_oneof![40 => right, 1 => value()];
        (Just(name), value)
    });
    let entries: Vec<_> = entries.collect();
    let noise = prop_oneof![20 => Just(None), 1 => "[a-z_]{0,8}".prop_map(Some)];
    let chosen = subsequence((0..count).collect::<Vec<usize>>(), 0..=count.min(4));
    (entries, chosen, noise).prop_map(|(entries, chosen, noise)| {
        let chosen = chosen
            .into_iter()
            .map(|index| (entries[index].0.to_owned(), entries[index].1.clone()));
        let mut table: Map<String, Value> = chosen.collect();
        table.extend(noise.map(|name| (name, Value::from(1))));
        Value::Object(table)
    })
}

fn backoff() -> BoxedStrategy<Value> {
    let curve = select(vec!["fixed", "linear", "exponential", "fibonacci", "decorrelated"]);
    let of_curve = (curve, duration()).prop_map(|(curve, base)| json!({ curve: base }));
    let of_schedule = vec(duration(), 0..3).prop_map(|delays| json!({ "schedule": delays }));
    let others = table(vec![
        ("factor", number().boxed()),
        ("first_fixed", any::<bool>().prop_map(Value::from).boxed()),
        ("repeat_last", any::<bool>().prop_map(Value::from).boxed()),
        ("fixed", duration().boxed()),
        ("schedule", vec(duration(), 0..3).prop_map(Value::from).boxed()),
    ]);
    let others = prop_oneof![2 => Just(json!({})), 1 => others];
    let backoff = (
        prop_oneof![3 => of_curve, 1 => of_schedule, 1 => Just(json!({}))],
        others,
    );
    let merged = backoff.prop_map(|(mut curve, others)| {
        let table = curve.as_object_mut().unwrap();
        table.extend(others.as_object().unwrap().clone());
        curve
    });
    merged.boxed()
}

fn jitter() -> BoxedStrategy<Value> {
    let of_table = table(vec![("proportional", number().boxed())]);
    prop_oneof![select(vec!["none", "full", "equal"]).prop_map(Value::from), of_table].boxed()
}

/// The settings of a table of the schema, with values of the types that the schema names.
fn settings(table_name: &str) -> Vec<(&'static str, BoxedStrategy<Value>)> {
    static PARSED: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(SCHEMA).unwrap());
    let properties = PARSED["$defs"][table_name]["properties"].as_object().unwrap();
    let settings = properties.iter().map(|(name, schema)| {
        let of_type = match (schema["type"].as_str(), schema["$ref"].as_str()) {
            (Some("integer" | "number"), _) => number().boxed(),
            (Some("boolean"), _) => any::<bool>().prop_map(Value::from).boxed(),
            (_, Some("#/$defs/backoff")) => backoff(),
            (_, Some("#/$defs/jitter")) => jitter(),
            (_, Some(_)) => duration().boxed(),
            _ if name == "calls" => select(vec![json!("one"), json!(["two"]), json!([])]).boxed(),
            _ => Just(json!(true)).boxed(),
        };
        (name.as_str(), of_type)
    });
    settings.collect()
}

fn budget() -> impl Strategy<Value = Value> {
    let counts = |names: &[&'static str]| table(names.iter().map(|name| (*name, number().boxed())).collect());
    let windowed = table(vec![
        ("ratio", number().boxed()),
        ("reserve", number().boxed()),
        ("window", duration().boxed()),
    ]);
    let bucket = table(vec![
        ("capacity", number().boxed()),
        ("reward", number().boxed()),
        ("cost", counts(&["transient", "throttling", "timeout"]).boxed()),
    ]);
    let adaptive = table(vec![
        ("multiplier", number().boxed()),
        ("window", duration().boxed()),
        ("seed", number().boxed()),
    ]);
    let words = select(vec![json!("aws_2_0"), json!("aws_2_1"), json!("aws")]);
    prop_oneof![
        table(vec![("windowed_ratio", windowed.boxed())]),
        table(vec![("token_bucket", prop_oneof![bucket, words].boxed())]),
        table(vec![
            ("grpc_throttle", counts(&["max_tokens", "token_ratio"]).boxed()),
            ("token_bucket", value().boxed())
        ]),
        table(vec![("adaptive_throttle", adaptive.boxed())]),
    ]
}

fn limit() -> impl Strategy<Value = Value> {
    let adaptive = |own: &'static str, value: BoxedStrategy<Value>| {
        table(vec![
            ("lowest", number().boxed()),
            ("highest", number().boxed()),
            ("window", duration().boxed()),
            (own, value),
        ])
    };
    let pause = table(vec![
        ("at_most", duration().boxed()),
        ("first_within", duration().boxed()),
    ]);
    prop_oneof![
        table(vec![("bulkhead", number().boxed())]),
        table(vec![("pause", pause.boxed()), ("bulkhead", value().boxed())]),
        table(vec![("gradient2", adaptive("tolerance", number().boxed()).boxed())]),
        table(vec![("aimd", adaptive("slowest", duration().boxed()).boxed())]),
    ]
}

/// A whole file.
fn file() -> impl Strategy<Value = Value> {
    let names = || select(vec!["one", "two"]).prop_map(str::to_owned);
    let named = |entry: BoxedStrategy<Value>| btree_map(names(), entry, 0..3).prop_map(|tables| json!(tables)).boxed();
    let review = table(vec![
        ("max_worst_case", duration().boxed()),
        ("max_amplification", number().boxed()),
    ]);
    table(vec![
        ("retry", named(table(settings("retry")).boxed())),
        ("breaker", named(table(settings("breaker")).boxed())),
        ("budget", named(budget().boxed())),
        ("limit", named(limit().boxed())),
        ("hedge", named(table(settings("hedge")).boxed())),
        ("review", review.boxed()),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn schema_accepts_what_the_parser_accepts(file in file()) {
        compare(&file)?;
    }

    #[test]
    fn schema_accepts_the_durations_of_the_parser(duration in duration()) {
        compare(&json!({ "retry": { "one": { "max_delay": duration } } }))?;
    }

    #[test]
    fn durations_are_those_of_the_core(text in prop_oneof![".*", "([0-9]{0,3}(\\.[0-9]{0,3})?(h|m|s|ms|us|ns|d)?){1,4}"]) {
        let settings = Settings::from_json(&json!({ "retry": { "one": { "max_delay": text } } }).to_string());
        match (settings, duration::parse(&text)) {
            (Ok(settings), Ok(duration)) => {
                // A cap of 584 years or more is none.
                let cap = (duration < Duration::from_nanos(u64::MAX)).then_some(duration);
                prop_assert_eq!(settings.policy("one").unwrap().limits().max_delay(), cap);
            }
            (Err(mistakes), Err(invalid)) => {
                prop_assert_eq!(mistakes.list()[0].kind(), &MistakeKind::InvalidDuration(invalid));
            }
            (settings, parsed) => prop_assert!(false, "{:?} and {:?}", settings, parsed),
        }
    }

    #[test]
    fn any_bytes_are_read_without_panic(text in ".*") {
        let _ = (Settings::from_json(&text), Settings::from_toml(&text));
    }

    #[test]
    fn any_variables_are_read_without_panic(
        variables in vec(("PERSEVERE_(RETRY|BREAKER|BUDGET|LIMIT|HEDGE|REVIEW)(__[A-Z_]{0,9}){0,4}", ".{0,6}"), 0..4),
    ) {
        let _ = Sources::new().toml("[retry.one]").unwrap().variables(variables).settings();
    }
}

/// The property would also hold for a schema that accepts nothing.
#[test]
fn enough_files_are_accepted() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let accepted = (0..300).filter(|_| {
        let file = proptest::strategy::ValueTree::current(&file().new_tree(&mut runner).unwrap());
        let settings = Settings::from_json(&file.to_string());
        settings.is_ok_and(|settings| settings != Settings::default())
    });
    let accepted = accepted.count();
    assert!(accepted > 20, "{accepted} of 300");
}

#[test]
fn cap_of_centuries_is_none() {
    let of = |text: &str| {
        let settings = Settings::from_json(&json!({ "retry": { "one": { "max_delay": text } } }).to_string()).unwrap();
        settings.policy("one").unwrap().limits().max_delay()
    };
    assert_eq!(of("310000000h"), None);
    assert_eq!(of("584000h"), Some(Duration::from_secs(584_000 * 3600)));
}
