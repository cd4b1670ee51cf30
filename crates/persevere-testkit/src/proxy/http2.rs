//! A server of HTTP/2 that processes no request, as far as its frames go (RFC 9113, sections 3.4, 4.1 and 6).

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::vec::Vec;

/// The bytes with which a client begins.
const PREFACE: usize = 24;

/// Types of frames.
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;

const ACK: u8 = 1;
const REFUSED_STREAM: u32 = 7;

/// Waits for the first request, and answers with `GOAWAY`: it was not processed. `is_reset` resets its stream first.
pub(super) fn refuse(mut client: &TcpStream, is_reset: bool) -> io::Result<()> {
    client.read_exact(&mut [0; PREFACE])?;
    client.write_all(&frame(SETTINGS, 0, 0, &[]))?;
    let stream = loop {
        let mut head = [0; 9];
        client.read_exact(&mut head)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        io::copy(&mut client.take(length.into()), &mut io::sink())?;
        match (head[3], head[4]) {
            (SETTINGS, flags) if flags & ACK == 0 => client.write_all(&frame(SETTINGS, ACK, 0, &[]))?,
            (HEADERS, _) => break u32::from_be_bytes([head[5] & 0x7F, head[6], head[7], head[8]]),
            _ => {}
        }
    };
    // After the reset, `GOAWAY` names the stream as the last one; without the reset, no stream was processed.
    let last = if is_reset { stream } else { 0 };
    if is_reset {
        client.write_all(&frame(RST_STREAM, 0, stream, &REFUSED_STREAM.to_be_bytes()))?;
    }
    // The last stream, and the error code 0: no error.
    client.write_all(&frame(GOAWAY, 0, 0, &[last.to_be_bytes(), [0; 4]].concat()))?;
    client.shutdown(Shutdown::Write)
}

/// A frame with a payload of less than 256 bytes.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = [0, 0, payload.len() as u8];
    [&length[..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}
