//! Policies from a file, reloaded when the file changes. A run keeps the policy that it began with, and a file with a
//! mistake changes nothing.

use persevere::ThreadSleeper;
use persevere::config::{Policies, PolicyHandle, Settings};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use std::{fs, thread};

const BEGIN: &str = r#"
[retry.billing]
max_attempts = 3
backoff = { exponential = "5ms" }
attempt_timeout = "1s"
max_worst_case = "10s"

[breaker.billing]
consecutive_failures = 50
"#;

/// Looks at the file every few milliseconds, until nobody receives the outcome of a reload.
fn watch(path: PathBuf, policies: Policies, reloads: Sender<Result<(), String>>) -> Result<(), std::io::Error> {
    let mut seen = fs::read_to_string(&path)?;
    loop {
        thread::sleep(Duration::from_millis(10));
        // A file that is just being replaced is read the next time.
        let Ok(text) = fs::read_to_string(&path) else {
            continue;
        };
        if text == seen {
            continue;
        }
        let reloaded = Settings::load(&path).map_err(|error| error.to_string());
        let replaced = reloaded.and_then(|settings| policies.replace(settings).map_err(|error| error.to_string()));
        seen = text;
        if reloads.send(replaced).is_err() {
            return Ok(());
        }
    }
}

/// Writes the file as editors do: beside it first, so that no reader sees half of it.
fn write(path: &Path, text: &str) -> Result<(), std::io::Error> {
    let beside = path.with_extension("new");
    fs::write(&beside, text)?;
    fs::rename(beside, path)
}

/// The attempts of a run that always fails.
fn attempts(policy: &PolicyHandle) -> u32 {
    let result = policy.current().on(ThreadSleeper).run_blocking(|| Err::<(), _>("down"));
    result.map_or_else(|error| error.attempts(), |()| 0)
}

fn reload(
    path: &Path,
    text: &str,
    reloads: &Receiver<Result<(), String>>,
) -> Result<Result<(), String>, Box<dyn Error>> {
    write(path, text)?;
    let outcome = reloads.recv_timeout(Duration::from_secs(10))?;
    match &outcome {
        Ok(()) => println!("reloaded"),
        Err(mistakes) => println!("not reloaded:\n{mistakes}"),
    }
    Ok(outcome)
}

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::temp_dir().join(format!("persevere-example-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let path = folder.join("retry.toml");
    write(&path, BEGIN)?;

    // At start: a mistake in the file or a name that is not in it ends the program here.
    let policies = Policies::load(&path)?;
    let billing = policies.get("billing")?;
    println!("{}", Settings::load(&path)?.review());

    let (sender, reloads) = channel();
    let watcher = {
        let (path, policies) = (path.clone(), policies.clone());
        thread::spawn(move || watch(path, policies, sender))
    };

    assert_eq!(attempts(&billing), 3);
    let five = BEGIN.replace("max_attempts = 3", "max_attempts = 5");
    assert!(reload(&path, &five, &reloads)?.is_ok());
    assert_eq!(attempts(&billing), 5);

    // Each of these changes nothing.
    for (from, to) in [
        ("max_attempts", "max_atempts"),
        ("\"5ms\"", "5"),
        ("[retry.billing]", "[retry.biling]"),
    ] {
        assert!(reload(&path, &five.replace(from, to), &reloads)?.is_err());
        assert_eq!(attempts(&billing), 5);
    }
    assert!(reload(&path, BEGIN, &reloads)?.is_ok());
    assert_eq!(attempts(&billing), 3);

    // The watcher ends with the next change.
    drop(reloads);
    write(&path, &five)?;
    watcher.join().expect("the watcher does not panic")?;
    fs::remove_dir_all(&folder)?;
    Ok(())
}
