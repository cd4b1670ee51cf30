//! `Trace` as the observer of the program, with a subscriber that prints.

use persevere::observe::{self, GlobalIsSet};
use persevere::tracing::Trace;
use persevere::{Policy, ThreadSleeper};
use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tracing::Level;

#[derive(Clone, Default)]
struct Printed(Arc<Mutex<Vec<u8>>>);

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

mod library {
    use super::*;

    pub(crate) fn load() -> Result<(), persevere::RetryError<io::Error>> {
        let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(2);
        policy
            .on(ThreadSleeper)
            .run_blocking(|| Err(io::ErrorKind::NotFound.into()))
    }
}

#[test]
fn runs_of_a_library_are_logged_and_named_runs_once() {
    let printed = Printed::default();
    let writer = printed.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(Level::DEBUG)
        .with_ansi(false)
        .without_time()
        .with_writer(move || writer.clone())
        .finish();
    tracing::subscriber::set_global_default(subscriber).unwrap();

    assert!(library::load().is_err());
    assert!(printed.0.lock().unwrap().is_empty(), "no observer is set");

    observe::set_global(Trace::new()).unwrap();
    assert_eq!(observe::set_global(Trace::new()), Err(GlobalIsSet));
    assert!(library::load().is_err());
    let run = Policy::fixed(Duration::ZERO).max_attempts(1).into_run(ThreadSleeper);
    let _ = run.observe(Trace::named("own")).run_blocking(|| Err::<(), _>("no"));

    let printed = String::from_utf8(printed.0.lock().unwrap().clone()).unwrap();
    let expected = "\
DEBUG persevere: attempt 1 failed, again in 1.0ms: an error of type std::io::error::Error persevere.attempt=1 \
persevere.delay=0.001 persevere.failure=\"error\" error=an error of type std::io::error::Error
 WARN persevere: gave up after 2 attempts: an error of type std::io::error::Error persevere.attempt=2 \
persevere.waited=0.001 persevere.reason=\"attempts\" persevere.failure=\"error\" \
error=an error of type std::io::error::Error
 WARN persevere: own: gave up after 1 attempt: no persevere.name=\"own\" persevere.attempt=1 persevere.waited=0.0 \
persevere.reason=\"attempts\" persevere.failure=\"error\" error=no
";
    assert_eq!(printed, expected);
}
