//! The content of the page, beside policies that are written out.

#![allow(missing_docs)]

use persevere::config::Settings;
use persevere_playground::{Choices, Playground};
use std::time::Duration;

/// Text without white space, and without the commas that only a formatter adds.
fn dense(text: &str) -> String {
    text.split_whitespace().collect::<String>().replace(",}", "}")
}

/// The clients that fail together, and the bars that show their retries.
const CLIENTS: u64 = 1000;
const BARS: usize = 60;

/// A line with the choices of a case, the delays without jitter, the delays of the client with the seed 1, and the
/// retries of all clients by bar. `cargo xtask web` compares them with the page.
fn line(choices: &str, plain: Option<Vec<Duration>>, drawn: &[Duration], counts: &[u32]) -> String {
    let joined = |numbers: Vec<String>| numbers.join(",");
    let nanos = |delays: &[Duration]| joined(delays.iter().map(|delay| delay.as_nanos().to_string()).collect());
    let plain = plain.map_or("drawn".to_owned(), |delays| nanos(&delays));
    let counts = joined(counts.iter().map(u32::to_string).collect());
    format!("{choices} {plain} {} {counts}\n", nanos(drawn))
}

/// The retries by bar, from the delays of each client. No budget rejects a retry.
fn counts(clients: impl Iterator<Item = Vec<Duration>>) -> Vec<u32> {
    let mut retries = Vec::new();
    for delays in clients {
        let mut time = Duration::ZERO;
        for delay in delays {
            time += delay;
            retries.push(time);
        }
    }
    let end = retries.iter().copied().max().unwrap_or_default();
    let mut counts = vec![0; BARS];
    for time in retries {
        let bar = (0..BARS)
            .rev()
            .find(|bar| time.as_nanos() >= *bar as u128 * (end.as_nanos() / BARS as u128 + 1));
        counts[bar.unwrap_or(0)] += 1;
    }
    counts
}

/// Compiles a program, which must be the program of the page for these choices, and compares its policy with the page.
macro_rules! cases {
    ($($name:ident: $choices:literal, $is_random:literal $(with $budget:ident)? => { $($program:tt)* })*) => {
        $(mod $name {
            $($program)*

            $(pub(super) fn budget() -> &'static WindowedRatio {
                &$budget
            })?

            pub(super) fn check() -> String {
                let choices = super::Choices::new($choices);
                assert_eq!(super::dense(&choices.rust()), super::dense(stringify!($($program)*)), "{}", choices.rust());

                let page = super::Playground::read($choices).unwrap();
                let plain = API.jitter(persevere::Jitter::None);
                let plain = (!$is_random).then(|| plain.delays().collect::<Vec<_>>());
                let client = API.seed(1);
                let drawn: Vec<_> = client.delays().collect();
                let shown: Option<Vec<_>> = page.rows.iter().map(|row| row.plain).collect();
                assert_eq!(shown, plain);
                assert_eq!(page.rows.iter().map(|row| row.drawn).collect::<Vec<_>>(), drawn);
                assert!(page.rows.iter().all(|row| row.shortest <= row.drawn && row.drawn <= row.longest));

                let settings = super::Settings::from_toml(&page.toml).unwrap();
                if settings.build_budget("api", 0).is_none() {
                    let clients = (0..super::CLIENTS).map(|seed| API.seed(seed).delays().collect());
                    assert_eq!(page.counts, super::counts(clients), "{}", $choices);
                }
                let read = settings.policy("api").unwrap();
                assert_eq!(read.limits(), API.limits());
                assert_eq!(read.seed(9).delays().collect::<Vec<_>>(), API.seed(9).delays().collect::<Vec<_>>());
                assert_eq!(read.worst_case(), API.worst_case());
                let worst = API.worst_case();
                assert_eq!(page.rows.len() + 1, worst.attempts as usize);
                assert!(page.summary.starts_with(&format!("At worst {} attempts and ", worst.attempts)));
                super::line($choices, plain, &drawn, &page.counts)
            }
        })*

        #[test]
        fn page_shows_what_its_program_and_its_file_do() {
            let cases: String = [$($name::check()),*].concat();
            assert_eq!(cases, include_str!("cases.txt"), "tests/cases.txt must be:\n{cases}");
        }
    };
}

cases! {
    exponential: "curve=exponential&base=100ms&factor=1.5&cap=5s&attempts=8&jitter=equal&budget=0.1", false with BUDGET => {
        use persevere::budget::WindowedRatio;
        use persevere::{Jitter, Policy};
        use std::time::Duration;

        static API: Policy = Policy::exponential(Duration::from_millis(100))
            .factor(1.5)
            .max_delay(Duration::from_secs(5))
            .max_attempts(8)
            .jitter(Jitter::Equal);

        static BUDGET: WindowedRatio = WindowedRatio::new().ratio(0.1);
    }
    linear: "curve=linear&base=2s&factor=3&cap=2m&attempts=12&jitter=full&budget=none", false => {
        use persevere::backoff::Linear;
        use persevere::{Jitter, Policy};
        use std::time::Duration;

        static API: Policy<Linear> = Policy::linear(Duration::from_secs(2))
            .max_delay(Duration::from_secs(2 * 60))
            .max_attempts(12)
            .jitter(Jitter::Full);
    }
    fibonacci: "curve=fibonacci&base=20ms&cap=none&attempts=5&jitter=none&budget=1", false with BUDGET => {
        use persevere::backoff::Fibonacci;
        use persevere::budget::WindowedRatio;
        use persevere::{Jitter, Policy};
        use std::time::Duration;

        static API: Policy<Fibonacci> = Policy::fibonacci(Duration::from_millis(20)).max_attempts(5).jitter(Jitter::None);

        static BUDGET: WindowedRatio = WindowedRatio::new().ratio(1.0);
    }
    fixed: "curve=fixed&base=500us&attempts=3&jitter=0.2", false => {
        use persevere::backoff::Fixed;
        use persevere::{Jitter, Policy};
        use std::time::Duration;

        static API: Policy<Fixed> =
            Policy::fixed(Duration::from_micros(500)).max_attempts(3).jitter(Jitter::proportional(0.2));
    }
    decorrelated: "curve=decorrelated&base=200ms&cap=10s&attempts=6&jitter=full", true => {
        use persevere::backoff::Decorrelated;
        use persevere::Policy;
        use std::time::Duration;

        static API: Policy<Decorrelated> = Policy::decorrelated(Duration::from_millis(200))
            .max_delay(Duration::from_secs(10))
            .max_attempts(6);
    }
}

#[test]
fn budget_of_the_program_is_that_of_the_file() {
    for (budget, choices) in [(exponential::budget(), "budget=0.1"), (fibonacci::budget(), "budget=1")] {
        let settings = Settings::from_toml(&Choices::new(choices).toml()).unwrap();
        let read = settings.build_budget("api", 0).unwrap();
        let available = || budget.available(Duration::ZERO) as f64;
        assert_eq!(read.level(Duration::ZERO), available());
        for _ in 0..50 {
            persevere::budget::Budget::succeeded(&read, None, Duration::ZERO);
            budget.deposit(Duration::ZERO);
        }
        assert_eq!(read.level(Duration::ZERO), available());
    }
}

#[test]
fn budget_limits_the_load_of_the_fleet() {
    let load = |budget: &str| {
        let choices = format!("curve=exponential&base=100ms&cap=5s&attempts=6&jitter=full&budget={budget}");
        Playground::read(&choices).unwrap().amplification
    };
    assert_eq!(load("none"), 6.0);
    // The reserve of 100 retries, and the credit of 1,000 successes.
    assert_eq!((load("0.1"), load("0.5")), (1.2, 1.6));
}

#[test]
fn pictures_have_a_bar_for_each_retry_and_a_description() {
    let page = Playground::read("curve=exponential&base=100ms&attempts=6&jitter=full").unwrap();
    assert_eq!(page.schedule.matches("class=\"bar\"").count(), 5);
    assert_eq!(page.schedule.matches("class=\"dot\"").count(), 5);
    assert!(page.spread.contains("5000 retries of 1000 clients"), "{}", page.spread);
    assert_eq!((page.counts.len(), page.counts.iter().sum()), (BARS, 5000_u32));
    for (bar, count) in page.spread.split("class=\"bar\"").skip(1).zip(&page.counts) {
        assert!(bar.contains(&format!("<title>{count} retries from ")), "{bar}");
    }
    let none = Playground::read("curve=exponential&base=100ms&attempts=1&jitter=full").unwrap();
    assert!(none.rows.is_empty() && none.schedule.contains("There is no retry."));
    assert_eq!((none.amplification, none.counts), (1.0, vec![0; BARS]));
}

#[test]
fn mistakes_are_text() {
    let problem = Playground::read("curve=exponential&base=100ms&factor=0.5").unwrap_err();
    assert!(problem.contains("factor"), "{problem}");
}
