//! Reading what is left of a response, so that its connection can be used again.

use persevere_core::Sleeper;
use persevere_core::sleeper::AwaitedBy;
use reqwest::Response;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// How long reading may take. A connection that takes longer is closed.
const LONGEST: Duration = Duration::from_millis(100);

/// Reads at most `limit` bytes of the response, and closes its connection if there are more.
pub(crate) async fn drain<S: Sleeper>(response: Response, limit: u64, sleeper: &S)
where
    S::Sleep: AwaitedBy<S>,
{
    if response.content_length().is_some_and(|length| length > limit) {
        return;
    }
    let mut reading = pin!(read(response, limit));
    let mut timer = pin!(sleeper.sleep(LONGEST));
    poll_fn(|context| match reading.as_mut().poll(context) {
        Poll::Ready(()) => Poll::Ready(()),
        Poll::Pending => timer.as_mut().poll(context),
    })
    .await;
}

#[cfg(not(target_arch = "wasm32"))]
async fn read(mut response: Response, mut left: u64) {
    while let Ok(Some(part)) = response.chunk().await {
        match left.checked_sub(part.len() as u64) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}

/// Leaves the connection to the browser.
#[cfg(target_arch = "wasm32")]
async fn read(_: Response, _: u64) {}
