//! The attribute `#[retry]` on blocking and async methods, with errors that carry their verdict.

use persevere::classify::ByError;
use persevere::{Policy, RetryError, Retryable, StopReason, TokioSleeper, backoff::Exponential, retry};
use std::io;
use std::path::Path;
use std::time::Duration;

static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(10)).max_attempts(4);

/// Each error has the verdict of its attribute.
#[derive(Debug, thiserror::Error, Retryable)]
enum ShopError {
    #[error("the shop is closed")]
    #[retryable(transient)]
    Closed,
    #[error("too many customers, come back in {wait:?}")]
    #[retryable(after = wait)]
    Busy { wait: Duration },
    #[error("there are no {0}")]
    #[retryable(permanent)]
    SoldOut(String),
}

/// A shop that is closed at first, then busy.
#[derive(Default)]
struct Shop {
    visits: u32,
}

impl Shop {
    fn buy(&mut self, goods: String) -> Result<String, ShopError> {
        self.visits += 1;
        match self.visits {
            1 => Err(ShopError::Closed),
            2 => Err(ShopError::Busy {
                wait: Duration::from_millis(20),
            }),
            _ if goods == "pears" => Err(ShopError::SoldOut(goods)),
            _ => Ok(goods),
        }
    }

    /// Returns the error of the last attempt. Each attempt consumes a clone of `goods`.
    #[retry(policy = TRANSIENT, classify = ByError, on_retry = log, clone(goods))]
    fn buy_patiently(&mut self, goods: String) -> Result<String, ShopError> {
        let bag = self.buy(goods)?;
        Ok(format!("a bag of {bag}"))
    }

    /// Returns a `RetryError`, which says why the run stopped.
    #[retry(policy = TRANSIENT, classify = ByError, max_elapsed = "15ms", sleeper = TokioSleeper, clone(goods))]
    async fn buy_in_a_hurry(&mut self, goods: String) -> Result<String, RetryError<ShopError>> {
        tokio::task::yield_now().await;
        self.buy(goods)
    }
}

fn log(attempt: u32, error: Option<&ShopError>, delay: Duration) {
    println!("attempt {attempt}: {error:?}, retrying in {delay:?}");
}

/// Settings instead of a policy.
#[retry(max_attempts = 3, backoff = fixed("5ms"), on = [io::ErrorKind::NotFound])]
fn wait_for(path: &Path, looks: &mut u32) -> io::Result<String> {
    *looks += 1;
    std::fs::read_to_string(path)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut shop = Shop::default();
    let bag = shop.buy_patiently("apples".to_owned());
    println!("{bag:?} after {} visits", shop.visits);
    assert_eq!((bag.unwrap(), shop.visits), ("a bag of apples".to_owned(), 3));

    let mut shop = Shop::default();
    let error = shop.buy_patiently("pears".to_owned()).unwrap_err();
    println!("{error} after {} visits", shop.visits);
    assert!(
        matches!(error, ShopError::SoldOut(_)) && shop.visits == 3,
        "a permanent error stops"
    );

    // The shop's hint is longer than the time that is left.
    let error = Shop { visits: 1 }
        .buy_in_a_hurry("apples".to_owned())
        .await
        .unwrap_err();
    println!("{error:#}");
    assert_eq!((error.reason(), error.attempts()), (StopReason::Elapsed, 1));

    let mut looks = 0;
    let error = wait_for(Path::new("no such file"), &mut looks).unwrap_err();
    println!("{error} after {looks} looks");
    assert_eq!((error.kind(), looks), (io::ErrorKind::NotFound, 3));
}
