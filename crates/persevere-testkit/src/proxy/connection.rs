//! One connection through a proxy.

use super::control::Control;
use super::fault::Fault;
use super::http2;
use socket2::SockRef;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// The most bytes that are forwarded at a time.
const PART: usize = 8 * 1024;

/// Serves a client by its fault, until both sides have ended the connection.
pub(super) fn serve(client: TcpStream, upstream: SocketAddr, fault: Fault, control: &Control) -> io::Result<()> {
    let Some(client) = control.enter(client) else {
        return Ok(());
    };
    let (delay, latency, length) = match fault {
        Fault::Pass => (Duration::ZERO, Duration::ZERO, usize::MAX),
        Fault::Delay(delay) => (delay, Duration::ZERO, usize::MAX),
        Fault::Latency(latency) => (Duration::ZERO, latency, usize::MAX),
        Fault::Truncate(length) => (Duration::ZERO, Duration::ZERO, length),
        Fault::Stall => return drain(&client),
        Fault::GoAway | Fault::RefuseStream => {
            http2::refuse(&client, fault == Fault::RefuseStream)?;
            return drain(&client);
        }
        // A refused client reaches this arm only if it connected before the port closed.
        Fault::Refuse | Fault::Reset => return reset(&client),
    };
    let Ok(server) = TcpStream::connect(upstream) else {
        return reset(&client);
    };
    let Some(server) = control.enter(server) else {
        return Ok(());
    };
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    thread::scope(|scope| {
        scope.spawn(|| send(&client, &server));
        let mut first = Some(delay);
        let pause = || control.pause(first.take().unwrap_or_default() + latency);
        let replied = reply(&server, &client, length, pause);
        if replied.is_err() {
            // Ends the other direction as well.
            let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
        }
        replied
    })
}

/// Forwards the client's bytes and always reads to their end, since closing with unread bytes sends a reset.
fn send(client: &TcpStream, server: &TcpStream) -> io::Result<()> {
    if io::copy(&mut &*client, &mut &*server).is_ok() {
        let _ = server.shutdown(Shutdown::Write);
    }
    drain(client)
}

/// Forwards the first `length` bytes of the server's reply, after a pause before each part.
fn reply(mut server: &TcpStream, mut client: &TcpStream, length: usize, mut pause: impl FnMut()) -> io::Result<()> {
    let (mut part, mut left) = ([0; PART], length);
    while left > 0 {
        let most = left.min(PART);
        let read = server.read(&mut part[..most])?;
        if read == 0 {
            return client.shutdown(Shutdown::Write);
        }
        pause();
        client.write_all(&part[..read])?;
        left -= read;
    }
    client.shutdown(Shutdown::Write)?;
    server.shutdown(Shutdown::Both)
}

/// Reads and discards everything.
fn drain(mut client: &TcpStream) -> io::Result<()> {
    let mut part = [0; PART];
    while client.read(&mut part)? > 0 {}
    Ok(())
}

/// Makes closing the connection send a TCP reset, by setting its linger time to zero.
fn reset(client: &TcpStream) -> io::Result<()> {
    SockRef::from(client).set_linger(Some(Duration::ZERO))
}
