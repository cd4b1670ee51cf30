//! # Test your retries in milliseconds
//!
//! For programs that retry with [`persevere`](https://docs.rs/persevere), and for `persevere` itself. A test on virtual
//! time waits for nothing: a policy that retries for an hour is tested in a millisecond, to the nanosecond, and the same
//! way every time.
//!
//! ```toml
//! [dev-dependencies]
//! persevere-testkit = "0.1"
//! ```
//!
//! # A blocking run
//!
//! [`VirtualTime`] is a sleeper whose sleeps move its clock and return. [`script`] is an operation that answers by a list.
//!
//! ```
//! use persevere::{Jitter, Policy, backoff::Exponential};
//! use persevere_testkit::{VirtualTime, script};
//! use std::time::Duration;
//!
//! static TRANSIENT: Policy<Exponential> = Policy::exponential(Duration::from_secs(1))
//!     .max_attempts(5)
//!     .jitter(Jitter::Full);
//!
//! let time = VirtualTime::new();
//! let result = TRANSIENT.seed(1).on(&time).run_blocking(script([Err("down"), Err("down"), Ok(7)]));
//!
//! assert_eq!(result.unwrap(), 7);
//! let expected: Vec<Duration> = TRANSIENT.seed(1).delays().take(2).collect();
//! assert_eq!(time.waits(), expected);
//! ```
//!
//! # On tokio
//!
//! Tokio's clock can be paused, and the sleepers of `persevere` go by it: the run is tested on the runtime and the sleeper
//! that it has in production. A [`Recorder`] sees what happened; [`assert_waits!`] and its like compare.
//!
//! ```
//! use persevere::{Policy, TokioSleeper};
//! use persevere_testkit::{Recorder, assert_attempts, assert_succeeded, assert_waits, script_async};
//! use std::time::Duration;
//!
//! #[tokio::main(flavor = "current_thread", start_paused = true)] // in a test: `#[tokio::test(start_paused = true)]`
//! async fn main() {
//!     let recorder = Recorder::new();
//!     let policy = Policy::fixed(Duration::from_secs(3600));
//!     let run = policy.on(TokioSleeper).observe(&recorder).run(script_async([Err("down"), Ok(7)]));
//!
//!     assert_eq!(run.await.unwrap(), 7);
//!     assert_attempts!(recorder, 2);
//!     assert_waits!(recorder, [Duration::from_secs(3600)]);
//!     assert_succeeded!(recorder);
//! }
//! ```
//!
//! # Without a runtime: two tasks on one clock
//!
//! [`VirtualTime::asynchronous`] is the async sleeper of the clock, and [`VirtualTime::run_all`] the executor on it: tasks
//! take turns in a fixed order, and the clock moves on when all of them wait. A [`Script`] may take time, and be cut off.
//!
//! ```
//! use persevere::Policy;
//! use persevere_testkit::{Call, Script, VirtualTime};
//! use std::time::Duration;
//!
//! const SECOND: Duration = Duration::from_secs(1);
//!
//! let time = VirtualTime::new();
//! let slow: Script<u32, &str> = Script::new([Call::ok(1).taking(60 * SECOND), Call::ok(2).taking(SECOND)]).on(&time);
//! let flaky: Script<u32, &str> = Script::new([Call::err("down").taking(SECOND), Call::ok(3)]).on(&time);
//!
//! let policy = Policy::fixed(4 * SECOND).attempt_timeout(5 * SECOND);
//! let fetch = async |script: &Script<u32, &'static str>| {
//!     let value = policy.on(time.asynchronous()).run(|| script.call_async()).await;
//!     (value.unwrap(), time.elapsed())
//! };
//! assert_eq!(time.run_all([fetch(&slow), fetch(&flaky)]), [(2, 10 * SECOND), (3, 5 * SECOND)]);
//! assert_eq!((slow.started(), flaky.started()), (vec![0 * SECOND, 9 * SECOND], vec![0 * SECOND, 5 * SECOND]));
//! ```
//!
//! Or move the clock by hand, and look at a run between two polls: [`Polled`], [`VirtualTime::advance`],
//! [`VirtualTime::advance_to_next`]. Dropped after any poll, it leaves nothing behind: [`VirtualTime::pending`].
//!
//! # When an assertion fails
//!
//! It shows what happened. Here a policy was to wait for 100, 200 and 400 ms, and somebody has capped its delays:
//!
//! ```
//! use persevere::{Jitter, Policy};
//! use persevere_testkit::{Recorder, VirtualTime, assert_waits, script};
//! use std::{panic::catch_unwind, time::Duration};
//!
//! let panic = catch_unwind(|| {
//!     let recorder = Recorder::new();
//!     let policy = Policy::exponential(Duration::from_millis(100)).jitter(Jitter::None).max_attempts(4);
//!     let capped = policy.max_delay(Duration::from_millis(250));
//!     let run = capped.on(VirtualTime::new()).observe(&recorder);
//!     run.run_blocking(script([Err("down"), Err("down"), Err("down"), Ok(7)])).unwrap();
//!     assert_waits!(recorder, [100, 200, 400].map(Duration::from_millis));
//! });
//! assert_eq!(panic.unwrap_err().downcast_ref::<String>().unwrap(), "\
//! waits: not what was expected
//!   expected: [100ms, 200ms, 400ms]
//!   recorded: [100ms, 200ms, 250ms]
//! timeline:
//!   0ns    started
//!   0ns    attempt 1 failed with \"down\": Retry
//!   0ns    waits 100ms
//!   100ms  attempt 2 failed with \"down\": Retry
//!   100ms  waits 200ms
//!   300ms  attempt 3 failed with \"down\": Retry
//!   300ms  waits 250ms
//!   550ms  succeeded with attempt 4, having waited 550ms
//! ");
//! ```
//!
//! # Real sockets
//!
//! [`FaultProxy`] stands between a client and its server on loopback and does to each connection what a list says: refuse,
//! reset, delay or truncate it, or accept and never answer. It is made of threads alone and goes with any runtime.
//!
//! ```
//! use persevere::{Policy, ThreadSleeper};
//! use persevere_testkit::{Fault, FaultProxy};
//! use std::io::{self, Read, Write};
//! use std::net::{TcpListener, TcpStream};
//! use std::{thread, time::Duration};
//!
//! // A server that greets.
//! let server = TcpListener::bind("127.0.0.1:0")?;
//! let upstream = server.local_addr()?;
//! thread::spawn(move || server.incoming().flatten().try_for_each(|mut client| client.write_all(b"hello\n")));
//!
//! let proxy = FaultProxy::start(upstream, [Fault::Reset, Fault::Truncate(3)])?;
//! let policy = Policy::fixed(Duration::from_millis(1)).max_attempts(3);
//! let greeting = policy.on(ThreadSleeper).run_blocking(|| {
//!     let mut greeting = String::new();
//!     TcpStream::connect(proxy.address())?.read_to_string(&mut greeting)?;
//!     if greeting.ends_with('\n') { Ok(greeting) } else { Err(io::Error::from(io::ErrorKind::UnexpectedEof)) }
//! });
//! assert_eq!(greeting.unwrap(), "hello\n");
//! assert_eq!(proxy.connections(), 3);
//! # Ok::<(), io::Error>(())
//! ```
//!
//! # Which
//!
//! | you want to | take |
//! |---|---|
//! | test a blocking run without waiting | [`VirtualTime`] |
//! | test an async run on tokio | tokio's paused clock and `TokioSleeper` |
//! | test async runs on any executor, or without one | [`VirtualTime::asynchronous`] |
//! | an operation that fails twice, then succeeds | [`script`], [`script_async`] |
//! | one that takes time, counts its calls, or never ends | [`Script`] |
//! | one that fails at random, and reproducibly | [`Flaky`] |
//! | know which waits and attempts there were | [`Recorder`] |
//! | drop a run after any poll | [`Polled`] |
//! | real sockets that fail by a script | [`FaultProxy`] |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `alloc` | with `std` | [`VirtualTime`], [`Script`], [`Recorder`], [`Polled`]: on one thread |
//! | `std` | yes | they are `Send` and `Sync` |
//! | `proxy` | yes | [`FaultProxy`]; turns on `std` |
//!
//! Without any, on a device without an allocator, there are [`script`], [`script_async`] and, where the target has atomics,
//! [`Flaky`].

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The pages describe the whole, most of which is not there without these features.
#![cfg_attr(not(all(feature = "std", feature = "proxy")), allow(rustdoc::broken_intra_doc_links))]
#![forbid(unsafe_code)]

#[cfg(feature = "alloc")]
extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod answers;
#[cfg(feature = "alloc")]
mod assertions;
#[cfg(feature = "alloc")]
mod call;
#[cfg(feature = "alloc")]
mod entry;
#[cfg(target_has_atomic = "32")]
mod flaky;
#[cfg(feature = "alloc")]
mod polled;
#[cfg(feature = "proxy")]
mod proxy;
#[cfg(feature = "alloc")]
mod recorder;
#[cfg(feature = "alloc")]
mod script;
#[cfg(feature = "alloc")]
mod shared;
#[cfg(feature = "alloc")]
mod time;
#[cfg(feature = "alloc")]
mod timeline;

pub use answers::{script, script_async};
#[cfg(feature = "alloc")]
#[doc(hidden)]
pub use assertions::check;
#[cfg(feature = "alloc")]
pub use call::Call;
#[cfg(feature = "alloc")]
pub use entry::{Entry, How};
#[cfg(target_has_atomic = "32")]
pub use flaky::{Flaky, InvalidRate};
#[cfg(feature = "alloc")]
pub use polled::{Polled, Wakes};
#[cfg(feature = "proxy")]
pub use proxy::{Fault, FaultProxy};
#[cfg(feature = "alloc")]
pub use recorder::{Outcome, Recorder};
#[cfg(feature = "alloc")]
pub use script::Script;
#[cfg(feature = "alloc")]
pub use time::{AsyncVirtualTime, VirtualSleep, VirtualTime};
#[cfg(feature = "alloc")]
pub use timeline::{Moment, Timeline};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
