//! M1: the number of attempts does not depend on how a body fails.

use crate::calls::{Calls, yielding};
use persevere::{RetryError, retry};
use persevere_contract::executor::block_on;
use persevere_testkit::VirtualTime;

/// One body in the eight forms of a function: blocking and async, free and method, with and without `RetryError`.
macro_rules! forms {
    ($($name:ident: |$calls:ident| $blocking:block, $async:block;)*) => {$(
        mod $name {
            use super::*;

            #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = VirtualTime::new())]
            fn free($calls: &Calls) -> Result<u32, &'static str> $blocking

            #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = VirtualTime::new())]
            fn free_whole($calls: &Calls) -> Result<u32, RetryError<&'static str>> $blocking

            #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = yielding())]
            async fn free_async($calls: &Calls) -> Result<u32, &'static str> $async

            #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = yielding())]
            async fn free_async_whole($calls: &Calls) -> Result<u32, RetryError<&'static str>> $async

            struct Client;

            impl Client {
                #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = VirtualTime::new())]
                fn method(&self, $calls: &Calls) -> Result<u32, &'static str> $blocking

                #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = VirtualTime::new())]
                fn method_whole(&mut self, $calls: &Calls) -> Result<u32, RetryError<&'static str>> $blocking

                #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = yielding())]
                async fn method_async(&mut self, $calls: &Calls) -> Result<u32, &'static str> $async

                #[retry(max_attempts = 4, backoff = fixed("1s"), sleeper = yielding())]
                async fn method_async_whole(&self, $calls: &Calls) -> Result<u32, RetryError<&'static str>> $async
            }

            #[test]
            fn every_form_makes_four_attempts() {
                let count = |run: &dyn Fn(&Calls) -> Result<u32, &'static str>| {
                    let calls = Calls::always_failing();
                    assert_eq!(run(&calls), Err("no"));
                    calls.made()
                };
                let whole = |result: Result<u32, RetryError<&'static str>>| {
                    let error = result.unwrap_err();
                    assert_eq!(error.attempts(), 4);
                    Err(error.into_last_error().unwrap())
                };
                let counts = [
                    count(&|calls| free(calls)),
                    count(&|calls| whole(free_whole(calls))),
                    count(&|calls| block_on(free_async(calls))),
                    count(&|calls| whole(block_on(free_async_whole(calls)))),
                    count(&|calls| Client.method(calls)),
                    count(&|calls| whole(Client.method_whole(calls))),
                    count(&|calls| block_on(Client.method_async(calls))),
                    count(&|calls| whole(block_on(Client.method_async_whole(calls)))),
                ];
                assert_eq!(counts, [4; 8]);
            }
        }
    )*};
}

forms! {
    tail: |calls| { calls.call() }, { calls.call_async().await };

    question_mark: |calls| { Ok(calls.call()? + 1) }, { Ok(calls.call_async().await? + 1) };

    early_return: |calls| {
        let Ok(number) = calls.call() else {
            return Err("no");
        };
        Ok(number)
    }, {
        let Ok(number) = calls.call_async().await else {
            return Err("no");
        };
        Ok(number)
    };

    in_format: |calls| {
        let text = format!("{} apples", calls.call()?);
        Ok(text.len() as u32)
    }, {
        let text = format!("{} apples", calls.call_async().await?);
        Ok(text.len() as u32)
    };

    nested_closure: |calls| {
        let inner = || -> Result<u32, &'static str> {
            let three: u32 = "three".parse().map_err(|_| "not a number")?;
            Ok(three)
        };
        assert_eq!(inner(), Err("not a number"), "`?` returns from the closure");
        let early = || {
            if calls.made() < 100 {
                return 5;
            }
            6
        };
        assert_eq!(early(), 5);
        calls.call()
    }, {
        let inner = async {
            let three: u32 = "three".parse().map_err(|_| "not a number")?;
            Ok(three)
        };
        assert_eq!(inner.await, Err::<u32, _>("not a number"), "`?` returns from the block");
        let early = async {
            if calls.made() < 100 {
                return 5;
            }
            6
        };
        assert_eq!(early.await, 5);
        calls.call_async().await
    };

    in_a_loop: |calls| {
        for number in 0.. {
            if number == 2 {
                calls.call()?;
            }
        }
        unreachable!("the loop does not end")
    }, {
        for number in 0.. {
            if number == 2 {
                calls.call_async().await?;
            }
        }
        unreachable!("the loop does not end")
    };
}
