//! V5 and V7: a quota of one process, on a real server that fails in every way.

use persevere::{Policy, Sleeper, ThreadSleeper};
use persevere_fleet::{Keeper, Server};
use persevere_redis::{Cause, Fleet, Quota, Status};
use persevere_testkit::{Fault, FaultProxy};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const SECOND: Duration = Duration::from_secs(1);

/// A quota of 1000 per second for two processes, whose keys settle within 1.1 s.
struct Site {
    quota: Quota,
    changes: Arc<Mutex<Vec<Status>>>,
    _keeper: Keeper,
}

impl Site {
    /// A machine that is busy with tests is no fault of the server.
    fn new(url: &str) -> Site {
        Site::with(url, Duration::from_millis(200))
    }

    fn with(url: &str, slow_after: Duration) -> Site {
        let changes = Arc::new(Mutex::new(Vec::new()));
        let of_hook = Arc::clone(&changes);
        let fleet = Fleet::open(url, "test").unwrap().slow_after(slow_after).unwrap();
        let fleet = fleet.on_change(move |change| {
            assert_eq!(change.key, "test:1:quota:calls:1000");
            of_hook.lock().unwrap().push(change.to);
        });
        let quota = fleet
            .quota("calls", 1_000, SECOND)
            .batch(50)
            .processes(2)
            .build()
            .unwrap();
        let kept = quota.clone();
        let keeper = Keeper::start(move |sleeper| kept.keep_filled_blocking(sleeper));
        Site {
            quota,
            changes,
            _keeper: keeper,
        }
    }

    /// Waits for a status after the statuses of earlier waits. Meanwhile it makes calls, which may not wait long.
    fn reaches(&self, status: Status) {
        let start = Instant::now();
        loop {
            let mut changes = self.changes.lock().unwrap();
            if let Some(at) = changes.iter().position(|change| *change == status) {
                changes.drain(..at);
                return;
            }
            drop(changes);
            let elapsed = start.elapsed();
            assert!(
                elapsed < 10 * SECOND,
                "still {} after 10 s, not {status}",
                self.quota.status()
            );
            self.call();
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// A call, which never waits long.
    fn call(&self) {
        let start = Instant::now();
        let run = Policy::default().into_run(ThreadSleeper).pace(&self.quota);
        assert_eq!(run.run_blocking(|| Ok::<_, ()>(())), Ok(()));
        assert!(
            start.elapsed() < Duration::from_millis(900),
            "a call waited for {:?}",
            start.elapsed()
        );
    }

    /// Checks that permits come from the server, or do so again.
    fn leases(&self) {
        self.reaches(Status::Shared);
        let before = self.quota.stats();
        for _ in 0..200 {
            self.call();
        }
        assert!(self.quota.stats().leased > before.leased);
    }
}

/// V6: a key without a past grants the share.
#[test]
fn first_period_is_on_the_share_and_the_next_on_leases() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.call();
    site.reaches(Status::Local(Cause::Settling));
    let (start, mut calls) = (Instant::now(), 0);
    while site.quota.status() == Status::Local(Cause::Settling) {
        calls += u32::from(
            site.quota
                .try_acquire(1, ThreadSleeper.now())
                .map(|permit| permit.spend())
                .is_ok(),
        );
        assert!(start.elapsed() < 5 * SECOND);
    }
    assert!(calls > 300 && calls <= 500, "{calls} of a share of 500");
    site.leases();
}

#[test]
fn share_bounds_what_is_taken_without_a_server() {
    let fleet = Fleet::open("redis://127.0.0.1:1", "test").unwrap();
    let quota = fleet
        .quota("calls", 1_000, SECOND)
        .batch(50)
        .processes(4)
        .build()
        .unwrap();
    let start = Instant::now();
    let (mut taken, mut rejected) = (0, None);
    while start.elapsed() < SECOND / 2 {
        match quota.try_acquire(1, ThreadSleeper.now()) {
            Ok(permit) => {
                permit.spend();
                taken += 1;
            }
            Err(error) => rejected = error.retry_after(),
        }
    }
    assert_eq!(taken, 250);
    assert!(
        rejected.is_some_and(|wait| wait <= Duration::from_millis(50)),
        "{rejected:?}: until the next slice"
    );
    assert!(
        quota
            .try_acquire(1_001, ThreadSleeper.now())
            .unwrap_err()
            .retry_after()
            .is_none()
    );
    assert!(quota.try_acquire(0, ThreadSleeper.now()).is_ok());
}

/// V6: the key is new again.
#[test]
fn server_that_is_killed_and_comes_back_empty_heals() {
    let Some(mut server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    server.kill();
    site.reaches(Status::Local(Cause::Down));
    server.restart();
    site.reaches(Status::Local(Cause::Settling));
    site.leases();
}

#[test]
fn server_that_is_stopped_and_continued_heals() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    server.signal("STOP");
    site.reaches(Status::Local(Cause::Slow));
    server.signal("CONT");
    site.leases();
}

#[test]
fn server_that_is_read_only_for_a_while_heals() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    server.run::<()>("REPLICAOF 127.0.0.1 1");
    site.reaches(Status::Local(Cause::ReadOnly));
    server.run::<()>("REPLICAOF NO ONE");
    site.leases();
}

#[test]
fn key_of_another_type_heals() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    server.run::<()>(&format!("SET {} text", site.quota.key()));
    site.reaches(Status::Local(Cause::WrongType));
    server.run::<()>(&format!("DEL {}", site.quota.key()));
    site.leases();
}

#[test]
fn user_without_permission_heals() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    server.run::<()>("ACL SETUSER default -evalsha");
    site.reaches(Status::Local(Cause::Failed));
    server.run::<()>("ACL SETUSER default +evalsha");
    site.leases();
}

#[test]
fn lost_scripts_are_sent_again_without_a_fault() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    server.run::<()>("SCRIPT FLUSH");
    let faults = site.quota.stats().faults;
    site.leases();
    assert_eq!(site.quota.stats().faults, faults);
}

#[test]
fn network_that_is_cut_heals() {
    let Some(server) = Server::start() else { return };
    // The first connection ends after a while, the second is a black hole, others are refused.
    let faults = [Fault::Truncate(1_200), Fault::Stall, Fault::Refuse];
    let proxy = FaultProxy::start(server.address(), faults).unwrap();
    let site = Site::new(&format!("redis://{}", proxy.address()));
    site.reaches(Status::Local(Cause::Settling));
    site.reaches(Status::Local(Cause::Slow));
    site.reaches(Status::Local(Cause::Down));
    proxy.open().unwrap();
    site.leases();
}

#[test]
fn server_that_is_too_far_away_is_used_if_it_counts_as_quick() {
    let Some(server) = Server::start() else { return };
    let latency = Fault::Latency(Duration::from_millis(50));
    let proxy = FaultProxy::always(server.address(), latency).unwrap();
    let url = format!("redis://{}", proxy.address());
    let site = Site::with(&url, Duration::from_millis(20));
    site.reaches(Status::Local(Cause::Slow));
    thread::sleep(SECOND);
    site.call();
    assert_eq!(site.quota.stats().leased, 0);

    let patient = Fleet::open(&url, "test").unwrap().slow_after(SECOND).unwrap();
    let quota = patient.quota("patient", 1_000, 10 * SECOND).build().unwrap();
    let kept = quota.clone();
    let _keeper = Keeper::start(move |sleeper| kept.keep_filled_blocking(sleeper));
    let start = Instant::now();
    while quota.status() != Status::Local(Cause::Settling) {
        assert!(start.elapsed() < 5 * SECOND, "{}", quota.status());
        thread::sleep(Duration::from_millis(10));
    }
}

/// V4: unused permits go back.
#[test]
fn keeper_that_ends_returns_what_is_left() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    let key = site.quota.key().to_owned();
    let quota = site.quota.clone();
    let permit = quota.try_acquire(1, ThreadSleeper.now()).unwrap();
    drop(permit);
    drop(site);
    assert_eq!(quota.status(), Status::Local(Cause::NotKept));
    // The last request is counted when it is sent, and may arrive later.
    let start = Instant::now();
    loop {
        let stats = quota.stats();
        let sum: u64 = server.run(&format!("HGET {key} s"));
        if stats.returned > 0 && sum <= stats.leased - stats.returned + stats.taken_locally {
            break;
        }
        assert!(start.elapsed() < 5 * SECOND, "{sum} count, {stats:?}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn tokens_are_taken_by_weight() {
    let Some(server) = Server::start() else { return };
    let site = Site::new(&server.url());
    site.leases();
    thread::sleep(SECOND);
    let start = Instant::now();
    let policy = Policy::default();
    for _ in 0..3 {
        // More than a batch.
        let run = policy.on(ThreadSleeper).pace(site.quota.weigh(300));
        assert_eq!(run.run_blocking(|| Ok::<_, ()>(())), Ok(()));
    }
    let (third, run) = (start.elapsed(), policy.on(ThreadSleeper).pace(site.quota.weigh(300)));
    assert_eq!(run.run_blocking(|| Ok::<_, ()>(())), Ok(()));
    assert!(
        third < start.elapsed() && start.elapsed() > SECOND * 9 / 10,
        "{third:?}, {:?}",
        start.elapsed()
    );
}

#[tokio::test(flavor = "current_thread")]
async fn keeper_runs_on_an_executor() {
    let Some(server) = Server::start() else { return };
    let fleet = Fleet::open(&server.url(), "test").unwrap();
    let quota = fleet.quota("async", 1_000, SECOND).build().unwrap();
    let keeper = tokio::spawn(quota.keep_filled(persevere::TokioSleeper));
    let start = Instant::now();
    while quota.stats().leased < 100 {
        assert!(start.elapsed() < 5 * SECOND, "{:?}", quota.stats());
        let run = Policy::default().into_run(persevere::TokioSleeper).pace(&quota);
        assert_eq!(run.run(|| async { Ok::<_, ()>(()) }).await, Ok(()));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    keeper.abort();
    assert!(keeper.await.unwrap_err().is_cancelled());
    assert_eq!(quota.status(), Status::Local(Cause::NotKept));
}
