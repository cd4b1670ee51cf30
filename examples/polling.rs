//! Retries on `Ok`: polls the state of a job until it is done.

use persevere::{Policy, Retryable, StopReason, ThreadSleeper, Verdict};
use persevere_examples::{HttpError, Reply, Server, fetch};
use std::time::Duration;

const JOB: &[Reply] = &[
    Reply::Page("queued"),
    Reply::Page("running"),
    Reply::Status(503),
    Reply::Page("running"),
    Reply::Page("done: 42"),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = Server::start([("job", JOB), ("hanging", &[Reply::Page("queued")])])?;

    let until_done = Policy::fixed(Duration::from_millis(20))
        .max_attempts(8)
        .attempt_timeout(Duration::from_secs(2))
        .classify_outcome_with(|outcome: &Result<String, HttpError>| match outcome {
            Ok(state) if state == "queued" || state == "running" => Verdict::Retry,
            Ok(_) => Verdict::Accept,
            Err(error) => error.verdict(),
        });

    let poll = |path| {
        until_done
            .on(ThreadSleeper)
            .on_retry(|attempt, error, delay| match error {
                None => println!("{path} {attempt}: not done, again in {delay:?}"),
                Some(error) => println!("{path} {attempt}: {error}, again in {delay:?}"),
            })
            .run_blocking_with(|attempt| fetch::on_thread(server.address(), path, attempt.timeout()))
    };

    let done = poll("/job")?;
    println!("/job: {done}");
    assert_eq!((done.as_str(), server.requests("/job")), ("done: 42", 5));

    // The job never ends. The last outcome was an `Ok`, so the error has no cause.
    let error = poll("/hanging").unwrap_err();
    println!("/hanging: {error}");
    assert_eq!((error.reason(), error.attempts()), (StopReason::Attempts, 8));
    assert!(error.last_error().is_none());
    Ok(())
}
