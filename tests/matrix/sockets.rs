//! Real sockets, and a proxy between the client and its server.

use persevere::{Policy, StopReason};
use persevere_testkit::{Entry, Fault, FaultProxy, How, Recorder, assert_attempts, assert_succeeded};
use persevere_tests::world::World;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

/// Milliseconds.
const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A server that greets whoever connects, for as long as the tests run.
static SERVER: LazyLock<SocketAddr> = LazyLock::new(|| {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().unwrap();
    thread::spawn(move || {
        for mut client in server.incoming().flatten() {
            // The server ignores clients that are gone.
            let _ = client.write_all(b"hello\n");
        }
    });
    address
});

fn proxy<const N: usize>(faults: [Fault; N]) -> Arc<FaultProxy> {
    Arc::new(FaultProxy::start(*SERVER, faults).unwrap())
}

/// Checks that the given number of attempts failed, each with this kind of error.
fn assert_failed(recorder: &Recorder, attempts: usize, kind: io::ErrorKind) {
    let text = |entry| match entry {
        Entry::Failed {
            failure: How::Error(text),
            ..
        } => Some(text),
        _ => None,
    };
    let failures: Vec<_> = recorder.entries().into_iter().filter_map(text).collect();
    let kind = format!("{kind:?}");
    assert!(
        failures.len() == attempts && failures.iter().all(|text| text.contains(&kind)),
        "not {attempts} times {kind}:\n{}",
        recorder.timeline()
    );
}

/// Without a fault the first attempt reads it all.
fn passed<W: World>(world: &W) {
    let (proxy, recorder) = (proxy([]), Recorder::new());
    let run = const { &Policy::fixed(ms(1)) }
        .on(world.sleeper())
        .observe(recorder.clone());
    assert_eq!(world.greet(run, proxy.address()).unwrap(), "hello\n");
    assert_attempts!(recorder, 1);
    assert_eq!(proxy.connections(), 1);
}

/// Nothing listens, until the third attempt.
fn refused<W: World>(world: &W) {
    let (proxy, recorder) = (proxy([Fault::Refuse]), Recorder::new());
    let run = const { &Policy::fixed(ms(1)).max_attempts(5) }
        .on(world.sleeper())
        .observe(recorder.clone());
    let door = Arc::clone(&proxy);
    let run = run.on_retry(move |attempt, _: Option<&io::Error>, _| {
        if attempt == 2 {
            door.open().unwrap();
        }
    });
    assert_eq!(world.greet(run, proxy.address()).unwrap(), "hello\n");
    assert_failed(&recorder, 2, io::ErrorKind::ConnectionRefused);
    assert_succeeded!(recorder);
    assert_eq!(proxy.connections(), 1);
}

/// Two connections are reset.
fn reset<W: World>(world: &W) {
    let (proxy, recorder) = (proxy([Fault::Reset; 2]), Recorder::new());
    let run = const { &Policy::fixed(ms(1)).max_attempts(5) }
        .on(world.sleeper())
        .observe(recorder.clone());
    assert_eq!(world.greet(run, proxy.address()).unwrap(), "hello\n");
    assert_failed(&recorder, 2, io::ErrorKind::ConnectionReset);
    assert_eq!(proxy.connections(), 3);
}

/// The reply ends too soon, once before its first byte.
fn truncated<W: World>(world: &W) {
    let (proxy, recorder) = (proxy([Fault::Truncate(3), Fault::Truncate(0)]), Recorder::new());
    let run = const { &Policy::fixed(ms(1)).max_attempts(5) }
        .on(world.sleeper())
        .observe(recorder.clone());
    assert_eq!(world.greet(run, proxy.address()).unwrap(), "hello\n");
    assert_failed(&recorder, 2, io::ErrorKind::UnexpectedEof);
    assert_eq!(proxy.connections(), 3);
}

/// The first reply comes too late, another in time.
fn late<W: World>(world: &W) {
    let (proxy, recorder) = (proxy([Fault::Delay(Duration::from_secs(3600))]), Recorder::new());
    let run = const { &Policy::fixed(ms(1)).attempt_timeout(ms(20)).max_attempts(50) }
        .on(world.sleeper())
        .observe(recorder.clone());
    assert_eq!(world.greet(run, proxy.address()).unwrap(), "hello\n");
    // On a busy machine more than the first may be late.
    assert!(recorder.attempts() >= 2, "{}", recorder.timeline());
    assert_succeeded!(recorder);
}

/// Nobody ever answers, and the run ends in time.
fn stalled<W: World>(world: &W) {
    let (proxy, recorder) = (FaultProxy::always(*SERVER, Fault::Stall).unwrap(), Recorder::new());
    let run = const { &Policy::fixed(ms(1)).attempt_timeout(ms(3)).max_attempts(2) }
        .on(world.sleeper())
        .observe(recorder.clone());
    world.greet(run, proxy.address()).unwrap_err();
    assert_attempts!(recorder, 2);
    assert!(matches!(
        recorder.outcome(),
        Some(persevere_testkit::Outcome::GaveUp(
            StopReason::Attempts | StopReason::AttemptTimedOut
        ))
    ));
}

in_every_world! {
    passed,
    refused,
    reset,
    truncated,
    late,
    stalled,
}
