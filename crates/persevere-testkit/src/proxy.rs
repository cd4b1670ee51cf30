//! A TCP proxy on loopback that injects faults.

mod connection;
mod control;
mod door;
mod fault;
mod http2;

pub use fault::Fault;

use connection::serve;
use control::Control;
use door::Door;
use fault::Faults;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A TCP proxy on loopback that injects one [`Fault`] into each connection, by a script.
///
/// It uses threads and needs no runtime. It serves at most 64 connections at a time. Dropping it ends all
/// connections and joins all threads.
///
/// ```
/// use persevere::{Policy, ThreadSleeper};
/// use persevere_testkit::{Fault, FaultProxy};
/// use std::io::{self, Read, Write};
/// use std::net::{TcpListener, TcpStream};
/// use std::{thread, time::Duration};
///
/// let server = TcpListener::bind("127.0.0.1:0")?;
/// let upstream = server.local_addr()?;
/// thread::spawn(move || server.incoming().flatten().try_for_each(|mut client| client.write_all(b"hello")));
///
/// let proxy = FaultProxy::start(upstream, [Fault::Refuse, Fault::Reset])?;
/// let greeting = Policy::fixed(Duration::from_millis(1))
///     .max_attempts(4)
///     .on(ThreadSleeper)
///     .on_retry(|attempt, _: Option<&io::Error>, _| if attempt == 2 { proxy.open().unwrap() })
///     .run_blocking(|| {
///         let mut greeting = String::new();
///         TcpStream::connect(proxy.address())?.read_to_string(&mut greeting)?;
///         Ok::<_, io::Error>(greeting)
///     });
/// assert_eq!(greeting.unwrap(), "hello", "refused twice, reset once, then passed");
/// # Ok::<(), io::Error>(())
/// ```
pub struct FaultProxy {
    address: SocketAddr,
    control: Arc<Control>,
    acceptor: Option<JoinHandle<()>>,
}

impl FaultProxy {
    /// Listens on a free port of loopback and forwards connections to `upstream`, with the given faults in order.
    ///
    /// Connections after the last fault pass unchanged.
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub fn start(upstream: SocketAddr, faults: impl IntoIterator<Item = Fault>) -> io::Result<FaultProxy> {
        FaultProxy::with(upstream, Faults::new(faults, Fault::Pass))
    }

    /// Listens like [`start`](FaultProxy::start) and injects the same fault into every connection.
    ///
    /// ```
    /// use persevere_testkit::{Fault, FaultProxy};
    /// use std::io::{ErrorKind, Read};
    /// use std::net::{Ipv4Addr, TcpStream};
    ///
    /// // No connection reaches the upstream.
    /// let proxy = FaultProxy::always((Ipv4Addr::LOCALHOST, 9).into(), Fault::Reset)?;
    /// for _ in 0..3 {
    ///     let read = TcpStream::connect(proxy.address())?.read(&mut [0]);
    ///     assert_eq!(read.unwrap_err().kind(), ErrorKind::ConnectionReset);
    /// }
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// If no port can be bound.
    pub fn always(upstream: SocketAddr, fault: Fault) -> io::Result<FaultProxy> {
        FaultProxy::with(upstream, Faults::new([], fault))
    }

    fn with(upstream: SocketAddr, faults: Faults) -> io::Result<FaultProxy> {
        let (door, control) = (Door::new()?, Arc::new(Control::default()));
        let address = door.address();
        let listener = if faults.peek() == Fault::Refuse {
            control.refuse();
            None
        } else {
            Some(door.open()?)
        };
        let acceptor = thread::Builder::new().name("fault proxy".into()).spawn({
            let control = Arc::clone(&control);
            move || accept_all(upstream, faults, &door, listener, &control)
        })?;
        Ok(FaultProxy {
            address,
            control,
            acceptor: Some(acceptor),
        })
    }

    /// Returns the address for clients to connect to.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the number of accepted connections, without refused ones.
    ///
    /// ```
    /// use persevere_testkit::{Fault, FaultProxy};
    /// use std::net::{Ipv4Addr, TcpStream};
    ///
    /// let proxy = FaultProxy::start((Ipv4Addr::LOCALHOST, 9).into(), [Fault::Refuse])?;
    /// assert!(TcpStream::connect(proxy.address()).is_err());
    /// assert_eq!(proxy.connections(), 0);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    #[must_use]
    pub fn connections(&self) -> usize {
        self.control.accepted()
    }

    /// Ends [`Fault::Refuse`] and continues with the next fault of the script.
    ///
    /// Does nothing if connections are not refused at present.
    ///
    /// # Errors
    ///
    /// If the proxy cannot listen on its port.
    pub fn open(&self) -> io::Result<()> {
        self.control.ask_to_open()
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.control.stop();
        // Wakes a thread that waits in `accept`. If no thread waits, the connection is refused.
        let _ = TcpStream::connect_timeout(&self.address, Duration::from_secs(1));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

impl fmt::Debug for FaultProxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultProxy")
            .field("address", &self.address)
            .field("connections", &self.connections())
            .finish_non_exhaustive()
    }
}

/// Accepts clients, each with its fault, until the proxy is dropped and every client has ended.
fn accept_all(
    upstream: SocketAddr,
    mut faults: Faults,
    door: &Door,
    mut listener: Option<TcpListener>,
    control: &Arc<Control>,
) {
    thread::scope(|scope| {
        while !control.is_stopping() {
            let Some(open) = &listener else {
                if control.wait_to_open() {
                    listener = reopen(&mut faults, door, control);
                }
                continue;
            };
            control.wait_for_room();
            let Ok((client, _)) = open.accept() else {
                // Too many files are open, or the client has left.
                control.pause(Duration::from_millis(1));
                continue;
            };
            if control.is_stopping() {
                break;
            }
            let fault = faults.take();
            if faults.peek() == Fault::Refuse {
                // Stops listening before the client sees its fault, so that its next attempt is refused.
                listener = None;
                control.refuse();
            }
            let serving = control.serve();
            scope.spawn(move || {
                // Errors of a connection are visible to its client.
                let _ = serve(client, upstream, fault, control);
                drop(serving);
            });
        }
    });
}

/// Ends [`Fault::Refuse`] and listens again, except if the next fault is `Refuse` as well.
fn reopen(faults: &mut Faults, door: &Door, control: &Control) -> Option<TcpListener> {
    let refusing = faults.take();
    if faults.peek() == Fault::Refuse {
        control.refuse();
        return None;
    }
    match door.open() {
        Ok(listener) => {
            control.opened();
            Some(listener)
        }
        Err(failure) => {
            faults.put_back(refusing);
            control.not_opened(failure);
            None
        }
    }
}
