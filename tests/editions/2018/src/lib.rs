//! The attribute in a crate of edition 2018, whose captures and prelude differ.

#![deny(warnings)]

use persevere::{retry, RetryError, Retryable};
use std::fmt::Debug;

/// Counts its calls, the first two of which fail.
#[derive(Debug, Default)]
pub struct Counter {
    name: String,
    calls: u32,
}

/// The count is too low.
#[derive(Debug, PartialEq, Eq, Retryable)]
#[retryable(transient)]
pub struct NotEnough(u32);

impl Counter {
    /// Counts a call.
    ///
    /// # Errors
    ///
    /// [`NotEnough`] before the third call.
    #[retry(backoff = fixed("1ms"))]
    pub fn count(&mut self, by: &mut Vec<u32>) -> Result<u32, NotEnough> {
        self.calls += 1;
        by.push(self.calls);
        let count = || {
            if self.calls < 3 {
                Err(NotEnough(self.calls))
            } else {
                Ok(self.calls)
            }
        };
        Ok(count()? + 1)
    }

    /// Counts an async call.
    ///
    /// # Errors
    ///
    /// [`NotEnough`] before the third call.
    #[retry(backoff = fixed("1ms"), clone(what), on = [NotEnough(1..=9)], attempt_timeout = "1h")]
    pub async fn count_async<T: Debug + Clone>(
        &mut self,
        what: T,
        by: &mut Vec<u32>,
    ) -> Result<(T, u32), RetryError<NotEnough>> {
        self.calls += 1;
        by.push(self.calls);
        std::future::ready(()).await;
        if self.calls < 3 {
            return Err(NotEnough(self.calls));
        }
        Ok((what, self.calls))
    }

    /// Returns the name.
    ///
    /// # Errors
    ///
    /// [`NotEnough`] if the name is empty.
    #[retry(backoff = fixed("1ms"), retry_if = |error| error.0 > 0)]
    pub fn name(&self) -> Result<&str, NotEnough> {
        if self.name.is_empty() {
            Err(NotEnough(0))
        } else {
            Ok(&self.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_retried() {
        let mut by = Vec::new();
        assert_eq!(Counter::default().count(&mut by), Ok(4));
        let counted = smol::block_on(Counter::default().count_async("a".to_owned(), &mut by));
        assert_eq!(counted.unwrap(), ("a".to_owned(), 3));
        assert_eq!(by, [1, 2, 3, 1, 2, 3]);
        assert_eq!(Counter::default().name(), Err(NotEnough(0)));
        let (name, calls) = ("counter".to_owned(), 0);
        assert_eq!(Counter { name, calls }.name(), Ok("counter"));
    }
}
