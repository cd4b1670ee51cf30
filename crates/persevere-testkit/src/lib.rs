//! # Test your retries in milliseconds
//!
//! For programs that retry with [`persevere`](https://docs.rs/persevere). A test on virtual time never sleeps: a
//! policy that retries for an hour is tested in a millisecond, exact to the nanosecond and reproducible.
//!
//! ```toml
//! [dev-dependencies]
//! persevere-testkit = "0.1"
//! ```
//!
//! # A blocking run
//!
//! [`VirtualTime`] is a sleeper whose sleeps advance its clock and return at once. [`script`] is an operation that
//! returns the given results in order.
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
//! Tokio's clock can be paused, and `TokioSleeper` uses that clock. The run is tested on the runtime and the
//! sleeper of production. A [`Recorder`] records events; [`assert_waits!`] and its siblings check them.
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
//! [`VirtualTime::asynchronous`] returns the async sleeper of the clock, and [`VirtualTime::run_all`] is its
//! executor. Tasks take turns in a fixed order, and the clock advances when all of them wait. A [`Script`] can
//! take time, so it can time out.
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
//! A test can also advance the clock itself ([`VirtualTime::advance`], [`VirtualTime::advance_to_next`]) and
//! inspect a run between two polls ([`Polled`]). [`VirtualTime::pending`] shows that a dropped run leaves no
//! timer behind.
//!
//! # When an assertion fails
//!
//! The message shows the timeline. Here the test expects waits of 100, 200 and 400 ms, but the delays are capped:
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
//!   550ms  succeeded on attempt 4, waited 550ms
//! ");
//! ```
//!
//! # Real sockets
//!
//! [`FaultProxy`] sits between a client and its server on loopback and injects one fault into each connection. It can
//! refuse, reset, delay or truncate a connection, or accept it and never reply. It uses threads only and works with any
//! runtime.
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
//! # Overview
//!
//! | task | item |
//! |---|---|
//! | test a blocking run without waiting | [`VirtualTime`] |
//! | test an async run on tokio | tokio's paused clock and `TokioSleeper` |
//! | test async runs on any executor, or without one | [`VirtualTime::asynchronous`] |
//! | make an operation fail twice, then succeed | [`script`], [`script_async`] |
//! | make an operation take time, count its calls, or never end | [`Script`] |
//! | make an operation fail at random, reproducibly | [`Flaky`] |
//! | check waits and attempts | [`Recorder`] |
//! | drop a run after any poll | [`Polled`] |
//! | make real sockets fail by a script | [`FaultProxy`] |
//!
//! # Features
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `alloc` | with `std` | [`VirtualTime`], [`Script`], [`Recorder`], [`Polled`], for one thread |
//! | `std` | yes | makes these types `Send` and `Sync` |
//! | `proxy` | yes | [`FaultProxy`]; enables `std` |
//!
//! Without features, for devices without an allocator, the crate has [`script`], [`script_async`] and, on targets
//! with atomics, [`Flaky`].

#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]
// The documentation links to items that exist only with these features.
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
