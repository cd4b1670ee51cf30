//! M4: the future is `Send` if the futures of the body are.

use crate::calls::SharedCalls;
use persevere::{FuturesTimerSleeper, Policy, RetryError, SharedPolicy, TokioSleeper, retry};
use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

/// A future with a value that is `Send` but not `Sync`: each attempt owns a clone.
#[retry(sleeper = TokioSleeper, backoff = fixed("1ms"), clone(cell))]
async fn owns_its_cell(cell: Cell<u32>, calls: Arc<SharedCalls>) -> Result<u32, &'static str> {
    cell.set(cell.get() + 1);
    tokio::task::yield_now().await;
    Ok(calls.call()? + cell.get())
}

struct Client {
    policy: SharedPolicy<&'static str>,
    log: Vec<u32>,
}

impl Client {
    #[retry(policy = self.policy.clone(), max_attempts = 4, attempt_timeout = "1h", sleeper = &TokioSleeper)]
    async fn mutates(&mut self, calls: &SharedCalls, list: &mut Vec<u32>) -> Result<u32, RetryError<&'static str>> {
        tokio::task::yield_now().await;
        self.log.push(1);
        list.push(1);
        calls.call()
    }
}

fn client() -> Client {
    Client {
        policy: Policy::fixed(Duration::from_millis(1)).shared(),
        log: Vec::new(),
    }
}

#[tokio::test(start_paused = true)]
async fn spawned_function_is_retried() {
    let calls = || Arc::new(SharedCalls::failing(2));
    assert_eq!(
        tokio::spawn(owns_its_cell(Cell::new(1), calls())).await.unwrap(),
        Ok(3 + 2)
    );
    let (value, log) = tokio::spawn(async move {
        let (mut client, mut list) = (client(), Vec::new());
        let value = client.mutates(&SharedCalls::failing(3), &mut list).await.unwrap();
        assert_eq!(client.log, list);
        (value, client.log.len())
    })
    .await
    .unwrap();
    assert_eq!((value, log), (4, 4));
}

/// The default sleepers. They sleep in real time, because the test shows which sleepers are the default.
#[retry(backoff = fixed("1ms"))]
fn on_this_thread(calls: &SharedCalls) -> Result<u32, &'static str> {
    calls.call()
}

#[retry(backoff = fixed("1ms"))]
async fn on_any_executor(calls: &SharedCalls) -> Result<u32, &'static str> {
    calls.call()
}

#[test]
fn default_sleepers_wait() {
    let _ = FuturesTimerSleeper;
    assert_eq!(on_this_thread(&SharedCalls::failing(2)), Ok(3));
    assert_eq!(smol::block_on(on_any_executor(&SharedCalls::failing(2))), Ok(3));
}
