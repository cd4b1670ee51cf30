//! What a proxy does to a connection.

use std::collections::VecDeque;
use std::time::Duration;

/// What a [`FaultProxy`](crate::FaultProxy) does to one connection.
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
/// assert_eq!(greeting()?, "hello", "what comes after the script passes");
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// None: bytes go both ways.
    Pass,
    /// Nothing listens until [`FaultProxy::open`](crate::FaultProxy::open) is called: whoever connects is refused, once
    /// or often, which nobody can count. The port stays reserved.
    ///
    /// It begins before the connection ahead of it in the script is served, so that one client after the other meets it
    /// for sure. A client that connects at the same time as that one may be reset instead.
    Refuse,
    /// The connection is accepted, and ends at once in a TCP reset.
    Reset,
    /// The reply begins so long after it came from the server.
    Delay(Duration),
    /// The connection is closed in good order after so many bytes of the reply.
    Truncate(usize),
    /// The connection is accepted, and nothing ever comes back. What the client sends is read.
    Stall,
}

/// The faults of the connections to come.
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

    /// The next, which stays the next.
    pub(super) fn peek(&self) -> Fault {
        self.listed.front().copied().unwrap_or(self.then)
    }

    /// The next, which is then over.
    pub(super) fn take(&mut self) -> Fault {
        self.listed.pop_front().unwrap_or(self.then)
    }

    /// Makes this the next.
    pub(super) fn put_back(&mut self, fault: Fault) {
        self.listed.push_front(fault);
    }
}
