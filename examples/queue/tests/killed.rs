//! A worker that is killed again and again.

#![allow(missing_docs)]

use persevere::{Jitter, Policy, Step};
use persevere_examples_queue::{JOBS, Ledger, Queue, Unavailable, Worker, now};
use std::collections::HashMap;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

const KILLS: u32 = 50;

/// The jobs that come before each kill, so that there is always work.
const JOBS_PER_KILL: u32 = 2;

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Folder(folder)
    }

    fn worker(&self) -> Child {
        let worker = Command::new(env!("CARGO_BIN_EXE_worker"))
            .args([self.0.join("queue"), self.0.join("ledger")])
            .spawn();
        worker.unwrap()
    }

    fn queue(&self) -> Queue {
        Queue::open(self.0.join("queue")).unwrap()
    }

    fn ledger(&self) -> Ledger {
        Ledger::open(self.0.join("ledger")).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Fifty times `kill -9`: each job is charged exactly once, no wait is shorter for it, and no failure is forgotten.
#[test]
fn killed_worker_loses_and_doubles_nothing() {
    let folder = Folder::new("killed");
    let (queue, ledger) = (folder.queue(), folder.ledger());
    let mut random = fastrand::Rng::with_seed(7);
    let mut ids: Vec<i64> = Vec::new();
    let mut in_a_wait = 0;
    // The waits that a kill has interrupted: when each of them ends, by job and failures so far.
    let mut interrupted: HashMap<(i64, u32), Duration> = HashMap::new();
    let mut kills = 0;
    while kills < KILLS {
        for _ in 0..JOBS_PER_KILL {
            let cents = ids.len() as u32 + 1;
            ids.push(queue.push("alice", cents, now()).unwrap());
        }
        let mut worker = folder.worker();
        thread::sleep(Duration::from_millis(random.u64(15..60)));
        let is_running = worker.try_wait().unwrap().is_none();
        worker.kill().unwrap();
        worker.wait().unwrap();
        // A machine under load may let it end by itself.
        kills += u32::from(is_running);
        let waiting = queue.waiting().unwrap();
        in_a_wait += u32::from(!waiting.is_empty());
        interrupted.extend(waiting.into_iter().map(|(job, failures, due)| ((job, failures), due)));
    }
    let jobs = ids.len() as u32;
    assert!(
        in_a_wait > KILLS / 2,
        "{in_a_wait} of {KILLS} kills found a job that waited"
    );
    assert!(folder.worker().wait().unwrap().success());

    assert_eq!(
        (
            queue.count("done").unwrap(),
            queue.count("open").unwrap(),
            queue.count("dead").unwrap()
        ),
        (jobs, 0, 0)
    );
    let charges = ledger.charges().unwrap();
    assert_eq!(
        charges,
        ids.iter().zip(1..).map(|(id, cents)| (*id, cents)).collect::<Vec<_>>()
    );
    let mut calls_in_all = 0;
    let shortest: Vec<Duration> = JOBS.jitter(Jitter::None).delays().map(|delay| delay / 2).collect();
    for id in ids {
        let calls = ledger.calls(id).unwrap();
        calls_in_all += calls.len() as u32;
        // An attempt that a kill interrupted may be made again; nothing else is.
        assert!(calls.len() as u32 > Ledger::failures_of(id), "job {id}: {calls:?}");
        for (wait, least) in calls.windows(2).zip(&shortest) {
            assert!(
                wait[1] - wait[0] >= *least,
                "job {id} waited less than {least:?}: {calls:?}"
            );
        }
        for ((_, failures), due) in interrupted.iter().filter(|((job, _), _)| *job == id) {
            // The call after this wait. Attempts that were killed before their call count as failures without one.
            let after = calls.iter().filter(|call| **call >= *due).count();
            let before = calls.len() - after;
            assert!(
                before <= *failures as usize,
                "job {id} was called within its wait after failure {failures}"
            );
        }
    }
    let needed: u32 = (1..=i64::from(jobs)).map(|id| Ledger::failures_of(id) + 1).sum();
    assert!(
        (needed..=needed + KILLS).contains(&calls_in_all),
        "{calls_in_all} calls, where {needed} were needed"
    );
}

/// A worker that ends between the charge and its report: the job is done again, under the same key.
#[test]
fn charge_without_report_is_charged_once() {
    let folder = Folder::new("unreported");
    let (queue, ledger) = (folder.queue(), folder.ledger());
    queue.push("alice", 100, now()).unwrap();
    let claimed = queue.claim(now(), Duration::ZERO).unwrap().unwrap();
    while ledger.charge(&claimed.job, now()).is_err() {}
    let calls = ledger.calls(claimed.job.id).unwrap().len();
    assert!(folder.worker().wait().unwrap().success());
    assert!(
        ledger.calls(claimed.job.id).unwrap().len() > calls,
        "the worker called again"
    );
    assert_eq!(ledger.charges().unwrap(), [(claimed.job.id, 100)]);
    assert_eq!(queue.count("done").unwrap(), 1);
}

/// A job is claimed by one worker at a time, and a worker whose lease has ended settles nothing, whatever it reports.
#[test]
fn stale_worker_settles_nothing() {
    let folder = Folder::new("stale");
    let queue = folder.queue();
    let start = now();
    queue.push("alice", 100, start).unwrap();
    let lease = Duration::from_secs(10);
    let first = queue.claim(start, lease).unwrap().unwrap();
    assert!(!first.is_abandoned && queue.claim(start + lease / 2, lease).unwrap().is_none());
    let second = queue.claim(start + lease * 2, lease).unwrap().unwrap();
    assert!(second.is_abandoned);
    let stale = [
        queue.finish(&first),
        queue.retry(&first, first.progress, start),
        queue.give_up(&first, "down"),
    ];
    assert_eq!(stale.map(Result::unwrap), [false; 3]);
    assert!(queue.finish(&second).unwrap());
    assert!(!queue.finish(&second).unwrap());
    assert_eq!(queue.count("done").unwrap(), 1);
}

/// The table counts microseconds. A wait that ends between two of them ends at the second.
#[test]
fn wait_in_nanoseconds_does_not_end_early() {
    let folder = Folder::new("nanoseconds");
    let queue = folder.queue();
    let (start, lease) = (Duration::new(1_000_000, 100), Duration::from_secs(10));
    queue.push("alice", 100, start).unwrap();
    let claimed = queue.claim(start, lease).unwrap().expect("a new job is due at once");
    let end = start + Duration::from_nanos(20_400);
    assert!(queue.retry(&claimed, claimed.progress, end).unwrap());
    for early in [1, 400] {
        assert!(queue.claim(end - Duration::from_nanos(early), lease).unwrap().is_none());
    }
    assert!(queue.claim(end + Duration::from_nanos(500), lease).unwrap().is_some());
}

/// A job whose every attempt ends its worker: each counts as a failure, so the job is given up in the end.
#[test]
fn job_that_ends_its_workers_is_given_up() {
    let folder = Folder::new("deadly");
    let worker = Worker {
        queue: folder.queue(),
        policy: Policy::exponential(Duration::ZERO).max_attempts(3),
        lease: Duration::ZERO,
    };
    worker.queue.push("alice", 100, now()).unwrap();
    let work = || worker.run(|_| -> Result<(), Unavailable> { panic!("the worker ends") });
    let mut ended = 0;
    while catch_unwind(AssertUnwindSafe(work)).is_err() {
        ended += 1;
        assert!(ended < 10, "the job is tried for ever");
    }
    assert_eq!((ended, worker.queue.count("dead").unwrap()), (3, 1));
}

/// A run whose progress is stored has the delays and the error of a run in one process.
#[test]
fn stored_progress_makes_the_delays_of_one_run() {
    let policy = Policy::exponential(Duration::from_secs(1))
        .jitter(Jitter::None)
        .max_attempts(5)
        .max_elapsed(Duration::from_secs(60));
    let folder = Folder::new("progress");
    let queue = folder.queue();
    let mut time = Duration::from_secs(1_000_000);
    queue.push("alice", 100, time).unwrap();
    let mut delays = Vec::new();
    let error = loop {
        let claimed = queue.claim(time, Duration::from_secs(1)).unwrap().unwrap();
        let mut retry = policy.resume(claimed.progress, time);
        match retry.failed("down", time) {
            Step::Wait(delay) => {
                let mut progress = retry.machine().progress(time);
                progress.waited += delay;
                time += delay;
                assert!(queue.retry(&claimed, progress, time).unwrap());
                delays.push(delay);
            }
            Step::Stop(_) => break retry.into_error(Some("down"), time),
        }
    };
    assert_eq!(delays, policy.delays().collect::<Vec<_>>());
    let waited = delays.iter().sum();
    assert_eq!(
        (error.attempts(), error.waited(), error.elapsed()),
        (5, waited, Some(waited))
    );
}
