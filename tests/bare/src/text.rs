//! Text without an allocator.

use core::fmt;

/// Up to 128 bytes of text.
pub(crate) struct Text {
    bytes: [u8; 128],
    length: usize,
}

impl Text {
    /// Formats `arguments`, if the text fits.
    pub(crate) fn of(arguments: fmt::Arguments<'_>) -> Result<Text, fmt::Error> {
        let mut text = Text {
            bytes: [0; 128],
            length: 0,
        };
        fmt::write(&mut text, arguments)?;
        Ok(text)
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        let end = self.length + more.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(more.as_bytes());
        self.length = end;
        Ok(())
    }
}
