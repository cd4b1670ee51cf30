//! A port on loopback that can stop listening and stays reserved.

use socket2::{Domain, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// The number of clients that can wait to be accepted.
const BACKLOG: i32 = 128;

/// A port that stays reserved by a socket that is bound and never listens.
///
/// The port is taken for the system and closed for clients.
pub(super) struct Door {
    address: SocketAddr,
    _reserved: Socket,
}

impl Door {
    /// Reserves a free port.
    pub(super) fn new() -> io::Result<Door> {
        let reserved = bound((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = reserved.local_addr()?.as_socket();
        Ok(Door {
            address: address.ok_or(io::ErrorKind::AddrNotAvailable)?,
            _reserved: reserved,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens on the port, so that clients can connect until the listener is dropped.
    pub(super) fn open(&self) -> io::Result<TcpListener> {
        let listener = bound(self.address)?;
        listener.listen(BACKLOG)?;
        Ok(listener.into())
    }
}

/// Binds a socket to `address`, which may be reserved by a socket that does not listen.
fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    // The BSDs and their relatives need this option as well.
    #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}
