//! `persevere` under another name.

extern crate persevere as again;

mod deep {
    pub(crate) mod down {
        pub(crate) use persevere as again;
    }
}

// The default path is taken.
mod persevere_is_not_this {}

#[again::retry(max_attempts = 2, backoff = fixed("0s"), crate = again)]
fn renamed(calls: &mut u32) -> Result<u32, again::RetryError<u32>> {
    *calls += 1;
    Err(*calls)
}

#[deep::down::again::retry(max_attempts = 3, backoff = fixed("0s"), crate = crate::deep::down::again)]
fn buried(calls: &mut u32) -> Result<u32, u32> {
    *calls += 1;
    Err(*calls)
}

#[derive(Debug, again::Retryable)]
#[retryable(transient, crate = again)]
struct Busy;

fn main() {
    assert_eq!(renamed(&mut 0).unwrap_err().into_last_error(), Some(2));
    assert_eq!(buried(&mut 0), Err(3));
    assert!(again::Retryable::verdict(&Busy).is_retry());
}
