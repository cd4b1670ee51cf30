//! Faults that a proxy injects into connections.

use std::collections::VecDeque;
use std::time::Duration;

/// A fault that a [`FaultProxy`](crate::FaultProxy) injects into one connection.
///
/// ```
/// use persevere_testkit::{Fault, FaultProxy};
/// use std::io::{ErrorKind, Read, Write};
/// use std::net::{TcpListener, TcpStream};
/// use std::{thread, time::{Duration, Instant}};
///
/// let server = TcpListener::bind("127.0.0.1:0")?;
/// let upstream = server.local_addr()?;
/// thread::spawn(move || server.incoming().flatten().try_for_each(|mut client| client.write_all(b"hello")));
///
/// let soon = Duration::from_millis(5);
/// let script = [Fault::Refuse, Fault::Reset, Fault::Truncate(2), Fault::Delay(soon), Fault::Stall];
/// let proxy = FaultProxy::start(upstream, script)?;
/// let greeting = || {
///     let mut greeting = String::new();
///     let mut server = TcpStream::connect(proxy.address())?;
///     server.set_read_timeout(Some(Duration::from_millis(50)))?;
///     server.read_to_string(&mut greeting).map(|_| greeting)
/// };
///
/// assert_eq!(greeting().unwrap_err().kind(), ErrorKind::ConnectionRefused);
/// proxy.open()?;
/// assert_eq!(greeting().unwrap_err().kind(), ErrorKind::ConnectionReset);
/// assert_eq!(greeting()?, "he");
/// let start = Instant::now();
/// assert_eq!(greeting()?, "hello");
/// assert!(start.elapsed() >= soon);
/// assert!(matches!(greeting().unwrap_err().kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
/// assert_eq!(greeting()?, "hello", "connections after the script pass");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No fault: bytes pass in both directions.
    Pass,
    /// Connections are refused until [`FaultProxy::open`](crate::FaultProxy::open) is called. The port stays reserved.
    ///
    /// The number of refused connections is unknown. The fault begins before the previous connection of the script is
    /// served, so that the next client is always refused. A client that connects at the same time as the previous
    /// client may be reset instead.
    Refuse,
    /// The connection is accepted and ends at once with a TCP reset.
    Reset,
    /// The reply is delayed by the given time.
    Delay(Duration),
    /// Each part of the reply is delayed by the given time: every answer of a connection that is used for many.
    Latency(Duration),
    /// The connection is closed normally after the given number of bytes of the reply.
    Truncate(usize),
    /// The connection is accepted and never gets a reply. The client's bytes are read.
    Stall,
    /// The first request of an HTTP/2 connection is answered with `GOAWAY`: no stream was processed.
    GoAway,
    /// The first request of an HTTP/2 connection is reset with `REFUSED_STREAM`, and the connection ends with `GOAWAY`.
    RefuseStream,
}

/// The faults of the next connections.
pub(super) struct Faults {
    listed: VecDeque<Fault>,
    then: Fault,
}

impl Faults {
    pub(super) fn new(listed: impl IntoIterator<Item = Fault>, then: Fault) -> Faults {
        Faults {
            listed: listed.into_iter().collect(),
            then,
        }
    }

    /// Returns the next fault without removing it.
    pub(super) fn peek(&self) -> Fault {
        self.listed.front().copied().unwrap_or(self.then)
    }

    /// Removes and returns the next fault.
    pub(super) fn take(&mut self) -> Fault {
        self.listed.pop_front().unwrap_or(self.then)
    }

    /// Makes `fault` the next fault.
    pub(super) fn put_back(&mut self, fault: Fault) {
        self.listed.push_front(fault);
    }
}
