//! On a thread: reads a file that another program has not written yet.

use persevere::{Policy, StopReason, ThreadSleeper};
use std::error::Error;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, fs, io, process, thread};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("persevere-{}", process::id()));
    fs::create_dir(&folder)?;
    let file = folder.join("report.txt");

    // The other program is a thread here. It writes after the reader has missed the file three times.
    let (missed, misses) = mpsc::channel();
    let writer = thread::spawn({
        let (draft, file) = (folder.join("draft"), file.clone());
        move || {
            misses
                .iter()
                .take(3)
                .for_each(|attempt| println!("attempt {attempt}: no such file yet"));
            fs::write(&draft, "42 widgets")?;
            // Renaming is atomic: no reader sees half of the file.
            fs::rename(draft, file)
        }
    });

    let policy = Policy::fixed(Duration::from_millis(10))
        .max_attempts(u32::MAX)
        .max_elapsed(Duration::from_secs(10))
        .retry_if(|error: &io::Error| error.kind() == io::ErrorKind::NotFound);

    let report = policy
        .on(ThreadSleeper)
        // The writer stops receiving once it has written.
        .on_retry(|attempt, _, _| missed.send(attempt).unwrap_or(()))
        .run_blocking(|| fs::read_to_string(&file))?;
    println!("read: {report}");
    writer.join().expect("the writer does not panic")?;

    // The path is a folder and never becomes a file, so retrying is useless.
    let error = policy
        .on(ThreadSleeper)
        .run_blocking(|| fs::read_to_string(&folder))
        .unwrap_err();
    println!("{error:#}");

    fs::remove_dir_all(&folder)?;
    assert_eq!(report, "42 widgets");
    assert_eq!((error.reason(), error.attempts()), (StopReason::Permanent, 1));
    Ok(())
}
