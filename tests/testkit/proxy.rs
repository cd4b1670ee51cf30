//! The proxy that injects faults, on real sockets.

use persevere_testkit::{Fault, FaultProxy};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

/// The time after which a client gives up, in tests that have failed by then.
const PATIENCE: Duration = Duration::from_secs(20);

/// A server that sends back all bytes that it receives.
static ECHO: LazyLock<SocketAddr> = LazyLock::new(|| {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = server.local_addr().unwrap();
    thread::spawn(move || {
        for stream in server.incoming().flatten() {
            thread::spawn(move || io::copy(&mut &stream, &mut &stream));
        }
    });
    address
});

/// Sends all bytes, shuts down the sending half, and reads the reply.
fn echo(proxy: &FaultProxy, sent: &[u8]) -> io::Result<Vec<u8>> {
    let stream = TcpStream::connect(proxy.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut received = Vec::new();
    thread::scope(|scope| {
        // The other end may be gone before all is sent.
        scope.spawn(|| {
            (&stream)
                .write_all(sent)
                .and_then(|()| stream.shutdown(Shutdown::Write))
        });
        (&stream).read_to_end(&mut received)
    })?;
    Ok(received)
}

fn kind(result: io::Result<Vec<u8>>) -> ErrorKind {
    result.expect_err("it fails").kind()
}

/// All bytes pass in both directions, to their end, however many they are.
#[test]
fn bytes_pass() {
    let proxy = FaultProxy::start(*ECHO, []).unwrap();
    for length in [0, 1, 8 * 1024, 8 * 1024 + 1, 3_000_000] {
        let sent: Vec<u8> = (0..length).map(|byte| (byte * 31 % 251) as u8).collect();
        assert!(echo(&proxy, &sent).unwrap() == sent, "{length} bytes");
    }
    assert_eq!(proxy.connections(), 5);
}

/// The given number of bytes of the reply arrives, and then its end and no error, whatever the client has sent.
#[test]
fn replies_are_truncated() {
    let sent = vec![7; 1_000_000];
    for length in [0, 1, 100, 8 * 1024, 100_000] {
        let proxy = FaultProxy::start(*ECHO, [Fault::Truncate(length)]).unwrap();
        assert_eq!(echo(&proxy, &sent).unwrap().len(), length);
    }
    let proxy = FaultProxy::start(*ECHO, [Fault::Truncate(100)]).unwrap();
    assert_eq!(echo(&proxy, &sent[..3]).unwrap().len(), 3, "a reply may be shorter");
}

/// Once a reply is truncated, the server's writes fail, though the client stays.
#[test]
fn server_whose_reply_is_cut_is_told() {
    let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let proxy = FaultProxy::start(server.local_addr().unwrap(), [Fault::Truncate(10)]).unwrap();
    let (told, tells) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let (mut client, _) = server.accept().unwrap();
        while client.write_all(&[7; 4096]).is_ok() {}
        let _ = told.send(());
    });
    let mut client = TcpStream::connect(proxy.address()).unwrap();
    let mut received = Vec::new();
    client.read_to_end(&mut received).unwrap();
    assert_eq!(received, [7; 10]);
    tells.recv_timeout(PATIENCE).expect("it writes on and on");
}

/// A reset is a reset, with and without something sent.
#[test]
fn connections_are_reset() {
    let proxy = FaultProxy::always(*ECHO, Fault::Reset).unwrap();
    for _ in 0..50 {
        let mut stream = TcpStream::connect(proxy.address()).unwrap();
        let read = stream.read(&mut [0]).map(|_| Vec::new());
        assert_eq!(kind(read), ErrorKind::ConnectionReset);
    }
    assert_eq!(proxy.connections(), 50);
}

/// A server that is not there resets connections.
#[test]
fn without_a_server_connections_are_reset() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let proxy = FaultProxy::start(nobody, []).unwrap();
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    assert_eq!(
        kind(stream.read(&mut [0]).map(|_| Vec::new())),
        ErrorKind::ConnectionReset
    );
}

/// A delayed reply is whole, and does not come sooner.
#[test]
fn replies_are_late() {
    let delay = Duration::from_millis(15);
    let proxy = FaultProxy::start(*ECHO, [Fault::Delay(delay)]).unwrap();
    let start = Instant::now();
    assert_eq!(echo(&proxy, b"ping").unwrap(), b"ping");
    assert!(start.elapsed() >= delay);
}

#[test]
fn latency_delays_every_part_of_a_reply() {
    let delay = Duration::from_millis(15);
    let proxy = FaultProxy::start(*ECHO, [Fault::Latency(delay)]).unwrap();
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    for _ in 0..3 {
        let start = Instant::now();
        stream.write_all(b"ping").unwrap();
        stream.read_exact(&mut [0; 4]).unwrap();
        assert!(start.elapsed() >= delay);
    }
}

/// After the previous client of the script every client is refused until the door is opened, and then none.
#[test]
fn clients_are_refused() {
    let proxy = FaultProxy::start(*ECHO, [Fault::Refuse]).unwrap();
    for _ in 0..3 {
        assert_eq!(kind(echo(&proxy, b"ping")), ErrorKind::ConnectionRefused);
    }
    assert_eq!(proxy.connections(), 0);
    for round in 0..50 {
        let faults = [
            Fault::Reset,
            Fault::Refuse,
            Fault::Truncate(1),
            Fault::Refuse,
            Fault::Refuse,
        ];
        let proxy = FaultProxy::start(*ECHO, faults).unwrap();
        proxy.open().unwrap();
        assert_eq!(
            kind(echo(&proxy, b"")),
            ErrorKind::ConnectionReset,
            "round {round}: nobody was refused yet"
        );
        assert_eq!(
            kind(echo(&proxy, b"ping")),
            ErrorKind::ConnectionRefused,
            "round {round}"
        );
        proxy.open().unwrap();
        assert_eq!(echo(&proxy, b"ping").unwrap(), b"p", "round {round}");
        for _ in 0..2 {
            assert_eq!(
                kind(echo(&proxy, b"ping")),
                ErrorKind::ConnectionRefused,
                "round {round}"
            );
            proxy.open().unwrap();
        }
        assert_eq!(echo(&proxy, b"ping").unwrap(), b"ping", "round {round}");
        assert_eq!(proxy.connections(), 3);
    }
}

/// A door that is never to open stays shut.
#[test]
fn clients_are_always_refused() {
    let proxy = FaultProxy::always(*ECHO, Fault::Refuse).unwrap();
    for _ in 0..5 {
        proxy.open().unwrap();
        assert_eq!(kind(echo(&proxy, b"ping")), ErrorKind::ConnectionRefused);
    }
}

/// A port that somebody else listens on cannot be opened; when it is free again, it can.
#[cfg(target_os = "linux")]
#[test]
fn port_that_is_taken_is_told() {
    let proxy = FaultProxy::start(*ECHO, [Fault::Refuse, Fault::Truncate(1)]).unwrap();
    let other = TcpListener::bind(proxy.address()).unwrap();
    for _ in 0..2 {
        assert_eq!(proxy.open().unwrap_err().kind(), ErrorKind::AddrInUse);
    }
    drop(other);
    proxy.open().unwrap();
    assert_eq!(echo(&proxy, b"ping").unwrap(), b"p", "the script goes on where it was");
}

/// Nothing comes back; what is sent is read, however much.
#[test]
fn connections_stall() {
    let proxy = FaultProxy::start(*ECHO, [Fault::Stall]).unwrap();
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    stream.write_all(&vec![7; 3_000_000]).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
    let read = stream.read(&mut [0]).map(|_| Vec::new());
    assert!(matches!(kind(read), ErrorKind::WouldBlock | ErrorKind::TimedOut));
}

/// Dropped, it ends whatever goes on, waits for nobody, and is gone.
#[test]
fn dropped_proxy_is_gone() {
    let hour = Duration::from_secs(3600);
    let start = Instant::now();
    let faults = [Fault::Stall, Fault::Delay(hour), Fault::Pass, Fault::Refuse];
    let proxy = FaultProxy::start(*ECHO, faults).unwrap();
    let mut clients: Vec<_> = (0..3)
        .map(|_| {
            let mut client = TcpStream::connect(proxy.address()).unwrap();
            client.set_read_timeout(Some(PATIENCE)).unwrap();
            client.write_all(b"ping").unwrap();
            client
        })
        .collect();
    // Each is served, and the door is shut, before the proxy goes.
    clients[2].read_exact(&mut [0; 4]).unwrap();
    let address = proxy.address();
    drop(proxy);
    for client in &mut clients {
        match client.read(&mut [0]) {
            Ok(read) => assert_eq!(read, 0, "nothing comes any more"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }
    assert_eq!(
        TcpStream::connect(address).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
    assert!(start.elapsed() < PATIENCE);
}

/// Not more than 64 connections are served at a time: others wait, and are served when there is room.
#[test]
fn connections_are_bounded() {
    let proxy = FaultProxy::start(*ECHO, [Fault::Stall; 64]).unwrap();
    let stalled: Vec<_> = (0..64).map(|_| TcpStream::connect(proxy.address()).unwrap()).collect();
    let until = Instant::now() + PATIENCE;
    while proxy.connections() < 64 {
        assert!(Instant::now() < until, "{} were accepted", proxy.connections());
        thread::yield_now();
    }
    let mut waiting = TcpStream::connect(proxy.address()).unwrap();
    waiting.write_all(b"ping").unwrap();
    waiting.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    assert!(waiting.read(&mut [0]).is_err() && proxy.connections() == 64);
    drop(stalled);
    waiting.set_read_timeout(Some(PATIENCE)).unwrap();
    waiting.read_exact(&mut [0; 4]).unwrap();
    assert_eq!(proxy.connections(), 65);
}

/// Many clients at once each meet one fault of the script.
#[test]
fn clients_meet_the_script_together() {
    let faults = [Fault::Truncate(1), Fault::Pass, Fault::Truncate(2), Fault::Truncate(3)].repeat(8);
    let proxy = FaultProxy::start(*ECHO, faults).unwrap();
    let mut lengths: Vec<_> = thread::scope(|scope| {
        let clients: Vec<_> = (0..32)
            .map(|_| scope.spawn(|| echo(&proxy, b"ping").unwrap().len()))
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    lengths.sort_unstable();
    assert!(lengths.into_iter().eq((0..32).map(|index| 1 + index / 8)));
}

/// Nothing is kept of proxies that are gone: no file, no thread.
#[cfg(target_os = "linux")]
#[test]
fn nothing_is_kept() {
    let count = |what: &str| std::fs::read_dir(format!("/proc/self/{what}")).unwrap().count();
    let used = || {
        let proxy = FaultProxy::start(*ECHO, [Fault::Reset, Fault::Refuse]).unwrap();
        assert_eq!(kind(echo(&proxy, b"")), ErrorKind::ConnectionReset);
        proxy.open().unwrap();
        assert_eq!(echo(&proxy, b"ping").unwrap(), b"ping");
    };
    used();
    let before = (count("fd"), count("task"));
    for _ in 0..500 {
        used();
    }
    let after = (count("fd"), count("task"));
    // Other tests of this process come and go.
    assert!(
        after.0 < before.0 + 400 && after.1 < before.1 + 200,
        "{before:?} became {after:?}"
    );
}
