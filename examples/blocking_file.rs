//! On a thread: reads a file that another program has yet to write.

use persevere::{Policy, StopReason, ThreadSleeper};
use std::error::Error;
use std::sync::mpsc;
use std::time::Duration;
use std::{env, fs, io, process, thread};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::temp_dir().join(format!("persevere-{}", process::id()));
    fs::create_dir(&folder)?;
    let file = folder.join("report.txt");

    // The other program is a thread here. It writes when it has seen the reader miss the file three times.
    let (missed, misses) = mpsc::channel();
    let writer = thread::spawn({
        let (draft, file) = (folder.join("draft"), file.clone());
        move || {
            misses
                .iter()
                .take(3)
                .for_each(|attempt| println!("attempt {attempt}: no such file yet"));
            fs::write(&draft, "42 widgets")?;
            // Renaming puts the whole file in its place at once: nobody reads half of it.
            fs::rename(draft, file)
        }
    });

    let policy = Policy::fixed(Duration::from_millis(10))
        .max_attempts(u32::MAX)
        .max_elapsed(Duration::from_secs(10))
        .retry_if(|error: &io::Error| error.kind() == io::ErrorKind::NotFound);

    let report = policy
        .on(ThreadSleeper)
        // Once it has written, the writer does not listen any more.
        .on_retry(|attempt, _, _| missed.send(attempt).unwrap_or(()))
        .run_blocking(|| fs::read_to_string(&file))?;
    println!("read: {report}");
    writer.join().expect("the writer does not panic")?;

    // A folder is there, but will never be a file: no use in waiting.
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
