//! One connection through a proxy.

use super::control::Control;
use super::fault::Fault;
use socket2::SockRef;
use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// The most bytes that are passed on at a time.
const PART: usize = 8 * 1024;

/// Serves a client as its fault says, until both sides have ended it.
pub(super) fn serve(client: TcpStream, upstream: SocketAddr, fault: Fault, control: &Control) -> io::Result<()> {
    let Some(client) = control.enter(client) else {
        return Ok(());
    };
    let (delay, length) = match fault {
        Fault::Pass => (Duration::ZERO, usize::MAX),
        Fault::Delay(delay) => (delay, usize::MAX),
        Fault::Truncate(length) => (Duration::ZERO, length),
        Fault::Stall => return drain(&client),
        // Whoever is to be refused does not come here.
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
        let replied = reply(&server, &client, length, || control.pause(delay));
        if replied.is_err() {
            // The other direction ends as well.
            let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
        }
        replied
    })
}

/// Passes on what the client sends, and reads it to its end in any case: to close with something unread would be a reset.
fn send(client: &TcpStream, server: &TcpStream) -> io::Result<()> {
    if io::copy(&mut &*client, &mut &*server).is_ok() {
        let _ = server.shutdown(Shutdown::Write);
    }
    drain(client)
}

/// Passes on so many bytes of what the server replies, after a pause before the first.
fn reply(mut server: &TcpStream, mut client: &TcpStream, length: usize, pause: impl FnOnce()) -> io::Result<()> {
    let (mut part, mut left, mut pause) = ([0; PART], length, Some(pause));
    while left > 0 {
        let most = left.min(PART);
        let read = server.read(&mut part[..most])?;
        if read == 0 {
            return client.shutdown(Shutdown::Write);
        }
        if let Some(pause) = pause.take() {
            pause();
        }
        client.write_all(&part[..read])?;
        left -= read;
    }
    client.shutdown(Shutdown::Write)?;
    server.shutdown(Shutdown::Both)
}

/// Reads to the end.
fn drain(mut client: &TcpStream) -> io::Result<()> {
    let mut part = [0; PART];
    while client.read(&mut part)? > 0 {}
    Ok(())
}

/// Closing with no time to linger is what makes TCP send a reset.
fn reset(client: &TcpStream) -> io::Result<()> {
    SockRef::from(client).set_linger(Some(Duration::ZERO))
}
