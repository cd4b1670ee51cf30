//! M2, M3, M5: functions of every form keep their form, and are retried.

use crate::calls::{Calls, yielding};
use persevere::{RetryError, retry};
use persevere_contract::executor::block_on;
use persevere_testkit::VirtualTime;
use std::fmt::{Debug, Display};

fn sync_time() -> VirtualTime {
    VirtualTime::new()
}

/// Generics with bounds in both places, named lifetimes, and an unsized type.
#[retry(sleeper = sync_time())]
fn generic<'a, T, U: Display + ?Sized, const N: usize>(
    value: &'a T,
    _text: &U,
    calls: &Calls,
) -> Result<[&'a T; N], String>
where
    T: Debug + ?Sized,
{
    calls.call().map_err(|error| format!("{error} for {value:?}"))?;
    Ok([value; N])
}

#[retry(sleeper = yielding())]
async fn generic_async<'a, T, U: Display + ?Sized, const N: usize>(
    value: &'a T,
    _text: &U,
    calls: &Calls,
) -> Result<[&'a T; N], String>
where
    T: Debug + ?Sized,
{
    calls
        .call_async()
        .await
        .map_err(|error| format!("{error} for {value:?}"))?;
    Ok([value; N])
}

#[test]
fn generic_function_keeps_its_signature() {
    let calls = Calls::failing(2);
    assert_eq!(generic::<str, str, 2>("a", "text", &calls), Ok(["a", "a"]));
    assert_eq!(calls.made(), 3);
    let calls = Calls::failing(2);
    assert_eq!(
        block_on(generic_async::<[u8], str, 2>(&[1], "text", &calls)),
        Ok([&[1u8][..]; 2])
    );
    assert_eq!(calls.made(), 3);
}

/// Elided lifetimes in the value and in the error.
#[retry(sleeper = sync_time())]
fn elided(text: &str, times: &std::cell::Cell<u32>) -> Result<std::str::Chars<'static>, String> {
    times.set(times.get() + 1);
    Err(text.to_owned())
}

struct Store {
    text: String,
    reads: u32,
}

/// An error that borrows.
#[derive(Debug, PartialEq)]
struct Missing<'a>(&'a str);

impl Store {
    #[retry(sleeper = sync_time(), retry_if = |error| !error.0.is_empty())]
    fn first(&self, calls: &std::cell::Cell<u32>) -> Result<&str, Missing<'_>> {
        calls.set(calls.get() + 1);
        if calls.get() < 3 {
            Err(Missing(&self.text))
        } else {
            Ok(&self.text[..1])
        }
    }

    #[retry(sleeper = yielding(), on_retry = |_, error, _| assert!(error.is_some()))]
    async fn first_async(&self, calls: &std::cell::Cell<u32>) -> Result<&str, Missing<'_>> {
        calls.set(calls.get() + 1);
        if calls.get() < 3 {
            Err(Missing(&self.text))
        } else {
            Ok(&self.text[..1])
        }
    }

    #[retry(sleeper = sync_time())]
    fn read(&mut self, into: &mut Vec<u32>) -> Result<usize, RetryError<&'static str>> {
        self.reads += 1;
        into.push(self.reads);
        if self.reads < 3 { Err("again") } else { Ok(into.len()) }
    }

    #[retry(sleeper = yielding())]
    async fn read_async(&mut self, into: &mut Vec<u32>) -> Result<usize, &'static str> {
        self.reads += 1;
        into.push(self.reads);
        std::future::ready(()).await;
        if self.reads < 3 { Err("again") } else { Ok(into.len()) }
    }

    #[retry(sleeper = sync_time())]
    fn shared(self: &std::rc::Rc<Self>, calls: &Calls) -> Result<usize, &'static str> {
        calls.call()?;
        Ok(std::rc::Rc::strong_count(self))
    }

    #[retry(sleeper = yielding())]
    async fn boxed(self: Box<Self>, calls: &Calls) -> Result<u32, &'static str> {
        calls.call_async().await?;
        Ok(self.reads)
    }

    #[retry(sleeper = sync_time())]
    fn owned(self, calls: &Calls) -> Result<u32, &'static str> {
        calls.call()?;
        Ok(self.reads)
    }
}

fn store() -> Store {
    Store {
        text: "text".to_owned(),
        reads: 0,
    }
}

#[test]
fn method_keeps_its_receiver_and_borrows() {
    let cell = Default::default;
    assert_eq!(store().first(&cell()), Ok("t"));
    assert_eq!(block_on(store().first_async(&cell())), Ok("t"));
    let times = cell();
    assert_eq!(elided("no", &times).unwrap_err(), "no");
    assert_eq!(times.get(), 3);
    let mut read = Vec::new();
    assert_eq!(store().read(&mut read).unwrap(), 3);
    assert_eq!(block_on(store().read_async(&mut read)), Ok(6));
    assert_eq!(read, [1, 2, 3, 1, 2, 3]);
    let calls = || Calls::failing(2);
    assert_eq!(std::rc::Rc::new(store()).shared(&calls()), Ok(1));
    assert_eq!(block_on(Box::new(store()).boxed(&calls())), Ok(0));
    assert_eq!(store().owned(&calls()), Ok(0));
}

/// `impl Trait` on both sides, and as the error.
#[retry(sleeper = sync_time(), retry_if = |error| *error == "no")]
fn numbers(step: impl Into<u32> + Copy, calls: &Calls) -> Result<impl Iterator<Item = u32>, &'static str> {
    calls.call()?;
    let step = step.into();
    Ok((0..3).map(move |number| number * step))
}

#[retry(sleeper = yielding())]
async fn numbers_async(step: impl Into<u32> + Copy, calls: &Calls) -> Result<impl Iterator<Item = u32>, impl Display> {
    calls.call_async().await?;
    let step = step.into();
    Ok::<_, &'static str>((0..3).map(move |number| number * step))
}

#[retry(sleeper = sync_time())]
fn reader(calls: &Calls) -> std::io::Result<impl std::io::Read> {
    calls.call().map_err(std::io::Error::other)?;
    Ok(std::io::empty())
}

#[test]
fn impl_trait_stays_opaque() {
    let calls = Calls::failing(1);
    assert_eq!(numbers(2u8, &calls).unwrap().collect::<Vec<_>>(), [0, 2, 4]);
    assert_eq!(block_on(numbers_async(2u8, &calls)).ok().unwrap().sum::<u32>(), 6);
    let calls = Calls::always_failing();
    let failed = block_on(numbers_async(2u8, &calls));
    assert_eq!(failed.err().unwrap().to_string(), "no");
    let calls = Calls::failing(2);
    assert_eq!(std::io::read_to_string(reader(&calls).unwrap()).unwrap(), "");
    assert_eq!(calls.made(), 3);
}

/// Arguments with patterns, raw names and `#[cfg(..)]`; the body consumes some.
#[retry(sleeper = sync_time(), clone(r#type, list, b))]
fn patterns(
    (a, b): (u32, String),
    [c, ..]: [u32; 2],
    r#type: String,
    #[cfg(any())] no_such: NoSuchType,
    #[cfg(any(unix, not(unix)))] mut list: Vec<u32>,
    calls: &Calls,
) -> Result<(String, Vec<u32>), &'static str> {
    let (kind, text) = (r#type, b);
    list.push(a + c);
    let number = calls.call()?;
    list.push(number);
    Ok((kind + &text, list))
}

#[retry(sleeper = yielding(), clone(r#type, list, b))]
async fn patterns_async(
    (a, b): (u32, String),
    [c, ..]: [u32; 2],
    r#type: String,
    #[cfg(any())] no_such: NoSuchType,
    #[cfg(any(unix, not(unix)))] mut list: Vec<u32>,
    calls: &Calls,
) -> Result<(String, Vec<u32>), &'static str> {
    let (kind, text) = (r#type, b);
    list.push(a + c);
    let number = calls.call_async().await?;
    list.push(number);
    Ok((kind + &text, list))
}

#[test]
fn attempt_owns_its_clones() {
    let (kind, list) = (String::from("k"), vec![9]);
    let pair = (1, String::from("b"));
    let calls = Calls::failing(2);
    let result = patterns(pair.clone(), [2, 3], kind.clone(), list.clone(), &calls);
    assert_eq!(result, Ok((String::from("kb"), vec![9, 3, 3])));
    let calls = Calls::failing(2);
    let result = block_on(patterns_async(pair, [2, 3], kind, list, &calls));
    assert_eq!(result, Ok((String::from("kb"), vec![9, 3, 3])));
}

trait Source {
    #[retry(sleeper = sync_time())]
    fn default_body(&self, calls: &Calls) -> Result<u32, Self::Error> {
        calls.call().map_err(Into::into)
    }

    #[retry(sleeper = yielding())]
    async fn default_body_async(&self, calls: &Calls) -> Result<u32, Self::Error> {
        calls.call_async().await.map_err(Into::into)
    }

    type Error: From<&'static str>;
    fn implemented(&mut self, calls: &Calls) -> Result<u32, Self::Error>;
    async fn implemented_async(&mut self, calls: &Calls) -> Result<u32, Self::Error>;
    fn sendable(&self) -> impl Future<Output = Result<u32, Self::Error>> + Send;
}

impl Source for Store {
    type Error = String;

    #[retry(sleeper = sync_time())]
    fn implemented(&mut self, calls: &Calls) -> Result<u32, Self::Error> {
        self.reads += 1;
        Ok(calls.call()?)
    }

    #[retry(sleeper = yielding())]
    async fn implemented_async(&mut self, calls: &Calls) -> Result<u32, Self::Error> {
        self.reads += 1;
        Ok(calls.call_async().await?)
    }

    #[retry(sleeper = yielding())]
    async fn sendable(&self) -> Result<u32, Self::Error> {
        std::future::ready(Ok(self.reads)).await
    }
}

#[test]
fn trait_method_is_retried() {
    let calls = || Calls::failing(2);
    let mut store = store();
    assert_eq!(store.default_body(&calls()), Ok(3));
    assert_eq!(block_on(store.default_body_async(&calls())), Ok(3));
    assert_eq!(store.implemented(&calls()), Ok(3));
    assert_eq!(block_on(store.implemented_async(&calls())), Ok(3));
    assert_eq!(block_on(store.sendable()), Ok(6));
}

/// Documented.
#[doc(alias = "documented")]
#[must_use = "a result that matters"]
#[inline]
#[retry(sleeper = sync_time())]
pub(in crate::forms) extern "Rust" fn with_attributes(calls: &Calls) -> Result<u32, &'static str> {
    #![allow(unused_variables)]
    let unused = 1;
    calls.call()
}

#[test]
fn function_keeps_its_attributes() {
    let calls = Calls::failing(2);
    let pointer: fn(&Calls) -> Result<u32, &'static str> = with_attributes;
    assert_eq!(pointer(&calls), Ok(3));
}
