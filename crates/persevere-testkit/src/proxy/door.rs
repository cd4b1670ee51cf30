//! A port on loopback that can stop listening and keep its number.

use socket2::{Domain, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

/// How many clients may wait to be accepted.
const BACKLOG: i32 = 128;

/// A port that stays reserved by a socket which is bound and never listens: to the system the port is taken, to clients it
/// is closed.
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

    /// Clients can connect for as long as the listener is there.
    pub(super) fn open(&self) -> io::Result<TcpListener> {
        let listener = bound(self.address)?;
        listener.listen(BACKLOG)?;
        Ok(listener.into())
    }
}

/// A socket that may be bound to where another is that does not listen.
fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    // On the BSDs and their like the above is not enough.
    #[cfg(all(unix, not(any(target_os = "solaris", target_os = "illumos"))))]
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}
