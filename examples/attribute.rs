//! The attribute: `#[retry]` on blocking and async functions, with errors that classify themselves.

use persevere::classify::ByError;
use persevere::{Policy, RetryError, Retryable, StopReason, TokioSleeper, backoff::Exponential, retry};
use std::io;
use std::path::Path;
use std::time::Duration;

static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_millis(10)).max_attempts(4);

/// Errors whose variants declare whether a retry is worthwhile.
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

    /// Returns the last error unchanged, since it returns `Result<T, E>`. Each attempt gets its own clone of `goods`.
    #[retry(policy = TRANSIENT, classify = ByError, on_retry = log, clone(goods))]
    fn buy_patiently(&mut self, goods: String) -> Result<String, ShopError> {
        let bag = self.buy(goods)?;
        Ok(format!("a bag of {bag}"))
    }

    /// Returns the reason as well, since it returns `Result<T, RetryError<E>>`.
    #[retry(policy = TRANSIENT, classify = ByError, max_elapsed = "15ms", sleeper = TokioSleeper, clone(goods))]
    async fn buy_in_a_hurry(&mut self, goods: String) -> Result<String, RetryError<ShopError>> {
        tokio::task::yield_now().await;
        self.buy(goods)
    }
}

fn log(attempt: u32, error: Option<&ShopError>, delay: Duration) {
    println!("attempt {attempt}: {error:?}, again in {delay:?}");
}

/// Retries by the attribute's settings, without a named policy.
#[retry(attempts = 3, backoff = fixed("5ms"), on = [io::ErrorKind::NotFound])]
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
        "an error that is not retryable stops"
    );

    // The shop requests a longer wait than `max_elapsed` allows.
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
