//! Works on the queue in a file until it is empty: `worker QUEUE LEDGER`. Without arguments, it makes a queue for
//! itself.

use persevere_examples_queue::{JOBS, Ledger, Queue, Worker, now};
use std::env;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    match arguments.as_slice() {
        [queue, ledger] => work(queue, ledger),
        _ => demonstrate(),
    }
}

fn work(queue: &Path, ledger: &Path) -> Result<(), Box<dyn Error>> {
    let ledger = Ledger::open(ledger)?;
    let worker = Worker {
        queue: Queue::open(queue)?,
        policy: JOBS,
        lease: Duration::from_millis(100),
    };
    worker.run(|job| ledger.charge(job, now()))?;
    Ok(())
}

fn demonstrate() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("persevere-queue-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let (queue, ledger) = (folder.join("queue.sqlite"), folder.join("ledger.sqlite"));
    let jobs = Queue::open(&queue)?;
    for job in 1..=20 {
        jobs.push("alice", job * 100, now())?;
    }
    work(&queue, &ledger)?;
    println!(
        "{} jobs are done, {} were given up",
        jobs.count("done")?,
        jobs.count("dead")?
    );
    std::fs::remove_dir_all(folder)?;
    Ok(())
}
