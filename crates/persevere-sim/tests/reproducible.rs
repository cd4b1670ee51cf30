//! D2: The same seed gives the same outcome, on every machine and however many threads there are.

use persevere_sim::{Phase, SHIPPED, Study, Watch, compare};

/// The results of a seed, as text.
fn digest(study: &Study, candidate: usize, seed: u64) -> String {
    let outcome = study.scenario.run(&study.candidates[candidate], seed).unwrap();
    let attempts: u64 = outcome.seconds().iter().map(|second| u64::from(second.attempts)).sum();
    format!(
        "{} {} {} {attempts}",
        outcome.events(),
        outcome.requests(),
        outcome.failed()
    )
}

#[test]
fn outcome_of_a_seed_is_the_same_on_every_machine() {
    let lines = SHIPPED.iter().map(|(name, _)| {
        let study = Study::shipped(name).unwrap();
        let last = study.candidates.len() - 1;
        format!("{name}: {}; {}\n", digest(&study, 2, 0), digest(&study, last, 1))
    });
    let text: String = lines.collect();
    assert_eq!(text, include_str!("data/outcomes.txt"));
}

#[test]
fn outcomes_do_not_depend_on_threads() {
    let study = Study::shipped("slow-dependency").unwrap();
    let summaries = compare(&study.scenario, &study.candidates[..3], 0..3, Watch::none()).unwrap();
    for (candidate, summary) in study.candidates.iter().zip(&summaries) {
        for (seed, outcome) in summary.outcomes().iter().enumerate() {
            assert_eq!(*outcome, study.scenario.run(candidate, seed as u64).unwrap());
        }
    }
}

#[test]
fn scenarios_that_ship_have_a_policy_that_recovers_with_every_seed() {
    for (name, _) in SHIPPED {
        let study = Study::shipped(name).unwrap();
        let last = study.candidates.last().cloned();
        let summaries = compare(&study.scenario, last.as_slice(), 0..3, Watch::none()).unwrap();
        assert_eq!(summaries[0].recovered(), 3, "{name}");
        let before = summaries[0].success(Phase::Before).unwrap();
        assert!(before > 0.995, "{name} is well before: {before}");
    }
}

/// D3.
#[test]
fn candidates_meet_the_same_arrivals() {
    let study = Study::shipped("demand-spike").unwrap();
    let summaries = compare(&study.scenario, &study.candidates, 0..2, Watch::none()).unwrap();
    let arrivals = |candidate: usize, seed: usize| -> Vec<u32> {
        let seconds = summaries[candidate].outcomes()[seed].seconds();
        seconds.iter().map(|second| second.requests).collect()
    };
    for candidate in 1..summaries.len() {
        assert_eq!(arrivals(candidate, 0), arrivals(0, 0));
        assert_eq!(arrivals(candidate, 1), arrivals(0, 1));
    }
    assert_ne!(arrivals(0, 0), arrivals(0, 1));
}
