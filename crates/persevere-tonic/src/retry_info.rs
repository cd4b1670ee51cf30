//! The delay of a `google.rpc.RetryInfo`, read from the bytes of `grpc-status-details-bin`.
//!
//! Read without a library of Protocol Buffers, since the fields are few, and since no bytes of a server may cause a
//! panic.

use std::time::Duration;

/// The type of the details that hold the delay, after the host.
const TYPE: &[u8] = b"google.rpc.RetryInfo";

/// The delay of the first `RetryInfo` among the details of a `google.rpc.Status`; `None` if there is none, or if it is
/// negative or invalid.
pub(crate) fn retry_delay(status: &[u8]) -> Option<Duration> {
    Fields(status).find_map(|field| match field {
        (3, Value::Bytes(any)) => delay_of(any),
        _ => None,
    })
}

/// The delay of a `google.protobuf.Any`, if that is a `RetryInfo`.
fn delay_of(any: &[u8]) -> Option<Duration> {
    let url = bytes(any, 1)?;
    let name = url.rsplit(|byte| *byte == b'/').next()?;
    if name != TYPE || name.len() == url.len() {
        return None;
    }
    let duration = bytes(bytes(any, 2)?, 1)?;
    // Negative numbers have the highest bit, and do not convert.
    let seconds = u64::try_from(number(duration, 1) as i64).ok()?;
    let nanos = u32::try_from(number(duration, 2) as i64).ok()?;
    (nanos < 1_000_000_000).then(|| Duration::new(seconds, nanos))
}

/// The last field of this number, as bytes.
fn bytes(message: &[u8], number: u64) -> Option<&[u8]> {
    let fields = Fields(message).filter_map(|field| match field {
        (found, Value::Bytes(bytes)) if found == number => Some(bytes),
        _ => None,
    });
    fields.last()
}

/// The last field of this number, as an integer, by default 0.
fn number(message: &[u8], number: u64) -> u64 {
    let fields = Fields(message).filter_map(|field| match field {
        (found, Value::Number(value)) if found == number => Some(value),
        _ => None,
    });
    fields.last().unwrap_or(0)
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// The fields of a message, until its end or the first invalid byte.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => Value::Number(self.varint()?),
            1 => self.take(8).map(|_| Value::Fixed)?,
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => self.take(4).map(|_| Value::Fixed)?,
            _ => return None,
        };
        Some((tag >> 3, value))
    }
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// At most ten bytes, seven bits in each.
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1)?[0];
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }
}
