//! The figures of "Metastable failures in distributed systems" (HotOS'21) come out of the simulator.

use persevere::Policy;
use persevere_sim::{Candidate, Phase, Scenario, Service, Trigger};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);

fn scenario(demand: f64) -> Scenario {
    Scenario::new("metastable outage")
        .demand(demand)
        .timeout(SECOND)
        .service(Service::new("database").capacity(300.0).queue(1000))
        .trigger(Trigger::at(10 * SECOND).lasting(10 * SECOND).capacity(0.0))
        .duration(150 * SECOND)
}

fn retries(retries: u32) -> Candidate {
    Candidate::new("naive", Policy::fixed(Duration::ZERO).max_retries(retries))
}

fn recoveries(scenario: &Scenario, candidate: &Candidate) -> usize {
    let outcomes = (0..10).map(|seed| scenario.run(candidate, seed).unwrap());
    outcomes.filter(|outcome| outcome.recovery().is_some()).count()
}

#[test]
fn explore() {
    for (r, demands) in [(1, [145.0, 150.0, 155.0, 280.0]), (2, [95.0, 100.0, 105.0, 280.0]), (0, [280.0; 4])] {
        for demand in demands {
            let start = std::time::Instant::now();
            let s = scenario(demand);
            let o = s.run(&retries(r), 1).unwrap();
            println!("{r} {demand} {}/10 {:?} amp {:?} events {} {:?}", recoveries(&s, &retries(r)), o.recovery(), o.amplification(Phase::After), o.events(), start.elapsed());
        }
    }
}
