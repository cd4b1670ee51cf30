//! The `RateLimit` header, a structured field: `"burst";r=0;t=5, "hourly";r=70;t=1800`.

use super::number;
use http::HeaderValue;
use http::header::GetAll;
use std::time::Duration;

/// The longest wait of the exhausted policies.
pub(super) fn wait(lines: GetAll<'_, HeaderValue>) -> Option<Duration> {
    let members = lines.iter().flat_map(|line| Split::new(line.as_bytes(), b','));
    members.filter_map(member).max()
}

/// The wait of one policy; `None` if something is left of it.
fn member(member: &[u8]) -> Option<Duration> {
    let (mut remaining, mut wait) = (None, None);
    for parameter in Split::new(member, b';').skip(1) {
        let mut parts = parameter.splitn(2, |byte| *byte == b'=');
        let (name, value) = (parts.next()?.trim_ascii(), parts.next().unwrap_or_default());
        match name {
            b"r" => remaining = number::parse(value.trim_ascii()),
            b"t" => wait = number::parse(value.trim_ascii()),
            _ => {}
        }
    }
    wait.filter(|_| remaining == Some(0)).map(Duration::from_secs)
}

/// The parts between separators that are not within a quoted string.
struct Split<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> Split<'a> {
    const fn new(value: &'a [u8], separator: u8) -> Self {
        Split {
            rest: Some(value),
            separator,
        }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest.take()?;
        let (mut is_quoted, mut is_escaped) = (false, false);
        for (place, byte) in rest.iter().enumerate() {
            match *byte {
                _ if is_escaped => is_escaped = false,
                b'\\' if is_quoted => is_escaped = true,
                b'"' => is_quoted = !is_quoted,
                byte if byte == self.separator && !is_quoted => {
                    self.rest = Some(&rest[place + 1..]);
                    return Some(&rest[..place]);
                }
                _ => {}
            }
        }
        Some(rest)
    }
}
