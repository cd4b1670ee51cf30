//! W1 to W4: limits that follow a simulated server.

use crate::server::{Load, MS, Simulation};
use persevere::limit::{AdaptiveLimit, Aimd, Gradient2, InvalidLimit, Limit};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// A load with this many times the calls that the server works on at once.
fn load(workers: usize, service_ms: u64, times: usize) -> Load {
    Load {
        workers,
        service: service_ms * MS,
        callers: workers * times,
        patience: u64::MAX,
    }
}

fn is_near(limit: f64, knee: usize) -> bool {
    (limit - knee as f64).abs() <= 0.2 * knee as f64
}

/// W1: from its start of 20 the limit comes to the knee within 20 %, for servers of several sizes and speeds.
#[test]
fn gradient_converges_to_the_knee() {
    for (workers, service) in [(25, 10), (50, 100), (100, 30), (150, 300)] {
        let limit = AdaptiveLimit::new(Gradient2::new().bounds(1, 1_000));
        let mut simulation = Simulation::new(load(workers, service, 4), &limit);
        simulation.run_for(3 * MINUTE);
        let mean = simulation.mean_limit(MINUTE);
        assert!(is_near(mean, workers), "{workers} workers, {service} ms: {mean:.1}");
    }
}

/// W2: it stays there in a long overload, where the average of Netflix's baseline follows the queue.
#[test]
fn gradient_does_not_drift_in_overload() {
    let limit = AdaptiveLimit::new(Gradient2::new().bounds(1, 1_000));
    let mut simulation = Simulation::new(load(50, 100, 6), &limit);
    simulation.run_for(3 * MINUTE);
    let means: Vec<f64> = (0..4).map(|_| simulation.mean_limit(5 * MINUTE)).collect();
    assert!(means.iter().all(|mean| is_near(*mean, 50)), "{means:?}");
}

/// W3: it follows a server that becomes slower or loses half of its workers, and back.
#[test]
fn gradient_follows_a_server_that_changes() {
    let limit = AdaptiveLimit::new(Gradient2::new().bounds(1, 1_000));
    let mut simulation = Simulation::new(load(100, 50, 4), &limit);
    simulation.run_for(3 * MINUTE);
    for (workers, service) in [(100, 150), (50, 50), (100, 50)] {
        simulation.load.workers = workers;
        simulation.load.service = service * MS;
        simulation.run_for(4 * MINUTE);
        let mean = simulation.mean_limit(MINUTE);
        assert!(is_near(mean, workers), "{workers} workers, {service} ms: {mean:.1}");
    }
}

/// W1: the server's throughput is not lost to the limit.
#[test]
fn limit_keeps_the_server_busy() {
    let limit = AdaptiveLimit::new(Gradient2::new().bounds(1, 1_000));
    let mut simulation = Simulation::new(load(50, 100, 4), &limit);
    simulation.run_for(3 * MINUTE);
    let before = simulation.finished;
    simulation.run_for(2 * MINUTE);
    let possible = 50.0 / 0.1 * 120.0;
    let share = (simulation.finished - before) as f64 / possible;
    assert!(share > 0.9, "{share}");
}

/// W4: AIMD keeps response times near its bound, whatever the load.
#[test]
fn aimd_keeps_response_times_near_its_bound() {
    let algorithm = Aimd::new().bounds(1, 1_000).slowest(Duration::from_millis(150));
    let limit = AdaptiveLimit::new(algorithm);
    let mut simulation = Simulation::new(load(50, 100, 6), &limit);
    simulation.run_for(2 * MINUTE);
    let mean = simulation.mean_limit(MINUTE);
    // 75 calls at once take 150 ms each.
    assert!((60.0..80.0).contains(&mean), "{mean}");
}

/// A limit that is not in use does not grow.
#[test]
fn limit_without_load_does_not_grow() {
    let mut limit = Gradient2::new();
    for _ in 0..1_000 {
        limit.update(Duration::from_millis(10), 3, false);
    }
    assert_eq!(limit.limit(), 20);
}

/// An algorithm with a limit set by the test.
struct Fixed(u32);

impl Limit for Fixed {
    fn update(&mut self, _: Duration, _: u32, _: bool) -> u32 {
        self.0
    }

    fn limit(&self) -> u32 {
        self.0
    }
}

/// A limit of 0 would admit nothing, and so never sample and never grow.
#[test]
fn limit_of_zero_admits_one_call() {
    let limit = AdaptiveLimit::new(Fixed(0));
    for second in 0..20 {
        let now = Duration::from_secs(second);
        let place = limit.try_acquire(now).expect("one call is admitted");
        assert!(limit.try_acquire(now).is_none());
        place.responded(now);
        assert_eq!((limit.limit(), limit.in_flight()), (1, 0));
    }
}

#[test]
fn useless_settings_are_rejected() {
    assert_eq!(Gradient2::new().try_bounds(0, 5), Err(InvalidLimit::Bounds(0, 5)));
    assert_eq!(Aimd::new().try_bounds(6, 5), Err(InvalidLimit::Bounds(6, 5)));
    assert_eq!(Gradient2::new().try_tolerance(0.5), Err(InvalidLimit::Tolerance(0.5)));
    assert!(matches!(
        Gradient2::new().try_tolerance(f64::NAN),
        Err(InvalidLimit::Tolerance(_))
    ));
    assert_eq!(Aimd::new().try_slowest(Duration::ZERO), Err(InvalidLimit::Slowest));
    assert_eq!(
        AdaptiveLimit::new(Gradient2::new())
            .try_window(Duration::ZERO)
            .unwrap_err(),
        InvalidLimit::Window
    );
}
